"""The facts on which the workflow judges: loaded here, under the lock where something is to be done, and frozen."""

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from accounts import queries as accounts
from accounts.enums import Role
from accounts.models import Membership
from credits import queries as credits
from marketplace import queries as marketplace
from marketplace.models import Service

from .. import clashes, credit_flow, late_changes, workflow
from ..context import (
    Clash,
    Context,
    Gone,
    LastEvent,
    LateCount,
    OpenProposal,
    Outcome,
    Reader,
    Successor,
    TimeOnTable,
)
from ..enums import (
    AGREED,
    OVER,
    Action,
    Actor,
    CreditStatus,
    LateChangeKind,
    LateChangeState,
    ProposalState,
    Status,
    SupportState,
)
from ..links import zone_of
from ..models import Booking, LateChange, Proposal
from ..queries import times_by_age
from .tables import as_open

PUTS_TIMES_FORWARD = (
    Action.REQUEST,
    Action.INVITE,
    Action.BOOK,
    Action.SUGGEST,
    Action.RESCHEDULE,
    Action.AMEND,
    Action.ASK_SUPPORT,
)
KEEPS_ITS_TIME = (Action.REOPEN, Action.REASSIGN)
DIRECT = (Action.BOOK, Action.RESCHEDULE, Action.AMEND)
SAYS_HOW_IT_WENT = (Action.COMPLETE, Action.NO_SHOW)
# What weakens an "it is taken" when the booking itself takes it: another time of its own may overlap the old one.
TAKEN = ("busy", "buffer", "asked")


def facts_about(
    booking: Booking,
    *,
    action: Action,
    actor: Actor,
    now: datetime,
    by: Membership | None = None,
    reader: Reader | None = None,
    start: datetime | None = None,
    offer: Sequence[TimeOnTable] = (),
    anyway: Collection[datetime] = (),
    new_service: Service | None = None,
    **details: Any,
) -> Context:
    """The facts for `workflow.check`, `exists_for` and `preview` about a booking as it stands (UTC throughout).

    `start` chooses a time of the open proposal, `offer` are times that the action itself puts forward, if it does, `anyway` those
    starts of it that a client suggests although they are not offered (D-3). `new_service` is another provider's, with them and
    their member: to whom staff give it. `details`:
    clash_accepted, consequences_accepted, reason_code, reason_text, message, notes, absent, on_behalf_of, new_price,
    credits_back, setup_done.
    """
    newest = _newest_proposal(booking)
    proposal = _as_open(newest)
    to = new_service if action == Action.REASSIGN else None
    if anyway:
        offer = marked(offer, booking, anyway, now)
    offer = tuple(offer) if action in PUTS_TIMES_FORWARD else ()
    if action in KEEPS_ITS_TIME:
        chosen = TimeOnTable(booking.starts_at, booking.minutes, booking.price) if booking.starts_at else None
    elif action in DIRECT:
        chosen = offer[0] if offer else None
    else:
        chosen = next((time for time in proposal.times if time.starts_at == start), None) if proposal else None
    wanted = offer or ((chosen,) if chosen else ())
    if action == Action.REASSIGN:
        wanted = wanted or (proposal.times if proposal else ())
    context = Context(
        action=action,
        actor=actor,
        now=now,
        policy=booking.policy,
        words=booking.tenant.words,
        reader=reader or reader_of(by, booking),
        status=None if booking._state.adding else Status(booking.status),
        provider_name=booking.provider.name,
        service_name=booking.service.name,
        client_name=booking.client.name,
        proposal=proposal,
        newest_times=newest.times if newest else (),
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        price=booking.price,
        credit_status=CreditStatus(booking.credit_status),
        hold_id=booking.hold_id,
        pay_by=booking.pay_by,
        chosen=chosen,
        offer=offer,
        gone=_gone(booking, offer, now, _suggested(action, anyway)) if actor == Actor.CLIENT else (),
        clashes=_clashes(with_service(booking, to), wanted) if to else _clashes(booking, wanted),
        taken=_taken(booking, proposal) if action == Action.CLOSE and proposal else (),
        cancel_asked=booking.cancel_asked_at is not None,
        held_said_by=Actor(booking.held_by) if booking.held_by else None,
        undone_at=_undone_at(booking) if action == Action.COMPLETE and actor == Actor.SYSTEM else None,
        place=booking.service.place,
        is_instant=booking.service.is_instant,
        hides_asked=marketplace.hides_asked(booking.service, booking.policy),
        successor=_successor(booking, to, by) if to else None,
        alone_limit=_alone_limit(action, by, details.get("credits_back")),
        **_more_facts(booking, actor, now),
        **details,
    )
    # Only who comes too late is told what happened.
    return context if workflow.row_for(context) else replace(context, last=last_event(booking))


