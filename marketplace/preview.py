"""What clients can ask for in the next two weeks, as the provider sees it: the picker's own engine (PG-42, F43)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts import formatting
from accounts.policies import Policy
from calendars.hours import local_minute
from calendars.slots import Slot

from .cards import Reader
from .models import Provider, Service
from .shelf import Shelf, shelf_of

DAYS = 14


@dataclass(frozen=True, slots=True)
class PreviewDay:
    """A day with free times: "Tue 24 Nov", "9am to 11:30am and 2pm", how many these are."""

    day: str
    times: str
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The times of one service. `title` counts them; days without any are left out."""

    service: Service
    title: str
    note: str
    days: list[PreviewDay]


def preview_of(provider: Provider, service: Service, policy: Policy, reader: Reader) -> Preview:
    """The starts that the public picker would offer now, by the clock of the provider's hours. One query.

    `provider` comes with its calendar; `reader` is in the calendar's zone.
    """
    shelf = shelf_of(provider, service, policy, reader)
    zone = ZoneInfo(provider.calendar.time_zone)
    today = reader.now.astimezone(zone).date()
    slots = shelf.free(reader.now, local_minute(today + timedelta(days=DAYS), 0, zone))
    by_day: dict[date, list[Slot]] = {}
    for slot in slots:
        by_day.setdefault(slot.start.astimezone(zone).date(), []).append(slot)
    return Preview(service, _title(len(slots)), _note(shelf), [_day(shelf, day, free) for day, free in by_day.items()])


def lost(provider: Provider, service: Service, policy: Policy, reader: Reader, since: datetime, until: datetime) -> int:
    """How many starts in [since, until) (UTC) can be asked for now. One query."""
    return len(shelf_of(provider, service, policy, reader).free(since, until))


def _title(count: int) -> str:
    if not count:
        return "Nothing can be booked in the next two weeks"
    return f"{formatting.plural(count, 'time')} in the next two weeks"


def _note(shelf: Shelf) -> str:
    every = f"{formatting.length(shelf.service.minutes)}, starting every {formatting.length(shelf.rules.step)}."
    if shelf.opens > shelf.reader.now:
        back = formatting.short_day(shelf.opens, shelf.reader.zone, shelf.reader.now)
        return f"{every} Your page takes no requests before {back}."
    if not shelf.provider.is_published:
        return f"{every} Your page is not public yet."
    return every


def _day(shelf: Shelf, day: date, free: Sequence[Slot]) -> PreviewDay:
    runs: list[list[datetime]] = []
    step = timedelta(minutes=shelf.rules.step)
    for slot in free:
        if runs and slot.start - runs[-1][-1] == step:
            runs[-1].append(slot.start)
        else:
            runs.append([slot.start])
    today = shelf.reader.now.astimezone(shelf.zone).date()
    words = [_run(shelf, run) for run in runs]
    together = " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
    return PreviewDay(formatting.day_words(day, today), together, len(free))


def _run(shelf: Shelf, run: Sequence[datetime]) -> str:
    first, last = (formatting.clock(start, shelf.reader.zone, shelf.reader.hour_cycle) for start in (run[0], run[-1]))
    if len(run) == 1:
        return first
    return f"{first}, {last}" if len(run) == 2 else f"{first} to {last}"
