"""What guards and effects may know: frozen facts, loaded by the service under the lock. No query happens here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from accounts import formatting
from accounts.policies import Policy, Vocabulary
from calendars.slots import Reason
from marketplace.models import Service

from . import deadlines, fees
from .enums import AGREED, Action, Actor, CreditStatus, LateChangeKind, Status
from .models import ProposalTime

MOST_SUGGESTIONS = 3  # times of one proposal (S1.8, PG-35)
WAIT_BEFORE_NO_SHOW = timedelta(minutes=10)
UNDO_WINDOW = timedelta(hours=24)
CONTEST_WINDOW = timedelta(hours=48)
SUPPORT_ANSWERS_WITHIN = timedelta(hours=48)  # what is promised to who asks (PG-35b)


@dataclass(frozen=True)
class TimeOnTable:
    """One time of a proposal: UTC start, minutes, price in whole credits.

    `is_outside` says that a client suggested it outside the provider's hours; it is the same time without (D-3).
    """

    starts_at: datetime
    minutes: int
    price: int = 0
    is_outside: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, row: ProposalTime) -> Self:
        """The time that this row of a proposal keeps."""
        return cls(row.starts_at, row.minutes, row.price, row.is_outside)

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
    """Something else at the chosen time. An agreed session refuses, anything else only warns (decisions.md 14).

    `may_lapse`: it keeps the time only as long as it waits for its client's credits (C13).
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    is_agreed: bool
    of: Actor
    title_to_staff: str = ""
    may_lapse: bool = False


@dataclass(frozen=True)
class Successor:
    """Whose booking it becomes where staff give it to another provider, and as which of their services (T34).

    `is_same`: it is with them already; `is_client` and `is_actor`: they are its client, or who gives it away; `is_offered`: the
    service can be asked for.
    """

    service: Service
    is_same: bool = False
    is_client: bool = False
    is_actor: bool = False
    is_offered: bool = True

    @property
    def name(self) -> str:
        """What the provider is called."""
        return self.service.provider.name


@dataclass(frozen=True)
class Gone:
    """An offered start (UTC) that is not among the provider's free times, and why."""

    start: datetime
    reason: Reason


@dataclass(frozen=True)
class LateCount:
    """Late changes of one kind that stand against a provider; `has_own`: one of them is this booking's, or was voided."""

    number: int = 0
    has_own: bool = False