def with_balance(context: Context, booking: Booking) -> Context:
    """The facts with what the client may use, for pages that foretell what is held. One query where prices can differ."""
    times = (*context.newest_times, *context.offer)
    is_held = context.credit_status == CreditStatus.BLOCKED and all(time.price == context.price for time in times)
    if context.policy.price_unit != "credits" or (is_held and context.action != Action.CHANGE_PRICE):
        return context
    return replace(context, available=credits.balances(booking.client).available)


def with_service(booking: Booking, service: Service) -> Booking:
    """The booking as it would be with this service and its provider: a copy to ask of, never saved (T34)."""
    other = copy(booking)
    other.service, other.provider = service, service.provider
    return other


def _successor(booking: Booking, service: Service, by: Membership | None) -> Successor:
    provider = service.provider
    return Successor(
        service,
        is_same=provider.pk == booking.provider_id,
        is_client=provider.member_id == booking.client_id,
        is_actor=by is not None and provider.member_id == by.pk,
        is_offered=provider.is_published and service.is_active and not marketplace.is_paused(service),
    )


def _alone_limit(action: Action, by: Membership | None, credits_back: int | None) -> int | None:
    # As for adjustments, today's rules say what one person may do, not those of the day of the booking.
    decides = action == Action.CHANGE_PRICE or (action == Action.CANCEL and credits_back is not None)
    if not decides or by is None or by.has(Role.OWNER):
        return None
    return accounts.current_policy().policy.adjust_alone_limit


def _more_facts(booking: Booking, actor: Actor, now: datetime) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    # A wish may outlive what it was about: staff answer it even then (PG-35b).
    if booking.status in AGREED or (actor == Actor.STAFF and booking.status in (*OVER, Status.CANCELLED)):
        facts["support_asked"] = booking.support_requests.filter(state=SupportState.OPEN).exists()
    is_reopened = booking.status == Status.CANCELLED and actor == Actor.STAFF
    if (booking.status in AGREED or is_reopened) and booking.policy.late_change_hours:
        facts |= standing_facts(booking, now)
    if booking.status in OVER:
        facts["outcome"] = _outcome(booking)
    may_be_taken_back = booking.status in OVER or is_reopened
    if may_be_taken_back and booking.hold_id and booking.credit_status != CreditStatus.BLOCKED:
        facts["is_spent_elsewhere"] = credits.is_spent_elsewhere(booking.hold_id)
    return facts


def standing_facts(booking: Booking, now: datetime) -> dict[str, Any]:
    """What a late change would add to, and what it could pause: the facts `late` and `listed_topics` of a Context."""
    counts = Q(at__gt=now - late_changes.COUNTS_FOR) | Q(booking=booking)
    rows = LateChange.objects.filter(counts, provider=booking.provider_id)
    found = list(rows.values_list("kind", "state", "booking_id", "at"))
    late = {
        kind: LateCount(
            sum(
                1
                for of, state, _, at in found
                if of == kind and state == LateChangeState.COUNTED and now < late_changes.counts_until(at)
            ),
            any(
                of == kind and which == booking.pk and state != LateChangeState.UNDONE for of, state, which, _ in found
            ),
        )
        for kind in LateChangeKind
    }
    if booking.policy.suspends_topics != "at_once":
        return {"late": late}
    return {"late": late, "listed_topics": tuple(marketplace.listed_topics(booking.provider))}


