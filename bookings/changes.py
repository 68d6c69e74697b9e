"""What a transition sets in the booking's own row besides the status. Called by `carry_out` alone, under the lock."""

from .context import Context
from .enums import Actor
from .models import Booking

FIELDS = [
    "status", "last_sequence", "provider", "service", "starts_at", "minutes", "price", "notes", "calendar_sequence",
    "cancel_asked_at", "held_by", "absent", "contested_at", "hold_id", "credit_status", "pay_by",
]  # fmt: skip


def agreed_time(booking: Booking, context: Context) -> None:
    """The chosen time becomes the agreed one (S0.13, S1.8, S4.33). A calendar file sent before gets a successor."""
    chosen = context.choice
    if booking.starts_at is not None:
        booking.calendar_sequence += 1
    booking.starts_at, booking.minutes, booking.price = chosen.starts_at, chosen.minutes, chosen.price


def price(booking: Booking, context: Context) -> None:
    """It costs what staff decide (T34)."""
    booking.price = context.price_to_be


def cancellation(booking: Booking, context: Context) -> None:
    """The file that takes the session out of calendars is the next one of its series (R-MAIL-8)."""
    booking.calendar_sequence += 1


def reopened(booking: Booking, context: Context) -> None:
    """It is as if nobody had cancelled, or asked to; the file that puts it back into calendars follows the last one."""
    booking.calendar_sequence += 1
    booking.cancel_asked_at = None


def reassigned(booking: Booking, context: Context) -> None:
    """It is another provider's, as one of their services; what the one before said and asked for was theirs (T34)."""
    booking.service = context.heir.service
    booking.provider = booking.service.provider
    booking.cancel_asked_at, booking.held_by = None, ""
    if booking.starts_at is not None:
        booking.calendar_sequence += 1


def cancel_wish(booking: Booking, context: Context) -> None:
    """The provider has asked the client to cancel (S1.14)."""
    booking.cancel_asked_at = context.now


def notes(booking: Booking, context: Context) -> None:
    """The client's words, as they are now."""
    booking.notes = context.notes


def held(booking: Booking, context: Context) -> None:
    """It took place, says one side; whoever said so is kept where both have to (D15)."""
    booking.held_by = context.actor if context.actor in (Actor.CLIENT, Actor.PROVIDER) else ""
    booking.absent, booking.contested_at = "", None


def no_show(booking: Booking, context: Context) -> None:
    """Somebody did not come: the other side, or whom staff name."""
    accused = {Actor.CLIENT: Actor.PROVIDER, Actor.PROVIDER: Actor.CLIENT}.get(context.actor, context.absent)
    booking.absent, booking.contested_at = accused or "", None


def outcome_taken_back(booking: Booking, context: Context) -> None:
    """Nothing has been said about how it went."""
    booking.held_by = booking.absent = ""


def contest(booking: Booking, context: Context) -> None:
    """The other side disagrees; staff decide (T41)."""
    booking.contested_at = context.now


def contest_closed(booking: Booking, context: Context) -> None:
    """Decided."""
    booking.contested_at = None
