from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from calendars.models import Calendar
from notifications.models import EmailMessage
from notifications.outbox import Due

from .. import credit_flow
from ..context import Consequence, Context
from ..enums import Status
from ..models import Booking, BookingEvent


@dataclass(frozen=True)
class Change:
    """One transition on its way: the booking under its lock, the facts, the timeline event just written.

    `former` is the booking as it was with the provider before, where it was given to another one. `held` are the calendars that
    the transition has locked; `mails` and `later` collect what effects tell people and leave for later, noted after all of them.
    """

    booking: Booking
    context: Context
    event: BookingEvent
    held: Sequence[Calendar]
    former: Booking | None = None
    mails: list[EmailMessage] = field(default_factory=list)
    later: list[Due] = field(default_factory=list)


def says_nothing(context: Context) -> list[Consequence]:
    """For effects that people need not know of before the click."""
    return []


def sets_nothing(booking: Booking, context: Context) -> None:
    """For effects that leave the booking's own row alone."""


@dataclass(frozen=True)
class Effect:
    """`apply` does it; `foretell` says it beforehand, from the same facts; `prepare` sets what the booking's row says of it."""

    apply: Callable[[Change], None]
    foretell: Callable[[Context], list[Consequence]] = says_nothing
    prepare: Callable[[Booking, Context], None] = sets_nothing


def only_in(effect: Effect, *statuses: Status) -> Effect:
    """The effect where the change leads to one of these statuses; elsewhere nothing of it."""

    def apply(change: Change) -> None:
        if change.booking.status in statuses:
            effect.apply(change)

    def foretell(context: Context) -> list[Consequence]:
        is_waiting = credit_flow.has_to_wait(context)
        return effect.foretell(context) if is_waiting == (Status.WAITING in statuses) else []

    apply.__name__ = f"{effect.apply.__name__} (if {' or '.join(statuses)})"
    return replace(effect, apply=apply, foretell=foretell)
