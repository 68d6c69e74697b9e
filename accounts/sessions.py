"""How long somebody stays signed in (reliability.md 4, row 37): idle and in all, less for those who can do most.

Sessions hold two moments as seconds since 1970. A request writes only when the last noted one has become coarse.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.sessions.backends.base import SessionBase

from .enums import Role
from .models import Membership

STARTED_KEY, SEEN_KEY = "signed_in_at", "seen_at"
# The last visit is noted this much coarser than the limit it is measured against.
COARSENESS = 10


class Limits(NamedTuple):
    """The longest pause, and the longest session."""

    idle: timedelta
    total: timedelta


OF_PEOPLE = Limits(idle=timedelta(days=14), total=timedelta(days=30))
OF_STAFF = Limits(idle=timedelta(minutes=30), total=timedelta(hours=12))


def limits_of(member: Membership | None) -> Limits:
    """Staff and owners have the short ones, in the tenant where they are staff."""
    return OF_STAFF if member is not None and member.has(Role.STAFF, Role.OWNER) else OF_PEOPLE


def begin(session: SessionBase, now: datetime) -> None:
    """Start counting, at signing in."""
    session[STARTED_KEY] = session[SEEN_KEY] = int(now.timestamp())


def has_ended(session: SessionBase, member: Membership | None, now: datetime) -> bool:
    """Whether a session has outlived a limit; exactly at the limit it still holds. One that was never begun has none."""
    limits, moment = limits_of(member), int(now.timestamp())
    started, seen = session.get(STARTED_KEY, moment), session.get(SEEN_KEY, moment)
    return moment - seen > limits.idle.total_seconds() or moment - started > limits.total.total_seconds()


def note_visit(session: SessionBase, member: Membership | None, now: datetime) -> None:
    """Remember that the person was here, at most ten times in each idle limit."""
    moment, step = int(now.timestamp()), limits_of(member).idle.total_seconds() / COARSENESS
    if SEEN_KEY in session and moment - session[SEEN_KEY] >= step:
        session[SEEN_KEY] = moment