def _undone_at(booking: Booking) -> datetime | None:
    undone = booking.events.filter(action=Action.UNDO).order_by("-sequence").first()
    return undone.at if undone else None


def _outcome(booking: Booking) -> Outcome | None:
    said = booking.events.filter(action__in=SAYS_HOW_IT_WENT).order_by("-sequence").first()
    if said is None:
        return None
    return Outcome(Actor(said.actor), said.at, is_contested=booking.contested_at is not None)


def marked(
    offer: Sequence[TimeOnTable], booking: Booking, anyway: Collection[datetime], now: datetime
) -> tuple[TimeOnTable, ...]:
    """The times, with a mark at those that are suggested anyway and lie outside the provider's hours (D-3)."""
    return tuple(
        replace(time, is_outside=time.starts_at in anyway and is_outside_hours(booking, time, now)) for time in offer
    )


def is_outside_hours(booking: Booking, time: TimeOnTable, now: datetime) -> bool:
    """Whether the time lies outside the provider's hours as they are now. One query."""
    provider, service, policy = booking.provider, booking.service, booking.policy
    return marketplace.is_outside_hours(provider, service, policy, time.starts_at, minutes=time.minutes, now=now)


def _suggested(action: Action, anyway: Collection[datetime]) -> Collection[datetime]:
    # What is agreed at once needs the provider's own hours: nobody answers.
    return anyway if action == Action.SUGGEST else ()


def _gone(
    booking: Booking, offer: Sequence[TimeOnTable], now: datetime, anyway: Collection[datetime]
) -> tuple[Gone, ...]:
    service, policy = booking.service, booking.policy
    found = []
    for time in offer:
        is_anyway = time.starts_at in anyway
        reason = marketplace.why_not(booking.provider, service, policy, time.starts_at, now=now, anyway=is_anyway)
        if reason and not (reason.code in TAKEN and not _taken_by_others(booking, time)):
            found.append(Gone(time.starts_at, reason))
    return tuple(found)


def _taken_by_others(booking: Booking, time: TimeOnTable) -> bool:
    return any(clash.of == Actor.PROVIDER for clash in clashes.at(booking, time))


def _clashes(booking: Booking, times: Sequence[TimeOnTable]) -> tuple[Clash, ...]:
    found = clashes.at_many([(booking, time) for time in times])
    return tuple(dict.fromkeys(clash for several in found.values() for clash in several))


def _taken(booking: Booking, proposal: OpenProposal) -> tuple[datetime, ...]:
    found = clashes.at_many([(booking, time) for time in proposal.times])
    return tuple(
        start
        for (_, start), several in found.items()
        if any(clash.is_agreed and not clash.may_lapse and clash.of == Actor.PROVIDER for clash in several)
    )


def reader_of(by: Membership | None, booking: Booking) -> Reader:
    """In whose zone and clock sentences speak to `by`; the tenant's for the system."""
    if by is None:
        return Reader(booking.tenant.time_zone)
    return Reader(zone_of(by, booking), by.user.hour_cycle)


def open_proposal(booking: Booking) -> OpenProposal | None:
    """The proposal that waits for an answer, with its times in order of preference."""
    return _as_open(_newest_proposal(booking))


def _newest_proposal(booking: Booking) -> "Newest | None":
    # The open one, if any, is the newest: a new one is put on the table only where none is open any more.
    rows = [] if booking._state.adding else times_by_age(booking.pk)
    if not rows:
        return None
    proposal = rows[0].proposal
    times = [row for row in rows if row.proposal_id == proposal.pk]
    return Newest(proposal, tuple(TimeOnTable.of(time) for time in times))


