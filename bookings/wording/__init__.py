"""Sentences about a booking: its state in a word, what happens next, what has happened. Pure, for one reader (ux.md 0.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from accounts import formatting
from accounts.policies import Policy

from ..context import Reader
from ..enums import Action, Actor, Status
from .mail_names import MAIL_NAMES as MAIL_NAMES

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
    """What the sentences below need to know of a booking. Moments are UTC.

    `closes_at`: when an open request closes; `answer_by` is earlier where the first of several times drops out before.
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
    answer_by: datetime | None = None
    closes_at: datetime | None = None
    place: str = "video"
    link: str = "ready"

    @property
    def other_name(self) -> str:
        return self.client_name if self.viewer == Actor.PROVIDER else self.provider_name

    @property
    def answers_name(self) -> str:
        return self.client_name if self.awaits == Actor.CLIENT else self.provider_name

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


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
            whose = "this" if facts.viewer == Actor.STAFF else "your"
            return f"We are setting up {whose} {facts.session}. It takes a few seconds."
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
    closes = formatting.deadline(facts.closes_at, reader.zone, now, reader.hour_cycle)
    if closes.over:
        return "The time to answer is over. The request closes in a moment."
    if facts.awaits != facts.viewer:
        told = "both are told" if facts.viewer == Actor.STAFF else "you are told"
        return f"{facts.answers_name} answers by {closes.label} ({closes.distance}). If not, the request closes and {told}."
    first = formatting.deadline(facts.answer_by, reader.zone, now, reader.hour_cycle)
    otherwise = f"If you don't answer, the request closes and {facts.other_name} is told."
    if facts.answer_by < facts.closes_at:
        otherwise = f"After that one time is gone; the request closes on {reader.when(facts.closes_at, now)}."
    return f"Accept or decline by {first.label} ({first.distance}). {otherwise}"


def _next_of_agreed(facts: Facts, reader: Reader, now: datetime) -> str:
    if now >= facts.ends_at:
        return f"This {facts.session} is over."
    if now >= facts.starts_at:
        return f"This {facts.session} is on now."
    when = f"{reader.when(facts.starts_at, now)} ({formatting.relative(facts.starts_at, now)})"
    if facts.viewer == Actor.STAFF:
        return f"{facts.client_name} meets {facts.provider_name} on {when}."
    return f"You meet {facts.other_name} on {when}. {_how(facts)}"


def _how(facts: Facts) -> str:
    if facts.link == "own":
        return f"You and {facts.other_name} arrange the details yourselves."
    if facts.place == "video":
        return "The link to join is on this page." if facts.link == "ready" else "The link to join follows."
    return {"phone": "You talk by phone.", "in_person": "You meet in person."}[facts.place]


def next_in_short(facts: Facts, reader: Reader, now: datetime) -> str:
    """The same for a row of a list, in a few words; nothing where nothing follows (PG-31)."""
    match facts.status:
        case Status.PENDING:
            mine = facts.awaits == facts.viewer
            until = facts.answer_by if mine else facts.closes_at
            deadline = formatting.deadline(until, reader.zone, now, reader.hour_cycle)
            if deadline.over:
                return "The time to answer is over"
            return f"Answer by {deadline.label}" if mine else f"{facts.answers_name} answers by {deadline.label}"
        case Status.CONFIRMING:
            return "We are setting it up"
        case Status.CONFIRMED if now >= facts.ends_at:
            return "It is over"
        case Status.CONFIRMED if now >= facts.starts_at:
            return "On now"
        case Status.CONFIRMED:
            return f"Starts {formatting.relative(facts.starts_at, now)}"
        case Status.WAITING:
            return "The time is kept"
        case Status.DECLINED | Status.EXPIRED | Status.CANCELLED if facts.viewer == Actor.CLIENT:
            return "You can ask for another time"
        case _:
            return ""


VERBS = {
    Action.REQUEST: "asked for a time",
    Action.ACCEPT: "accepted",
    Action.DECLINE: "declined",
    Action.WITHDRAW: "took back the request",
}


class Happening(NamedTuple):
    """A line of the timeline: who, which may be nobody, and what they did."""

    actor: str
    text: str


def what_happened(
    action: Action, *, by_name: str, by_viewer: bool, data: dict, reader: Reader, now: datetime, reason: str = ""
) -> Happening:
    """One line of the timeline, in a sentence (D-5)."""
    if action == Action.EXPIRE:
        return Happening("", "The time to answer ended. Nobody had answered.")
    if action == Action.FINISH_SETUP:
        return Happening("", "Setting up finished: calendar entries and confirmations are on their way.")
    who = "You" if by_viewer else by_name
    if action == Action.REQUEST and len(data.get("times", [])) > 1:
        return Happening(who, f"asked for {len(data['times'])} times.")
    if action == Action.REQUEST:
        return Happening(who, f"asked for {reader.when(datetime.fromisoformat(data['times'][0]), now)}.")
    if action == Action.ACCEPT:
        return Happening(who, f"accepted {reader.when(datetime.fromisoformat(data['start']), now)}.")
    because = f" Reason: {reason.rstrip('.')}." if reason else ""
    return Happening(who, f"{VERBS[action]}.{because}")


def rule_in_words(rule: dict, *, provider_name: str) -> str:
    """The rule by which the time to answer was set, with the numbers of that day (D-5)."""
    window = formatting.plural(rule["answer_window_hours"], "hour")
    lead = rule["answer_lead_hours"]
    until = f"at the latest {formatting.plural(lead, 'hour')} before the start" if lead else "before the start"
    return f"{provider_name} answers within {window} and {until}. Then the request closes by itself."
