"""A time that somebody types: whether it is free, else why not, and the nearest that are (D-3, PG-04, F11)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from accounts import formatting
from calendars.slots import Reason, nearest

from .shelf import Shelf
from .timewords import UnclearTime, read_time
from .whynot import why_not

ALTERNATIVES = 3
_LOOK_AROUND = timedelta(days=7)


class Offer(NamedTuple):
    """A time that can be added by one press."""

    value: str
    label: str


class Answer(NamedTuple):
    """What is said of the time; `lead` comes before the offers. `anyway` is the time itself, if it can still be suggested."""

    text: str
    is_good: bool = False
    lead: str = ""
    offers: tuple[Offer, ...] = ()
    anyway: Offer | None = None


def answer(shelf: Shelf, text: str, chosen: list[datetime]) -> Answer:
    """The answer to what was typed, read by the reader's clock. `chosen` are the starts (UTC) they have already."""
    reader = shelf.reader
    try:
        starts = read_time(text, now=reader.now, zone=shelf.zone, hour_cycle=reader.hour_cycle)
    except UnclearTime as unclear:
        return Answer(unclear.sentence)
    reasons = {start: shelf.why_not(start) for start in starts}
    free = [start for start, reason in reasons.items() if reason is None and start >= shelf.opens]
    if starts[0] in chosen:
        return Answer(f"{shelf.label(starts[0])} is one of your times.", is_good=True)
    if free:
        return Answer(f"{shelf.label(free[0])} is free.", is_good=True, offers=_offers(shelf, free))
    start = starts[0]
    around = shelf.free(start - _LOOK_AROUND, start + _LOOK_AROUND)
    near = nearest([slot for slot in around if slot.start not in chosen], start, ALTERNATIVES)
    offers = _offers(shelf, [slot.start for slot in near])
    lead = "Nearest free times:" if offers else ""
    if against := shelf.why_not_even_anyway(start):
        # One reason may hide another: outside the hours there may be something in the calendar, too.
        return Answer(_why(shelf, start, reasons[start] and against), lead=lead, offers=offers)
    (anyway,) = _offers(shelf, [start])
    return Answer(_why(shelf, start, reasons[start]), lead=lead, offers=offers, anyway=anyway)


def _why(shelf: Shelf, start: datetime, reason: Reason | None) -> str:
    provider, reader = shelf.provider, shelf.reader
    if reason is None:
        back = formatting.short_day(shelf.opens, provider.calendar.time_zone, reader.now)
        return f"{provider.name} is away until {back}."
    return why_not(
        shelf.label(start), start, reason, name=provider.name, zone=provider.calendar.time_zone, reader=reader
    )


def _offers(shelf: Shelf, starts: list[datetime]) -> tuple[Offer, ...]:
    reader = shelf.reader
    return tuple(
        Offer(formatting.iso(start), formatting.day_and_time(start, reader.zone, reader.now, reader.hour_cycle))
        for start in starts
    )