@dataclass(frozen=True)
class Outcome:
    """What was said about a session that is over: by whom, when (UTC), and whether the other side objects."""

    by: Actor
    at: datetime
    is_contested: bool = False


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
    """Everything that decides whether an action is legal and what it does. All moments are UTC.

    `offer` are the times that the action itself puts forward; `newest_times` those of the last proposal, open or closed;
    `taken` are starts on the table that the provider has given to others. `absent` and `on_behalf_of` are what staff say.
    `available` are the client's credits to use, where the action may need some. `is_spent_elsewhere`: part of what came of the
    credits is used for something else by now, so that they can't be held again. `new_price` is what staff decide that it
    costs, `credits_back` what of it comes back when they cancel, None by the rules; `successor` is whom they give it to.
    `alone_limit` is how many credits who acts may decide about alone, None without a limit (L10).
    The facts of another action of the same person on the same booking are `replace(context, action=...)`: only `chosen`,
    `offer`, `gone`, `clashes` and `successor` belong to what was chosen.
    """

    action: Action
    actor: Actor
    now: datetime
    policy: Policy
    words: Vocabulary
    reader: Reader
    status: Status | None
    provider_name: str
    client_name: str
    service_name: str = ""
    proposal: OpenProposal | None = None
    newest_times: tuple[TimeOnTable, ...] = ()
    starts_at: datetime | None = None
    minutes: int = 0
    price: int = 0
    credit_status: CreditStatus = CreditStatus.NONE
    hold_id: UUID | None = None
    available: int | None = None
    pay_by: datetime | None = None
    chosen: TimeOnTable | None = None
    offer: tuple[TimeOnTable, ...] = ()
    gone: tuple[Gone, ...] = ()
    clashes: tuple[Clash, ...] = ()
    taken: tuple[datetime, ...] = ()
    clash_accepted: bool = False
    reason_code: str = ""
    reason_text: str = ""
    message: str = ""
    notes: str = ""
    consequences_accepted: bool = False
    cancel_asked: bool = False
    support_asked: bool = False
    late: Mapping[LateChangeKind, LateCount] = field(default_factory=dict)
    listed_topics: tuple[str, ...] = ()
    held_said_by: Actor | None = None
    undone_at: datetime | None = None
    outcome: Outcome | None = None
    absent: Actor | None = None
    on_behalf_of: Actor | None = None
    new_price: int | None = None
    credits_back: int | None = None
    is_spent_elsewhere: bool = False
    successor: Successor | None = None
    alone_limit: int | None = None
    is_instant: bool = False
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
    def price_to_be(self) -> int:
        """The price that staff decide, once a guard has seen to it. Raises LookupError where none was given."""
        if self.new_price is None:
            raise LookupError(f"No price was given to {self.action}.")
        return self.new_price

    @property
    def times_to_give(self) -> tuple[TimeOnTable, ...]:
        """What lies on the table, where a request goes to another provider."""
        return self.proposal.times if self.successor and self.proposal and self.starts_at is None else ()

    @property
    def heir(self) -> Successor:
        """Whose booking it becomes, once a guard has seen to it. Raises LookupError where nobody was named."""
        if self.successor is None:
            raise LookupError(f"Nobody was named to {self.action} it to.")
        return self.successor

    @property
    def agreed_start(self) -> datetime:
        """The agreed start. Raises LookupError where nothing is agreed."""
        if self.starts_at is None:
            raise LookupError(f"Nothing is agreed to {self.action}.")
        return self.starts_at

    @property
    def ends_at(self) -> datetime:
        """The end of the agreed session. Raises LookupError where nothing is agreed."""
        return self.agreed_start + timedelta(minutes=self.minutes)

    @property
    def remaining(self) -> timedelta:
        """Time left until the agreed start, on instants (decisions.md 10)."""
        return self.agreed_start - self.now

    @property
    def fee(self) -> fees.Split:
        """What becomes of the price if the client cancels now (D6); all of it comes back on the provider's wish (T20)."""
        if self.cancel_asked:
            return fees.Split(self.price)
        return fees.when_client_cancels(self.price, self.policy, self.remaining)

    @property
    def is_first_word(self) -> bool:
        """Whether both have to say that it took place and this is the first of them (D15, T37)."""
        is_one_of_two = self.action == Action.COMPLETE and self.actor in (Actor.CLIENT, Actor.PROVIDER)
        return is_one_of_two and self.policy.completion == "both" and self.held_said_by is None

    @property
    def needs_form(self) -> bool:
        """Whether cancelling now has consequences that must be accepted (S4.22, T19, T22)."""
        if self.actor == Actor.CLIENT:
            return self.fee.kept > 0
        under = timedelta(hours=self.policy.cancel_form_under_hours)
        return self.policy.provider_cancel == "direct_with_form_under" and self.remaining < under

    @property
    def is_caused_by_provider(self) -> bool:
        """Whether a change of what was agreed goes back to the provider: own doing, own wish, or what staff say of it."""
        if self.actor == Actor.STAFF:
            return self.on_behalf_of == Actor.PROVIDER
        return self.actor == Actor.PROVIDER or self.cancel_asked

    @property
    def late_kind(self) -> LateChangeKind:
        """Late cancellations and late moves are counted apart; whose session goes to somebody else has given it up."""
        gives_up = self.action in (Action.CANCEL, Action.REASSIGN)
        return LateChangeKind.CANCEL if gives_up else LateChangeKind.RESCHEDULE

    @property
    def late_count(self) -> LateCount:
        """What stands against the provider already, of the kind that this action would be."""
        return self.late.get(self.late_kind, LateCount())

    @property
    def is_late_change(self) -> bool:
        """Whether it counts against the provider: close to the start, and not counted for this booking before (S1.16).

        Nothing is agreed for good while it waits for credits (docs/decisions/0010-staff-reopen.md).
        """
        window = timedelta(hours=self.policy.late_change_hours)
        if self.status not in AGREED or self.remaining >= window:
            return False
        return self.is_caused_by_provider and not self.late_count.has_own

    @property
    def other_name(self) -> str:
        """The name of the side that does not act; both for staff."""
        if self.actor == Actor.STAFF:
            return f"{self.client_name} and {self.provider_name}"
        return self.client_name if self.actor == Actor.PROVIDER else self.provider_name

    def name_of(self, side: Actor) -> str:
        """The name of one side."""
        return self.client_name if side == Actor.CLIENT else self.provider_name

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
