"""What guards and effects may know: frozen facts, loaded by the service under the lock. No query happens here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import formatting
from accounts.policies import Policy, Vocabulary

from . import deadlines
from .enums import Action, Actor, Status


@dataclass(frozen=True)
class TimeOnTable:
    """One time of a proposal: UTC start, minutes, price in whole credits."""

    starts_at: datetime
    minutes: int
    price: int = 0

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class OpenProposal:
    """The proposal that waits for an answer, and who made it."""

    made_by: Actor
    made_at: datetime
    answer_by: datetime
    times: tuple[TimeOnTable, ...]

    def possible(self, policy: Policy, now: datetime) -> tuple[TimeOnTable, ...]:
        """The times that may still be accepted at `now` (decisions.md 9)."""
        return tuple(time for time in self.times if deadlines.is_possible(time.starts_at, policy, now))


@dataclass(frozen=True)
class Clash:
    """Something else at the chosen time. An agreed session refuses, anything else only warns (decisions.md 14)."""

    title: str
    starts_at: datetime
    ends_at: datetime
    is_agreed: bool
    of: Actor


@dataclass(frozen=True)
class LastEvent:
    """What happened last and by whom: the reason why the world moved on."""

    action: Action
    actor: Actor
    by_name: str
    at: datetime


@dataclass(frozen=True)
class Reader:
    """Who reads the sentence: zone (IANA name) and 12 or 24 hours."""

    zone: str
    hour_cycle: int = 12

    def when(self, moment: datetime, now: datetime) -> str:
        """ "Tue 24 Nov, 3pm"."""
        return formatting.day_and_time(moment, self.zone, now, self.hour_cycle)


@dataclass(frozen=True, kw_only=True)
class Context:
    """Everything that decides whether an action is legal and what it does. All moments are UTC."""

    action: Action
    actor: Actor
    now: datetime
    policy: Policy
    words: Vocabulary
    reader: Reader
    status: Status | None
    provider_name: str
    client_name: str
    proposal: OpenProposal | None = None
    starts_at: datetime | None = None
    chosen: TimeOnTable | None = None
    clashes: tuple[Clash, ...] = ()
    clash_accepted: bool = False
    reason_code: str = ""
    reason_text: str = ""
    message: str = ""
    last: LastEvent | None = None
    setup_done: bool = False
    place: str = "video"
    hides_asked: bool = True

    @property
    def table(self) -> OpenProposal:
        """The open proposal, for actions that begin or answer one. Raises LookupError where nothing is on the table."""
        if self.proposal is None:
            raise LookupError(f"Nothing is on the table to {self.action}.")
        return self.proposal

    @property
    def choice(self) -> TimeOnTable:
        """The chosen time, once a guard has seen to it. Raises LookupError where none was chosen."""
        if self.chosen is None:
            raise LookupError(f"No time was chosen to {self.action}.")
        return self.chosen

    @property
    def other_name(self) -> str:
        """The name of the side that does not act."""
        return self.client_name if self.actor == Actor.PROVIDER else self.provider_name

    def when(self, moment: datetime) -> str:
        """A moment in the reader's words."""
        return self.reader.when(moment, self.now)


@dataclass(frozen=True)
class Refusal:
    """Why not, for people. `sentence` says what would be possible instead; `field` is the form field it belongs to.

    `is_conflict`: the world moved on meanwhile (409); otherwise what was asked is not allowed (422).
    """

    code: str
    sentence: str
    field: str = ""
    is_conflict: bool = False
    possible_from: datetime | None = None
    instead: Action | None = None


@dataclass(frozen=True)
class Consequence:
    """One line of the effect box (D-7): an icon's name and a sentence."""

    icon: str
    sentence: str


Guard = Callable[[Context], Refusal | None]
