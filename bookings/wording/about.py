"""What the sentences need to know of a booking."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import formatting

from ..context import Reader
from ..enums import AGREED, Actor, Status


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A booking as one viewer reads of it. Moments are UTC.

    `asked_by` made the newest proposal, `times` counts its times, `is_past` says that all of these have begun, `is_first` that
    nothing was on the table before it.
    `closes_at`: when an open proposal closes; `answer_by` is earlier where the first of several times drops out before.
    `said_by` and `said_at` are who said how it went, and when; `closed_by` is who declined or cancelled, where that is known.
    `completes_at`: when what nobody contradicts counts as completed, if it ever does.
    `pay_by`: until when the time is kept for who has too few credits.
    `link`: whether the link to join is "ready" or "coming", or people arrange everything by themselves ("own").
    """

    status: Status
    viewer: Actor
    provider_name: str
    client_name: str
    session: str
    starts_at: datetime | None
    minutes: int
    awaits: Actor | None = None
    asked_by: Actor | None = None
    times: int = 1
    is_past: bool = False
    is_first: bool = True
    is_taken: bool = False
    answer_by: datetime | None = None
    closes_at: datetime | None = None
    closed_by: Actor | None = None
    place: str = "video"
    link: str = "ready"
    completion: str = "automatic"
    completes_at: datetime | None = None
    held_by: Actor | None = None
    absent: Actor | None = None
    is_contested: bool = False
    said_by: Actor | None = None
    said_at: datetime | None = None
    cancel_asked: bool = False
    pay_by: datetime | None = None

    @property
    def other_name(self) -> str:
        """Who sits across from the viewer."""
        return self.client_name if self.viewer == Actor.PROVIDER else self.provider_name

    @property
    def answers_name(self) -> str:
        """Who has to answer."""
        return self.name_of(self.awaits or Actor.PROVIDER)

    @property
    def ends_at(self) -> datetime:
        """The end of the agreed session. Raises LookupError where nothing is agreed."""
        if self.starts_at is None:
            raise LookupError("Nothing is agreed.")
        return self.starts_at + timedelta(minutes=self.minutes)

    def name_of(self, side: Actor) -> str:
        """The name of one side."""
        return self.client_name if side == Actor.CLIENT else self.provider_name

    def has_started(self, now: datetime) -> bool:
        """Whether something agreed has begun."""
        return self.status in AGREED and self.starts_at is not None and now >= self.starts_at

    def has_ended(self, now: datetime) -> bool:
        """Whether something agreed is over."""
        return self.has_started(now) and now >= self.ends_at

    def is_to_say(self) -> bool:
        """Whether the viewer's word on how it went is awaited, rather than only welcome (D15)."""
        return self.viewer == Actor.PROVIDER and self.completion != "automatic" and self.held_by != Actor.PROVIDER


def when(moment: datetime | None, reader: Reader, now: datetime) -> str:
    """A moment with its day; a booking without one never asks."""
    return reader.when(moment, now) if moment else ""


def deadline(moment: datetime, reader: Reader, now: datetime) -> formatting.DeadlineWords:
    """A deadline in the reader's words."""
    return formatting.deadline(moment, reader.zone, now, reader.hour_cycle)
