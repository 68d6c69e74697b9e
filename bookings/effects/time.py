"""Effects on people's time: asked, agreed, given back."""

from datetime import timedelta

from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.models import Calendar
from calendars.services import Span

from ..context import Consequence, Context, TimeOnTable
from ..enums import AGREED, Actor, Status
from ..models import Booking
from .base import Change, Effect


def hold_table(change: Change) -> None:
    """The times on the table, and no others, stand softly in the provider's calendar: other clients don't see them
    (decisions.md 15). An agreed time beside them stays (B9)."""
    booking = change.booking
    if change.context.status is not None:
        calendars.release(reference=booking.reference, kind=ClaimKind.ASKED)
    calendars.take(
        [Span(booking.provider.calendar, *with_buffers(booking, time)) for time in change.context.table.times],
        kind=ClaimKind.ASKED,
        reference=booking.reference,
    )


def claim_session(change: Change) -> None:
    """The agreed time belongs to this session, for the provider with buffers and for the client without (decisions.md 14).

    Raises calendars.services.TimeTaken when somebody was faster.
    """
    booking, chosen = change.booking, change.context.choice
    # Old and new change places in one commit (B9).
    calendars.retake(
        [
            Span(booking.provider.calendar, *with_buffers(booking, chosen)),
            Span(_calendar_of_client(change), chosen.starts_at, chosen.ends_at),
        ],
        kind=ClaimKind.SESSION,
        reference=booking.reference,
    )


def _calendar_of_client(change: Change) -> Calendar:
    client = change.booking.client
    held = next((calendar for calendar in change.held if calendar.member_id == client.pk), None)
    if held:
        return held
    return calendars.lock([calendars.open_calendar(member=client, time_zone=client.user.time_zone or "UTC")])[0]


def move_time(change: Change) -> None:
    """What is agreed, or on the table, takes the time of whose booking it is now, and no other provider's (T34)."""
    (claim_session if change.context.starts_at else hold_table)(change)


def release_time(change: Change) -> None:
    """Whatever was held for this booking is free again."""
    calendars.release(reference=change.booking.reference)


def release_offer(change: Change) -> None:
    """Only what was held for another date is free again; the agreed time stands (decisions.md 6)."""
    calendars.release(reference=change.booking.reference, kind=ClaimKind.ASKED)


def with_buffers(booking: Booking, time: TimeOnTable) -> tuple:
    """Start and end of what the provider's calendar gives for a time, buffers included (UTC)."""
    service = booking.service
    return (
        time.starts_at - timedelta(minutes=service.buffer_before),
        time.ends_at + timedelta(minutes=service.buffer_after),
    )


def _foretell_session(context: Context) -> list[Consequence]:
    at = f"{context.when(context.choice.starts_at)} is " if context.chosen else "The time you choose is "
    moves = context.starts_at if context.status in AGREED else None
    before = [Consequence("calendar-x", f"{context.when(moves)} is free again.")] if moves else []
    if context.actor == Actor.STAFF:
        return [Consequence("calendar-check", f"{at}kept in both calendars."), *before]
    whom = f"for {context.other_name} in your calendar" if context.actor == Actor.PROVIDER else "for you"
    return [Consequence("calendar-check", f"{at}kept {whom}. You commit to being there."), *before]


def _foretell_moving(context: Context) -> list[Consequence]:
    to = context.successor.name if context.successor else "who takes it over"
    if context.starts_at:
        at = context.when(context.starts_at)
        return [
            Consequence(
                "calendar-check", f"{at} is kept in the calendar of {to}, and free for {context.provider_name}."
            )
        ]
    if context.proposal is None:
        return []
    return [Consequence("calendar-clock", f"The times on the table stay, for {context.words.a_session} with {to}.")]


def _foretell_release(context: Context) -> list[Consequence]:
    if context.starts_at:
        at = context.when(context.starts_at)
        return [Consequence("calendar-x", f"{at} is free again.")] if context.status == Status.WAITING else []
    time, are = ("time", "is") if _is_one_time(context) else ("times", "are")
    if context.actor == Actor.CLIENT:
        is_own = context.proposal is None or context.proposal.made_by == Actor.CLIENT
        which = f"The {time} you asked for" if is_own else f"The suggested {time}"
        return [Consequence("calendar-x", f"{which} {are} free again for others.")]
    return [Consequence("calendar-x", f"The {time} {are} free again for others.")]


def _is_one_time(context: Context) -> bool:
    return len(context.offer or (context.proposal.times if context.proposal else ())) == 1


def _foretell_asked(context: Context) -> list[Consequence]:
    if not context.hides_asked:
        return []
    which = "this time" if _is_one_time(context) else "these times"
    who = context.client_name if context.actor == Actor.PROVIDER else context.provider_name
    return [Consequence("calendar-clock", f"Nobody else sees {which} until {who} answers.")]


HOLD_TABLE = Effect(hold_table, _foretell_asked)
MOVE_TIME = Effect(move_time, _foretell_moving)
CLAIM_SESSION = Effect(claim_session, _foretell_session)
RELEASE_TIME = Effect(release_time, _foretell_release)
RELEASE_OFFER = Effect(release_offer)
