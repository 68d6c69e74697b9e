"""The state of a booking in one word, as its viewer sees it (requirements.md 3.2, PG-32)."""

from dataclasses import dataclass
from datetime import datetime

from accounts.policies import Policy

from ..enums import AGREED, Actor, CreditStatus, Status
from .about import Facts

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
    "suggested": "Times suggested",
    "invited": "Invited",
    "waiting": "Waiting for credits",
    "setting_up": "Setting up",
    "confirmed": "Confirmed",
    "change_proposed": "Change proposed",
    "in_progress": "In progress",
    "ended": "Ended, no outcome yet",
    "completed": "Completed",
    "declined": "Declined",
    "cancelled": "Cancelled",
    "expired": "Not answered in time",
    "noshow": "No-show",
}
CREDIT_WORDS = {
    CreditStatus.BLOCKED: "Held",
    CreditStatus.RETURNED: "Returned",
    CreditStatus.CHARGED: "Spent",
    CreditStatus.PARTLY_CHARGED: "Partly spent",
}


@dataclass(frozen=True)
class State:
    """A display state: the key of badge and colour, and the tenant's word for it (requirements.md 3.2)."""

    key: str
    label: str


def state_key(facts: Facts, now: datetime) -> str:
    """Which one of WORDS a booking is under in lists: each is under exactly one."""
    if facts.status == Status.PENDING:
        is_over = facts.closes_at is not None and now >= facts.closes_at
        return "needs_you" if facts.awaits == facts.viewer and not is_over else table_key(facts)
    if facts.has_ended(now):
        return "ended"
    if facts.has_started(now):
        return "in_progress"
    if facts.status in AGREED and facts.awaits:
        return "change_proposed"
    return DISPLAY[facts.status]


def table_key(facts: Facts) -> str:
    """What lies on the table of a pending booking, whoever looks: a request, an invitation, or other times."""
    if facts.asked_by != Actor.PROVIDER:
        return "requested"
    return "invited" if facts.is_first else "suggested"


def state_of(facts: Facts, policy: Policy, now: datetime) -> State:
    """The state as this viewer sees it, in the tenant's word."""
    return _state(state_key(facts, now), policy)


def states_of(facts: Facts, policy: Policy, now: datetime) -> list[State]:
    """The badges of the booking's own page: beside what stands, what is proposed instead (PG-32)."""
    key = state_key(facts, now)
    if key == "change_proposed":
        return [_state(DISPLAY[facts.status], policy), _state(key, policy)]
    if key == "needs_you" and table_key(facts) != "requested":
        return [_state(key, policy), _state(table_key(facts), policy)]
    return [_state(key, policy)]


def credit_state(status: CreditStatus, policy: Policy) -> str:
    """What became of the booking's credits, in the tenant's word; nothing where none were ever held (S4.12, S4.41)."""
    return policy.credit_words.get(status, CREDIT_WORDS.get(status, ""))


def _state(key: str, policy: Policy) -> State:
    return State(key, policy.status_words.get(key, WORDS[key]))
