from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from calendars.models import Calendar
from notifications.models import EmailMessage
from notifications.outbox import Due

from ..context import Consequence, Context
from ..models import Booking, BookingEvent


@dataclass(frozen=True)
class Change:
    """One transition on its way: the booking under its lock, the facts, the timeline event just written.

    `held` are the calendars that the transition has locked; `mails` and `later` collect what effects tell people and leave for
    later, noted after all of them.
    """

    booking: Booking
    context: Context
    event: BookingEvent
    held: Sequence[Calendar]
    mails: list[EmailMessage] = field(default_factory=list)
    later: list[Due] = field(default_factory=list)


def says_nothing(context: Context) -> list[Consequence]:
    """For effects that people need not know of before the click."""
    return []


@dataclass(frozen=True)
class Effect:
    """`apply` does it; `foretell` says it beforehand, from the same facts."""

    apply: Callable[[Change], None]
    foretell: Callable[[Context], list[Consequence]] = says_nothing
