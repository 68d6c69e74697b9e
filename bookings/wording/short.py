"""What happens next, for a row of a list (PG-31)."""

from datetime import datetime

from accounts import formatting

from ..context import Reader
from ..enums import AGREED, OVER, Actor, Status
from .about import Facts, deadline

CLOSED = (Status.DECLINED, Status.EXPIRED, Status.CANCELLED)


def next_in_short(facts: Facts, reader: Reader, now: datetime) -> str:
    """What follows in a few words; nothing where nothing follows."""
    if facts.has_ended(now):
        return "Say whether it took place" if facts.is_to_say() else "It is over"
    if facts.has_started(now):
        return "On now"
    if facts.status == Status.PENDING or (facts.status in AGREED and facts.awaits):
        return _answer(facts, reader, now)
    if facts.status == Status.CONFIRMED and not facts.cancel_asked:
        return f"Starts {formatting.relative(facts.starts_at, now)}"
    if facts.status in OVER:
        return _outcome(facts)
    if facts.status in CLOSED:
        return "You can ask for another time" if facts.viewer == Actor.CLIENT else ""
    asked = "You are asked to cancel" if facts.viewer == Actor.CLIENT else f"{facts.client_name} is asked to cancel"
    return {Status.CONFIRMING: "We are setting it up", Status.CONFIRMED: asked, Status.WAITING: "The time is kept"}[
        facts.status
    ]


def _outcome(facts: Facts) -> str:
    if facts.is_contested:
        return "Support decides"
    if not facts.absent:
        return ""
    return "You didn't come" if facts.absent == facts.viewer else f"{facts.name_of(facts.absent)} didn't come"


def _answer(facts: Facts, reader: Reader, now: datetime) -> str:
    mine = facts.awaits == facts.viewer
    until = deadline(facts.answer_by if mine else facts.closes_at, reader, now)
    if until.over:
        return "The time to answer is over"
    return f"Answer by {until.label}" if mine else f"{facts.answers_name} answers by {until.label}"