class Newest(NamedTuple):
    """A booking's last proposal, open or closed, with its times in order of preference."""

    proposal: Proposal
    times: tuple[TimeOnTable, ...]


def _as_open(newest: Newest | None) -> OpenProposal | None:
    if newest is None or newest.proposal.state != ProposalState.OPEN:
        return None
    return as_open(newest.proposal, newest.times)


def last_event(booking: Booking) -> LastEvent | None:
    """What happened last, for the sentence that tells a loser of a race."""
    if booking._state.adding:
        return None
    event = booking.events.exclude(action=Action.NOTE).select_related("by").order_by("-sequence").first()
    if event is None:
        return None
    return LastEvent(Action(event.action), Actor(event.actor), event.by.name if event.by else "The system", event.at)


def reason_words(context: Context) -> str:
    """The reason as people read it: their own words, else the line they chose."""
    if context.reason_text:
        return context.reason_text
    listed = (*context.policy.decline_reasons, *context.policy.cancel_reasons)
    return next((reason.text for reason in listed if reason.code == context.reason_code), "")


def event_data(context: Context, booking: Booking) -> dict[str, Any]:
    """Old and new values, and the rule with its numbers as they were then (D-5)."""
    data: dict[str, Any] = {}
    if context.offer:
        data["times"] = [time.starts_at.isoformat() for time in context.offer]
        data["minutes"] = context.offer[0].minutes
        data["rule"] = {
            "answer_window_hours": context.policy.answer_window_hours,
            "answer_lead_hours": context.policy.answer_lead_hours,
        }
    if context.starts_at is not None:
        data["was"] = context.starts_at.isoformat()
    if context.chosen:
        data["start"] = context.choice.starts_at.isoformat()
        data["minutes"] = context.choice.minutes
    if context.action == Action.EXPIRE and context.proposal:
        data["answer_by"] = context.table.answer_by.isoformat()
    if context.action == Action.CANCEL and context.starts_at is not None:
        data["hours_before"] = round(context.remaining.total_seconds() / 3600, 1)
        data["is_late_change"] = bool(context.policy.late_change_hours and context.is_late_change)
        if context.actor == Actor.CLIENT and context.price:
            data["price"] = {
                "returned": context.fee.returned,
                "kept": context.fee.kept,
                "to_provider": context.fee.to_provider,
            }
    if moved := _credits_moved(context, booking):
        data["credits"] = moved
    data |= _decided(context)
    if context.absent or context.action == Action.NO_SHOW:
        data["absent"] = context.absent or (Actor.PROVIDER if context.actor == Actor.CLIENT else Actor.CLIENT)
    return data


def _decided(context: Context) -> dict[str, Any]:
    """What staff decide anew: the price, or whose it is."""
    if context.action == Action.CHANGE_PRICE:
        return {"price_change": {"was": credit_flow.costs(context), "now": context.price_to_be}}
    if context.successor is None:
        return {}
    was = {"was": context.provider_name, "was_service": context.service_name}
    return {"handover": was | {"now": context.successor.name, "service": context.successor.service.name}}


def _credits_moved(context: Context, booking: Booking) -> dict[str, int]:
    """What the action did to the client's credits: held, missing, or how the price was divided."""
    due, held = credit_flow.due(context), credit_flow.held(context)
    if due is not None and due != held:
        missing = credit_flow.missing(context)
        return {"missing": missing} if booking.status == Status.WAITING else {"held": due, "before": held}
    split = credit_flow.settlement(context, Status(booking.status))
    if credit_flow.takes_back(context):
        return {"held": context.price, "before": 0}
    if split and booking.status != context.status and context.hold_id and booking.credit_status != CreditStatus.NONE:
        return {"returned": split.returned, "kept": split.kept, "to_provider": split.to_provider}
    return {}
