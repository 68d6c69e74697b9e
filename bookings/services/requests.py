"""A client asks for a session (T7, S0.6-S0.10, S1.8)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts import queries as accounts
from accounts.enums import Role
from accounts.formatting import plural
from accounts.models import Membership, PolicyVersion
from accounts.services import join
from calendars import queries as time_queries
from calendars import services as calendars
from calendars.models import Calendar
from calendars.services import TimeTaken
from calendars.slots import Reason, ReasonCode, nearest
from marketplace import queries as marketplace
from marketplace.models import Service

from .. import workflow
from ..context import Context, Reader, Refusal, TimeOnTable
from ..enums import Action, Actor, Status
from ..models import Booking
from .beginnings import already_made, by_key, free_code, new_booking, paused
from .facts import marked
from .transitions import Refused, carry_out, with_credits

MAX_NOTES = 2000
_LOOK_AROUND = timedelta(days=14)


@dataclass(frozen=True)
class GoneTime:
    """A chosen start (UTC) that can't be asked for, and why."""

    start: datetime
    reason: Reason


class SlotGone(Refused):
    """Some chosen times can't be asked for (any more): which, why, and the nearest that can (PG-05, CK-15)."""

    def __init__(self, refusal: Refusal, gone: list[GoneTime], nearest_free: list[datetime]) -> None:
        super().__init__(refusal)
        self.gone, self.nearest_free = gone, nearest_free


def request_session(
    *,
    client: Membership,
    service: Service,
    starts: Sequence[datetime],
    now: datetime,
    notes: str = "",
    request_key: str = "",
    reader: Reader | None = None,
    earlier: Booking | None = None,
    anyway: Collection[datetime] = (),
) -> Booking:
    """Ask `service.provider` for a session at one of `starts` (aware, in order of preference).

    Those of them in `anyway` may lie outside what is offered, where the tenant allows it (T7, D-3). `earlier` is the booking
    that this one tries again (T30). The same `request_key` of the same client makes one booking,
    however often it is sent; the first one is returned. Raises SlotGone when a time can't be had, Refused for everything
    else; then nothing has changed.
    """
    reader = reader or Reader(client.user.time_zone or client.tenant.time_zone, client.user.hour_cycle)
    try:
        with transaction.atomic():
            held = calendars.lock([service.provider.calendar])
            service.provider.member = held[0].member
            # Asked in our turn at the calendar, so that of many presses at one instant the first is found by all others.
            code, alike = free_code(client, service, request_key)
            if made_before := by_key(alike, request_key):
                return made_before
            version = accounts.current_policy()
            if refusal := _refusal(client, service, starts, notes, version, alike):
                raise Refused(refusal)
            _refuse_gone_times(service, starts, version, now, anyway)
            if Role.CLIENT not in client.roles:
                join(user=client.user, roles=[Role.CLIENT])
            booking = new_booking(
                client, service, code, version, now=now, notes=notes, request_key=request_key, earlier=earlier
            )
            times = sorted_times(service, starts)
            if anyway:
                times = marked(times, booking, anyway, now)
            return _begin(booking, times, now, reader, held)
    except TimeTaken as taken:
        raise Refused(Refusal("busy", "Many people are asking at this moment. Try again.", is_conflict=True)) from taken
    except IntegrityError:
        # Two presses of one button at the same instant: the other one has made it.
        if made_meanwhile := already_made(client, request_key):
            return made_meanwhile
        raise


def check_request(
    *, service: Service, starts: Sequence[datetime], now: datetime, notes: str = "", anyway: Collection[datetime] = ()
) -> None:
    """Raise what `request_session` would raise whoever asks: before a guest is sent for a code (PG-05). Changes nothing."""
    version = accounts.current_policy()
    if refusal := _refusal_of_anybody(service, starts, notes, version):
        raise Refused(refusal)
    _refuse_gone_times(service, starts, version, now, anyway)


