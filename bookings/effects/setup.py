"""Setting up what an agreement needs (calendar entry, video room), or confirming at once where people do that themselves."""

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


def _foretell(context: Context) -> list[Consequence]:
    lines, is_staff = [], context.actor == Actor.STAFF
    if context.policy.logistics == "automatic" and context.place == "video":
        both = "both" if is_staff else "both of you"
        lines.append(Consequence("video", f"A video room is made, and the link is sent to {both}."))
    elif context.policy.logistics == "manual":
        who = context.other_name if is_staff else f"You and {context.other_name}"
        themselves = "themselves" if is_staff else "yourselves"
        lines.append(Consequence("message-square", f"{who} arrange the details {themselves}."))
    return lines + foretell_confirmation(context)


SET_UP_OR_CONFIRM = Effect(set_up_or_confirm, _foretell)
