"""`perform`: the only writer of a booking's status. Rows first: booking, timeline, claims, outbox in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.compiled import CompiledQuery
from accounts.inserts import insert_together
from accounts.models import Membership
from accounts.tenancy import TenantModel
from calendars import services as calendars
from calendars.models import Calendar
from calendars.services import TimeTaken
from notifications.services import notify_all

from .. import clashes, workflow
from ..context import Context, LastEvent, OpenProposal, Reader, Refusal, TimeOnTable
from ..effects.base import Change
from ..enums import Action, Actor, ProposalState, Status
from ..links import zone_of
from ..models import Booking, BookingEvent, Proposal, ProposalTime


class Refused(Exception):
    """The action is not legal now; `refusal` says why and what instead. Nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


JUST_TAKEN = Refusal(
    "just_taken", "This time was taken a moment ago. Choose another time.", field="time", is_conflict=True
)


def perform(
    *,
    booking: Booking,
    action: Action,
    actor: Actor,
    by: Membership | None,
    now: datetime,
    reader: Reader | None = None,
    **details: Any,
) -> Booking:
    """Do `action` to `booking` as `actor` (T8-T17). Raises Refused and changes nothing when it is not legal now.

    `details`: start (UTC; the chosen time), clash_accepted, reason_code, reason_text, message, setup_done. `reader` is
    whose zone the sentences of a refusal speak in. Lock order for everything: calendars by id, then the booking.
    """
    try:
        with transaction.atomic():
            held = calendars.lock_of(booking.provider.member_id, booking.client_id)
            locked = _lock(booking)
            context = facts_about(locked, action=action, actor=actor, now=now, by=by, reader=reader, **details)
            if refusal := workflow.check(context):
                raise Refused(refusal)
            return carry_out(locked, context, by, held)
    except TimeTaken as taken:
        raise Refused(JUST_TAKEN) from taken


def carry_out(
    booking: Booking,
    context: Context,
    by: Membership | None,
    held: Sequence[Calendar],
    *,
    table: Sequence[TenantModel] = (),
) -> Booking:
    """Apply a row of the table that `workflow.check` has passed: status, event, proposal, effects.

    `held` are the calendars of the two; they and the booking are locked. `table` is what a new booking begins with.
    """
    row = workflow.ROWS[context.action]
    before = booking.status if row.from_ else ""
    booking.status = row.target_for(context)
    booking.last_sequence = booking.last_sequence + 1 if row.from_ else 1
    if row.proposal == ProposalState.ACCEPTED:
        # The chosen time becomes the agreed one (S0.13, S1.8).
        chosen = context.choice
        booking.starts_at, booking.minutes, booking.price = chosen.starts_at, chosen.minutes, chosen.price
    event = BookingEvent(
        booking=booking,
        sequence=booking.last_sequence,
        action=context.action,
        name=row.events[context.actor],
        status_before=before,
        status=booking.status,
        actor=context.actor,
        by=by,
        reason_code=context.reason_code,
        reason_text=_reason_words(context),
        message=context.message,
        data=_event_data(context),
        at=context.now,
    )
    if booking._state.adding:
        insert_together(booking, event, *table)
    else:
        booking.save(update_fields=_CHANGED)
        event.save(force_insert=True)
    if row.proposal is not None:
        _close_proposal(booking, row.proposal, context)
    change = Change(booking, context, event, held)
    for effect in row.effects:
        effect.apply(change)
    notify_all(change.mails, now=context.now)
    return booking


_CHANGED = ["status", "last_sequence", "starts_at", "minutes", "price"]


