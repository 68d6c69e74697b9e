"""The clock acts too: what nobody answered in time is closed, what is over is completed (T16, T28, T40, X8)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from accounts.formatting import plural
from accounts.models import Tenant
from accounts.tenancy import tenant_scope
from notifications.services import notify

from ..context import Context
from ..effects.base import Change
from ..effects.later import reminders_of
from ..effects.mail_facts import OTHER, mail_facts, offered
from ..enums import Action, Actor, ProposalState, Status
from ..models import Booking, Proposal, ProposalTime
from .facts import facts_about
from .transitions import Refused, perform

BATCH = 200
# Further apart than any session with the time around it is long.
NEARBY = timedelta(days=1)


def expire_overdue(*, tenant: Tenant, now: datetime) -> int:
    """Close the overdue proposals of a tenant, oldest first; how many were closed. Safe to run twice at once.

    Each is closed in a transaction of its own, so that no calendar stays locked while the next one is waited for.
    """
    with tenant_scope(tenant):
        open_proposals = Proposal.objects.filter(state=ProposalState.OPEN, answer_by__lt=now)
        overdue = list(open_proposals.order_by("answer_by").values_list("booking_id", flat=True)[:BATCH])
    return _each(tenant, overdue, Action.EXPIRE, now)


def complete_ended(*, tenant: Tenant, now: datetime) -> int:
    """Complete the agreed sessions that are over for as long as their policy says; how many were completed (T40, D15)."""
    with tenant_scope(tenant):
        over = Booking.objects.filter(status=Status.CONFIRMED, starts_at__lt=now).select_related("policy_version")
        rows = over.exclude(policy_version__settings__completion="provider").order_by("starts_at")[:BATCH]
        due = [row.pk for row in rows if row.ends_at + timedelta(hours=row.policy.complete_after_hours) <= now]
    return _each(tenant, due, Action.COMPLETE, now)


def settle_waiting(*, tenant: Tenant, now: datetime, member_id: UUID | None = None) -> int:
    """Move on the bookings whose credits are there by now, and free the times of those not paid for in time; how many changed.

    All of a tenant's, or one member's when credits have come; the oldest first. Safe to run twice at once (T7c, C13, F89).
    """
    with tenant_scope(tenant):
        waiting = Booking.objects.filter(status=Status.WAITING).order_by("created_at", "pk")
        if member_id is not None:
            waiting = waiting.filter(client=member_id)
        rows = list(waiting.values_list("pk", "pay_by")[:BATCH])
    return sum(_act(tenant, pk, Action.EXPIRE if pay_by and pay_by < now else Action.PAY, now) for pk, pay_by in rows)


def close_rivals(*, booking_id: UUID, tenant: Tenant, now: datetime) -> int:
    """Close the requests whose every time this agreed booking and others have taken; how many were closed (D11)."""
    with tenant_scope(tenant):
        agreed = Booking.objects.select_related("provider__member", "client__user").get(pk=booking_id)
        asked = list(_asked_near(agreed, agreed.starts_at)) if agreed.starts_at else []
    return _each(tenant, asked, Action.CLOSE, now)


def _asked_near(agreed: Booking, starts_at: datetime) -> Iterable[UUID]:
    span = (starts_at - NEARBY, agreed.ends_at + NEARBY)
    times = ProposalTime.objects.filter(proposal__state=ProposalState.OPEN, starts_at__range=span)
    # Who is a client here may be a provider elsewhere: one person's roles share one time.
    both = (agreed.provider.member_id, agreed.client_id)
    rivals = Booking.objects.filter(status=Status.PENDING, provider__member__in=both)
    return rivals.filter(pk__in=times.values("proposal__booking")).order_by("pk").values_list("pk", flat=True)


def remind_to_answer(*, booking_id: UUID, sequence: int, now: datetime) -> None:
    """Remind the side whose answer is awaited, if the proposal of that timeline event still waits (EM-E2, X8).

    Needs the tenant's scope; for anything that moved on meanwhile nothing is left to do. Of reminders that come late and
    at once, one is sent.
    """
    booking = Booking.objects.select_related("provider__member", "client", "policy_version").get(pk=booking_id)
    event = booking.events.filter(sequence=sequence).first()
    proposal = booking.proposals.filter(state=ProposalState.OPEN).first()
    if event is None or proposal is None or (proposal.made_at, proposal.made_by) != (event.at, event.actor):
        return
    number = sum(moment <= now for moment in reminders_of(proposal.made_at, proposal.answer_by))
    if not number or now >= proposal.answer_by:
        return
    slow = OTHER[Actor(proposal.made_by)]
    context = _with_possible_times(facts_about(booking, action=Action.EXPIRE, actor=Actor.SYSTEM, now=now))
    kind = f"booking_answer_reminder_{slow}"
    notify(
        recipient=booking.provider.member if slow == Actor.PROVIDER else booking.client,
        kind=kind,
        context=mail_facts(Change(booking, context, event, held=()), slow)
        | offered(context.table.times, booking.policy)
        | {"left": time_left(proposal.answer_by - now)},
        reference=booking.reference,
        dedupe_key=f"{booking.code}:{sequence}:{kind}:{number}",
        now=now,
    )


def _with_possible_times(context: Context) -> Context:
    """Nobody is asked for a time that has dropped out meanwhile."""
    times = context.table.possible(context.policy, context.now) or context.table.times
    return replace(context, proposal=replace(context.table, times=times))


def time_left(left: timedelta) -> str:
    """What is left to answer, to the nearest hour, in days from 48 hours on: "3 hours", "3 days"."""
    hours = max(1, round(left / timedelta(hours=1)))
    return plural(hours, "hour") if hours < 48 else plural(hours // 24, "day")


def _each(tenant: Tenant, booking_ids: Iterable[UUID], action: Action, now: datetime) -> int:
    return sum(_act(tenant, booking_id, action, now) for booking_id in booking_ids)


def _act(tenant: Tenant, booking_id: UUID, action: Action, now: datetime) -> bool:
    try:
        with tenant_scope(tenant):
            booking = Booking.objects.select_related("provider").get(pk=booking_id)
            perform(booking=booking, action=action, actor=Actor.SYSTEM, by=None, now=now)
    except Refused:
        # Somebody acted at this very moment.
        return False
    return True
