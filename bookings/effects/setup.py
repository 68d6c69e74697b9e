"""Setting up what an agreement needs (calendar entry, video room), or confirming at once where people do that themselves."""

from calendars import services as calendars
from notifications.outbox import Due

from ..context import Consequence, Context
from ..enums import Actor, Status
from .base import Change, Effect
from .mails import confirm_to_both, foretell_confirmation

SET_UP_TOPIC = "bookings.set_up"


def set_up_or_confirm(change: Change) -> None:
    """Queue the jobs of a booking that is setting up; otherwise tell both sides now (decisions.md 7, S1.10)."""
    booking = change.booking
    if booking.status == Status.CONFIRMED:
        confirm_to_both(change)
        return
    work = {"booking_id": str(booking.pk)}
    change.later.append(Due(SET_UP_TOPIC, f"{booking.code}:{booking.last_sequence}", work, change.context.now))


def forget_room(change: Change) -> None:
    """The room was made for other people: the provider before knows its address (T34). No statement where there is none to make."""
    if change.context.policy.logistics == "automatic":
        calendars.forget_meeting(key=change.booking.reference)


def _foretell_room(context: Context) -> list[Consequence]:
    place = context.successor.service.place if context.successor else context.place
    if context.policy.logistics != "automatic" or place != "video":
        return []
    both = "both" if context.actor == Actor.STAFF else "both of you"
    return [Consequence("video", f"A video room is made, and the link is sent to {both}.")]


def _foretell(context: Context) -> list[Consequence]:
    lines, is_staff = _foretell_room(context), context.actor == Actor.STAFF
    if context.policy.logistics == "manual":
        who = context.other_name if is_staff else f"You and {context.other_name}"
        themselves = "themselves" if is_staff else "yourselves"
        lines.append(Consequence("message-square", f"{who} arrange the details {themselves}."))
    return lines + foretell_confirmation(context)


FORGET_ROOM = Effect(forget_room)
SET_UP_ANEW = Effect(set_up_or_confirm, _foretell_room)
SET_UP_OR_CONFIRM = Effect(set_up_or_confirm, _foretell)