def facts_about(
    booking: Booking,
    *,
    action: Action,
    actor: Actor,
    now: datetime,
    by: Membership | None = None,
    reader: Reader | None = None,
    start: datetime | None = None,
    **details: Any,
) -> Context:
    """The facts for `workflow.check`, `exists_for` and `preview` about a booking as it stands (UTC throughout)."""
    proposal = open_proposal(booking)
    chosen = next((time for time in proposal.times if time.starts_at == start), None) if proposal else None
    return Context(
        action=action,
        actor=actor,
        now=now,
        policy=booking.policy,
        words=booking.tenant.words,
        reader=reader or reader_of(by, booking),
        status=Status(booking.status),
        provider_name=booking.provider.name,
        client_name=booking.client.name,
        proposal=proposal,
        starts_at=booking.starts_at,
        chosen=chosen,
        clashes=clashes.at(booking, chosen) if chosen else (),
        # Only who comes too late is told what happened.
        last=None if booking.status in workflow.ROWS[action].from_ else last_event(booking),
        place=booking.service.place,
        **details,
    )


def reader_of(by: Membership | None, booking: Booking) -> Reader:
    """In whose zone and clock sentences speak to `by`; the tenant's for the system."""
    if by is None:
        return Reader(booking.tenant.time_zone)
    return Reader(zone_of(by, booking), by.user.hour_cycle)


def open_proposal(booking: Booking) -> OpenProposal | None:
    """The proposal that waits for an answer, with its times in order of preference."""
    rows = _open_times(booking.pk)
    if not rows:
        return None
    proposal = rows[0].proposal
    times = tuple(TimeOnTable(time.starts_at, time.minutes, time.price) for time in rows)
    return OpenProposal(Actor(proposal.made_by), proposal.made_at, proposal.answer_by, times)


_open_times = CompiledQuery(
    lambda booking: (
        ProposalTime.objects.filter(proposal__booking_id=booking, proposal__state=ProposalState.OPEN)
        .select_related("proposal")
        .order_by("position")
    ),
    UUID,
)


def last_event(booking: Booking) -> LastEvent | None:
    """What happened last, for the sentence that tells a loser of a race."""
    event = booking.events.select_related("by").order_by("-sequence").first()
    if event is None:
        return None
    return LastEvent(Action(event.action), Actor(event.actor), event.by.name if event.by else "The system", event.at)


def _lock(booking: Booking) -> Booking:
    """The booking as it is now, under its lock; what it belongs to never changes and is taken from what was loaded."""
    (locked,) = _locked(booking.pk)
    for name in ("tenant", "provider", "client", "service", "policy_version"):
        setattr(locked, name, getattr(booking, name))
    return locked


_locked = CompiledQuery(
    lambda booking: Booking.objects.filter(pk=booking).select_for_update(of=("self",), no_key=True), UUID
)


def _close_proposal(booking: Booking, state: ProposalState, context: Context) -> None:
    still_open = Proposal.objects.filter(booking=booking, state=ProposalState.OPEN)
    if context.chosen and state == ProposalState.ACCEPTED:
        chosen = ProposalTime.objects.filter(proposal__in=still_open.values("pk"), starts_at=context.choice.starts_at)
        chosen.update(is_chosen=True)
    still_open.update(state=state, closed_at=context.now)


def _reason_words(context: Context) -> str:
    if context.reason_text:
        return context.reason_text
    listed = {reason.code: reason.text for reason in context.policy.decline_reasons}
    return listed.get(context.reason_code, "")


def _event_data(context: Context) -> dict[str, Any]:
    """Old and new values, and the rule with its numbers as they were then (D-5)."""
    data: dict[str, Any] = {}
    if context.action == Action.REQUEST and context.proposal:
        data["times"] = [time.starts_at.isoformat() for time in context.table.times]
        data["answer_by"] = context.table.answer_by.isoformat()
        data["rule"] = {
            "answer_window_hours": context.policy.answer_window_hours,
            "answer_lead_hours": context.policy.answer_lead_hours,
        }
    if context.action == Action.ACCEPT and context.chosen:
        data["start"] = context.choice.starts_at.isoformat()
        data["minutes"] = context.choice.minutes
    if context.action == Action.EXPIRE and context.proposal:
        data["answer_by"] = context.table.answer_by.isoformat()
    return data