def sorted_times(service: Service, starts: Sequence[datetime]) -> tuple[TimeOnTable, ...]:
    """The times in the client's order, each with the service's length and price."""
    return tuple(TimeOnTable(start, service.minutes, service.price) for start in starts)


def long_notes(notes: str) -> Refusal | None:
    """Why these notes can't be sent; None when they fit. Said before anybody signs in, too (PG-05)."""
    over = len(notes) - MAX_NOTES
    if over <= 0:
        return None
    return Refusal("notes", f"Your notes are {plural(over, 'character')} too long: {MAX_NOTES} fit.", field="notes")


def _refusal(
    client: Membership,
    service: Service,
    starts: Sequence[datetime],
    notes: str,
    version: PolicyVersion,
    alike: Sequence[Booking],
) -> Refusal | None:
    provider, words = service.provider, client.tenant.words
    if provider.member_id == client.pk:
        return Refusal("own", f"You can't ask yourself for {words.a_session}. Choose {words.a_provider}.")
    if refusal := _refusal_of_anybody(service, starts, notes, version):
        return refusal
    if not alike:
        return None
    open_requests = Booking.objects.filter(
        client=client, provider=provider, status=Status.PENDING, proposals__times__starts_at__in=starts
    )
    if double := open_requests.first():
        return Refusal("double", f"You have asked {provider.name} for this time already: {double.code}.", field="slot")
    return None


def _refusal_of_anybody(
    service: Service, starts: Sequence[datetime], notes: str, version: PolicyVersion
) -> Refusal | None:
    provider, policy = service.provider, version.policy
    if not provider.is_published or not service.is_active:
        return Refusal("closed", f"{provider.name} does not offer this any more. Choose something else.")
    if refusal := paused(service):
        return refusal
    if not starts:
        return Refusal("no_time", "Choose a time first.", field="slot")
    if len(set(starts)) != len(starts):
        return Refusal("same_time", "You chose one time twice. Remove one of them.", field="slot")
    if len(starts) > policy.max_times:
        return Refusal("too_many", f"You can ask for {policy.max_times} at most. Remove the others.", field="slot")
    return long_notes(notes)


def _refuse_gone_times(
    service: Service, starts: Sequence[datetime], version: PolicyVersion, now: datetime, anyway: Collection[datetime]
) -> None:
    policy = version.policy
    reasons = {
        start: marketplace.why_not(service.provider, service, policy, start, now=now, anyway=start in anyway)
        for start in starts
    }
    gone = [GoneTime(start, reason) for start, reason in reasons.items() if reason]
    if not gone:
        return
    wanted = gone[0].start
    around = time_queries.bookable(
        service.provider.calendar,
        marketplace.rules_of(service, policy),
        since=max(marketplace.takes_requests_from(service.provider, now), wanted - _LOOK_AROUND),
        until=max(now, wanted) + _LOOK_AROUND,
        now=now,
        hide_asked=marketplace.hides_asked(service, policy),
    )
    free = [slot.start for slot in nearest([slot for slot in around if slot.start not in starts], wanted)]
    sentence = "That time has passed." if gone[0].reason.code == ReasonCode.PAST else "That time is not free any more."
    raise SlotGone(Refusal("gone", f"{sentence} Choose another one.", field="slot", is_conflict=True), gone, free)


def _begin(
    booking: Booking, times: tuple[TimeOnTable, ...], now: datetime, reader: Reader, held: Sequence[Calendar]
) -> Booking:
    context = Context(
        action=Action.REQUEST,
        actor=Actor.CLIENT,
        now=now,
        policy=booking.policy,
        words=booking.tenant.words,
        reader=reader,
        status=None,
        provider_name=booking.provider.name,
        client_name=booking.client.name,
        offer=times,
        place=booking.service.place,
        hides_asked=marketplace.hides_asked(booking.service, booking.policy),
    )
    context = with_credits(context, booking)
    if refusal := workflow.check(context):
        raise Refused(refusal)
    return carry_out(booking, context, booking.client, held)
