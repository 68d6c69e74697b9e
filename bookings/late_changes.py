"""Arithmetic of late changes: how many count, until when, and when too many are few enough again (decisions.md 13). Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from .enums import LateChangeKind

# Twelve months, by which everybody means a year of days here.
COUNTS_FOR = timedelta(days=365)
EXPLAIN_WITHIN = timedelta(days=14)
# The neutral name under which the marketplace knows why topics are paused.
REFERENCE = "late changes"

Counted = Mapping[LateChangeKind, Iterable[datetime]]


def counts_until(at: datetime) -> datetime:
    """The moment from which on a late change of `at` counts no more (UTC)."""
    return at + COUNTS_FOR


def explain_until(at: datetime) -> datetime:
    """Until when a late change of `at` can be explained (UTC)."""
    return at + EXPLAIN_WITHIN


def in_window(moments: Iterable[datetime], now: datetime) -> list[datetime]:
    """Those that count at `now`, oldest first."""
    return sorted(at for at in moments if now < counts_until(at))


def is_over(counted: Counted, limit: int, now: datetime) -> bool:
    """Whether one kind by itself happened more often than `limit` within the window."""
    return any(len(in_window(moments, now)) > limit for moments in counted.values())


def within_limit_from(counted: Counted, limit: int, now: datetime) -> datetime | None:
    """When no kind is over the limit any more if nothing is added (UTC); None where none is."""
    ends = []
    for moments in counted.values():
        left = in_window(moments, now)
        if len(left) > limit:
            ends.append(counts_until(left[len(left) - limit - 1]))
    return max(ends, default=None)
