"""Sentences about a booking: its state in a word, what happens next, what has happened. Pure, for one reader (ux.md 0.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import formatting
from accounts.policies import Policy

from .context import Reader
from .enums import Action, Actor, ProposalState, Status

DISPLAY = {
    Status.WAITING: "waiting",
    Status.CONFIRMING: "setting_up",
    Status.CONFIRMED: "confirmed",
    Status.DECLINED: "declined",
    Status.CANCELLED: "cancelled",
    Status.EXPIRED: "expired",
    Status.NOSHOW: "noshow",
    Status.COMPLETED: "completed",
}
WORDS = {
    "needs_you": "Your answer needed",
    "requested": "Requested",
    "waiting": "Waiting for credits",
    "setting_up": "Setting up",
    "confirmed": "Confirmed",
    "completed": "Completed",
    "declined": "Declined",
    "cancelled": "Cancelled",
    "expired": "Not answered in time",
    "noshow": "No-show",
}


@dataclass(frozen=True)
class State:
    """A display state: the key of badge and colour, and the tenant's word for it (requirements.md 3.2)."""

    key: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the sentences below need to know of a booking. Moments are UTC."""

    status: Status
    viewer: Actor
    provider_name: str
    client_name: str
    session: str
    starts_at: datetime | None
    minutes: int
    awaits: Actor | None = None
    answer_by: datetime | None = None
    lead_hours: int = 0
    place: str = "video"

    @property
    def other_name(self) -> str:
        return self.client_name if self.viewer == Actor.PROVIDER else self.provider_name


def state_of(status: Status, *, awaits: Actor | None, viewer: Actor, policy: Policy) -> State:
    """The state as this viewer sees it: a pending booking needs either the viewer's answer or the other side's."""
    key = DISPLAY.get(status) or ("needs_you" if awaits == viewer else "requested")
    return State(key, policy.status_words.get(key, WORDS[key]))


def next_line(facts: Facts, reader: Reader, now: datetime) -> str:
    """Who must act, by when, and what happens otherwise: at most two sentences (ux.md 0.1-2)."""
    match facts.status:
        case Status.PENDING:
            return _next_of_request(facts, reader, now)
        case Status.CONFIRMING:
            return f"We are setting up your {facts.session}. It takes a few seconds."
        case Status.CONFIRMED:
            return _next_of_agreed(facts, reader, now)
        case Status.DECLINED if facts.viewer == Actor.CLIENT:
            return f"{facts.provider_name} can't do this. Ask for another time, or ask somebody else."
        case Status.DECLINED:
            return f"Nothing more to do. {facts.client_name} can ask for another time."
        case Status.EXPIRED if facts.viewer == Actor.CLIENT:
            return f"{facts.provider_name} didn't answer in time. Ask for another time, or ask somebody else."
        case Status.EXPIRED:
            return f"The time to answer is over. {facts.client_name} can ask again."
        case Status.CANCELLED if facts.viewer == Actor.CLIENT:
            return "Nothing more to do. You can ask for another time."
        case Status.WAITING:
            return f"The time is kept until the credits for this {facts.session} are there."
        case _:
            return "Nothing more to do."


def _next_of_request(facts: Facts, reader: Reader, now: datetime) -> str:
    until = f"by {reader.when(facts.answer_by, now)} ({formatting.relative(facts.answer_by, now)})"
    if facts.awaits == facts.viewer:
        return f"Accept or decline {until}. If you don't answer, the request closes and {facts.other_name} is told."
    answers = facts.provider_name if facts.awaits == Actor.PROVIDER else facts.client_name
    return f"{answers} answers {until}. If not, the request closes and you are told."


def _next_of_agreed(facts: Facts, reader: Reader, now: datetime) -> str:
    if now >= facts.starts_at + timedelta(minutes=facts.minutes):
        return f"This {facts.session} is over."
    if now >= facts.starts_at:
        return f"Your {facts.session} with {facts.other_name} is on now."
    when = f"{reader.when(facts.starts_at, now)} ({formatting.relative(facts.starts_at, now)})"
    how = {
        "video": "The link to join is on this page.",
        "phone": "You talk by phone.",
        "in_person": "You meet in person.",
    }
    return f"You meet {facts.other_name} on {when}. {how[facts.place]}"


VERBS = {
    Action.REQUEST: "asked for a time",
    Action.ACCEPT: "accepted",
    Action.DECLINE: "declined",
    Action.WITHDRAW: "took back the request",
}


def what_happened(action: Action, *, by_name: str, by_viewer: bool, data: dict, reader: Reader, now: datetime) -> str:
    """One line of the timeline, in a sentence (D-5)."""
    who = "You" if by_viewer else by_name
    if action == Action.EXPIRE:
        return "The time to answer ended. Nobody had answered."
    if action == Action.FINISH_SETUP:
        return "Setting up finished: calendar entries and confirmations are on their way."
    if action == Action.REQUEST and len(data.get("times", [])) > 1:
        return f"{who} asked for {len(data['times'])} times."
    if action == Action.REQUEST:
        return f"{who} asked for {reader.when(datetime.fromisoformat(data['times'][0]), now)}."
    if action == Action.ACCEPT:
        return f"{who} accepted {reader.when(datetime.fromisoformat(data['start']), now)}."
    return f"{who} {VERBS[action]}."


PROPOSAL_WORDS = {
    ProposalState.OPEN: "waiting for an answer",
    ProposalState.ACCEPTED: "accepted",
    ProposalState.DECLINED: "declined",
    ProposalState.WITHDRAWN: "taken back",
    ProposalState.EXPIRED: "not answered in time",
    ProposalState.SUPERSEDED: "replaced by a newer one",
    ProposalState.VOID: "no longer valid",
}
