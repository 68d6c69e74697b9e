"""Until when a proposal can be answered: pure arithmetic on UTC instants (decisions.md 9, 10; S0.21; D4)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.policies import Policy


def latest_answer(start: datetime, policy: Policy) -> datetime:
    """The last moment at which this start may be accepted: the lead before it."""
    return start - timedelta(hours=policy.answer_lead_hours)


def is_possible(start: datetime, policy: Policy, now: datetime) -> bool:
    """Whether a start may still be accepted at `now`. Exactly at the lead counts; a start that has come does not (S4.42)."""
    return now <= latest_answer(start, policy) and now < start


def closes_at(made_at: datetime, starts: Iterable[datetime], policy: Policy) -> datetime:
    """When the system closes a proposal: the answer window is over, or none of its times is possible any more."""
    window_over = made_at + timedelta(hours=policy.answer_window_hours)
    return min(window_over, max(latest_answer(start, policy) for start in starts))


def answer_by(closes: datetime, starts: Iterable[datetime], policy: Policy, now: datetime) -> datetime:
    """The deadline to show at `now`: times drop out one by one, so the first of them still possible counts (PG-40)."""
    possible = [latest_answer(start, policy) for start in starts if is_possible(start, policy, now)]
    return min([closes, *possible])
