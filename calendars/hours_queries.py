"""Reads for the editor of somebody's own time: their week, the dates that differ, what they block (PG-42)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from .hours import OpenHours, Range, open_ranges
from .models import Block, Calendar, DateOverride, WeeklyHours

_ONE_DAY = timedelta(days=1)
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class OtherDays:
    """Dates in a row, `last` included, with the same other hours (local minutes); none means away."""

    first: date
    last: date
    hours: Spans


@dataclass(frozen=True, slots=True)
class OpenTime:
    """When somebody is open between two local days: UTC ranges, half-open, sorted, merged."""

    ranges: list[Range]

    def holds(self, start: datetime, end: datetime) -> bool:
        """Whether all of [start, end) is open."""
        return any(opens <= start and end <= closes for opens, closes in self.ranges)


def week_of(calendar: Calendar) -> list[OpenHours]:
    """The weekly hours, by weekday and time."""
    rows = WeeklyHours.objects.filter(calendar=calendar).order_by("weekday", "opens")
    return [OpenHours(row.weekday, row.opens, row.closes) for row in rows]


def other_days(calendar: Calendar, today: date) -> list[OtherDays]:
    """The dates from `today` on (local) that differ from the week, those in a row with the same hours together."""
    by_date = _overrides(DateOverride.objects.filter(calendar=calendar, date__gte=today))
    days = sorted(by_date.items())
    together = groupby(enumerate(days), key=lambda place: (place[1][0] - place[0] * _ONE_DAY, place[1][1]))
    runs = [[day for _, (day, _) in rows] for _, rows in together]
    return [OtherDays(run[0], run[-1], by_date[run[0]]) for run in runs]


def open_time(calendar: Calendar, first: date, last: date, week: Iterable[OpenHours] | None = None) -> OpenTime:
    """When the calendar is open on its local days `first` to `last`; `week` stands in for the hours it has. Two queries."""
    rows = DateOverride.objects.filter(calendar=calendar, date__range=(first, last))
    overrides = {
        day: [OpenHours(day, opens, closes) for opens, closes in hours] for day, hours in _overrides(rows).items()
    }
    weekly = week_of(calendar) if week is None else week
    return OpenTime(open_ranges(weekly, overrides, ZoneInfo(calendar.time_zone), first, last))


def coming_blocks(calendar: Calendar, now: datetime) -> list[Block]:
    """What the person blocks and is not over yet, in order of beginning."""
    return list(Block.objects.filter(calendar=calendar, ends_at__gt=now).order_by("starts_at", "pk"))


def _overrides(rows: Iterable[DateOverride]) -> dict[date, Spans]:
    found: dict[date, list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        found[row.date] += [] if row.opens is None else [(row.opens, row.closes or 0)]
    return {day: tuple(sorted(hours)) for day, hours in found.items()}
