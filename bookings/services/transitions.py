"""`perform`: the only writer of a booking's status. Rows first: booking, timeline, claims, outbox in one transaction."""

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.compiled import CompiledQuery
from accounts.inserts import insert_together
from accounts.models import Membership
from calendars import services as calendars
from calendars.models import Calendar
from calendars.services import TimeTaken, taken_for_rivals
from credits import services as credits
from credits.services import TooFewCredits
from marketplace.models import Service
from notifications.services import notify_all

from .. import changes, credit_flow, guards, workflow
from ..context import Context, Reader, Refusal
from ..effects.base import Change
from ..enums import Action, Actor, Status
from ..models import Booking, BookingEvent
from ..permissions import why_not_as_staff
from .facts import event_data, facts_about, reason_words
from .tables import as_open, close_proposal, proposed


class Refused(Exception):
    """The action is not legal now; `refusal` says why and what instead. Nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


JUST_TAKEN = Refusal(
    "just_taken", "This time was taken a moment ago. Choose another time.", field="time", is_conflict=True
)
CHANGED_MEANWHILE = Refusal(
    "changed",
    "This booking changed since you opened the page. Look at it as it is now, then decide again. Nothing was changed.",
    is_conflict=True,
)


def perform(
    *,
    booking: Booking,
    action: Action,
    actor: Actor,
    by: Membership | None,
    now: datetime,
    reader: Reader | None = None,
    seen: int | None = None,
    **details: Any,
) -> Booking:
    """Do `action` to `booking` as `actor` (T8-T45). Raises Refused and changes nothing when it is not legal now.

    `details` are those of `facts_about`: start (UTC; the chosen time of the table), offer (times put forward), and what the
    forms hold. `reader` is whose zone the sentences of a refusal speak in. `seen` is the last timeline event that the page
    showed: if the booking went on since, the action is refused. Who takes part in a booking never acts on it as staff (PG-81).
    Lock order for everything: calendars by id, then the booking.
    """
    try:
        with transaction.atomic():
            held = _calendars_of(booking, details.get("new_service"))
            locked, last_at = _lock(booking)
            # Of two who act at the same moment the first to get here is the first on the timeline, too (B5).
            now = max(now, last_at)
            if refusal := why_not_as_staff(by, locked) if actor == Actor.STAFF and by else None:
                raise Refused(refusal)
            if seen is not None and seen != locked.last_sequence:
                raise Refused(CHANGED_MEANWHILE)
            context = facts_about(locked, action=action, actor=actor, now=now, by=by, reader=reader, **details)
            context = with_credits(context, locked)
            if refusal := workflow.check(context):
                raise Refused(refusal)
            return carry_out(locked, context, by, held)
    except TimeTaken as taken:
        raise Refused(JUST_TAKEN) from taken
    except TooFewCredits as short:
        raise Refused(guards.spent_elsewhere(actor)) from short


def with_credits(context: Context, booking: Booking) -> Context:
    """The facts with what the client may use, the client's wallets being locked, where the action needs more credits."""
    if not credit_flow.takes_more(context):
        return context
    with taken_for_rivals():
        return replace(context, available=credits.queue(booking.client))


def carry_out(
    booking: Booking,
    context: Context,
    by: Membership | None,
    held: Sequence[Calendar],
) -> Booking:
    """Apply the row of the table that `workflow.check` has passed: booking, timeline, proposals, effects.

    `held` are the calendars of the two; they and the booking are locked.
    """
    row = workflow.row_for(context)
    if row is None:
        raise LookupError(f"No row for {context.action} by {context.actor} in {context.status}.")
    names = row.event_names(context)
    before, first = booking.status if row.from_ else "", booking.last_sequence + 1 if row.from_ else 1
    former = copy(booking) if context.successor else None
    booking.status = row.target_for(context)
    booking.last_sequence = first + len(names) - 1
    if row.sets:
        row.sets(booking, context)
    _say_until_when_it_waits(booking, context)
    for effect in row.effects:
        effect.prepare(booking, context)
    events = _timeline(booking, context, by, names, before, first)
    if row.proposal is not None and context.proposal is not None:
        close_proposal(booking, row.proposal, context)
    table = proposed(booking, context) if row.offers else ()
    if booking._state.adding:
        insert_together(booking, *events, *table)
    else:
        booking.save(update_fields=changes.FIELDS)
        insert_together(*events, *table)
    if table:
        context = replace(context, proposal=as_open(table[0], context.offer))
    change = Change(booking, context, events[0], held, former)
    for effect in row.effects:
        effect.apply(change)
    notify_all(change.mails, now=context.now, beside=change.later)
    return booking


def _say_until_when_it_waits(booking: Booking, context: Context) -> None:
    if booking.status != Status.WAITING:
        booking.pay_by = None
    elif booking.pay_by is None:
        booking.pay_by = credit_flow.pay_by(context)


def _timeline(
    booking: Booking, context: Context, by: Membership | None, names: Sequence[str], before: str, first: int
) -> list[BookingEvent]:
    """The lines of one change: the first says all, those after it only that they belong to it (S4.26)."""
    shared = {"booking": booking, "action": context.action, "actor": context.actor, "by": by, "at": context.now}
    shared |= {"status": booking.status, "on_behalf_of": context.on_behalf_of or ""}
    lines = [
        BookingEvent(
            sequence=first,
            name=names[0],
            status_before=before,
            reason_code=context.reason_code,
            reason_text=reason_words(context),
            message=context.message,
            data=event_data(context, booking),
            **shared,
        )
    ]
    for number, name in enumerate(names[1:], start=first + 1):
        lines.append(
            BookingEvent(sequence=number, name=name, status_before=booking.status, data={"with": first}, **shared)
        )
    return lines


def _calendars_of(booking: Booking, new_service: Service | None) -> list[Calendar]:
    members = [booking.provider.member_id, booking.client_id]
    return calendars.lock_of(*members, *([new_service.provider.member_id] if new_service else []))


def _lock(booking: Booking) -> tuple[Booking, datetime]:
    """The booking as it is now, under its lock, and when it changed last (UTC).

    What it belongs to is taken from what was loaded. Only its provider, and the service with them, can be others meanwhile
    (T34): then the calendars that were locked are the wrong ones. Raises Refused.
    """
    (locked,) = _locked(booking.pk)
    if (locked.provider_id, locked.service_id) != (booking.provider_id, booking.service_id):
        raise Refused(CHANGED_MEANWHILE)
    for name in ("tenant", "provider", "client", "service", "policy_version"):
        setattr(locked, name, getattr(booking, name))
    return locked, vars(locked)["last_at"]


# Its rivals queue at the calendars before, so that what this statement sees of the timeline is the newest.
_locked = CompiledQuery(
    lambda booking: (
        Booking.objects.filter(pk=booking)
        .annotate(last_at=Subquery(_newest_first()))
        .select_for_update(of=("self",), no_key=True)
    ),
    UUID,
)


def _newest_first() -> QuerySet[BookingEvent, datetime]:
    return BookingEvent.objects.filter(booking=OuterRef("pk")).order_by("-sequence").values_list("at", flat=True)[:1]
