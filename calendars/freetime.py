"""Free time, maintained: hours and claims become FreeDay rows in the transaction that changes them (decisions.md 22)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from .bitmap import GRID, ROW_BITS, midnight, paint, rows
from .enums import ClaimKind
from .hours import OpenHours, Range, open_ranges
from .models import Calendar, Claim, DateOverride, FreeDay, WeeklyHours

# How far ahead rows are kept: the longest bookable period and a day for the zones ahead of UTC.
DAYS_AHEAD = 62
ONE_DAY = timedelta(days=1)
_ROW = ROW_BITS * GRID


def days_kept(now: datetime) -> tuple[date, int]:
    """First UTC day and number of days for which rows exist: from yesterday to DAYS_AHEAD days on."""
    return now.date() - ONE_DAY, DAYS_AHEAD + 2


def rebuild(calendars: Sequence[Calendar], *, first_day: date, days: int) -> None:
    """Write the rows of these UTC days anew from hours and claims. Four queries for any number of calendars."""
    weekly, overrides = _weekly(calendars), _overrides(calendars, first_day, days)
    claims = _claims(calendars, midnight(first_day), midnight(first_day) + days * ONE_DAY + _ROW)
    fresh: list[FreeDay] = []
    for calendar in calendars:
        ranges = open_ranges(
            weekly[calendar.pk],
            overrides[calendar.pk],
            ZoneInfo(calendar.time_zone),
            first_day - 2 * ONE_DAY,
            first_day + (days + 2) * ONE_DAY,
        )
        fresh += _rows(calendar, first_day, days, ranges, claims[calendar.pk])
    FreeDay.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["tenant", "calendar", "day"],
        update_fields=["open", "busy", "asked"],
        batch_size=2000,
    )


def refresh_claimed(calendars: Iterable[Calendar], start: datetime, end: datetime) -> None:
    """Bring the busy and asked bits of every row that [start, end) touches up to date with the claims."""
    touched = list(
        FreeDay.objects.filter(
            calendar__in=[calendar.pk for calendar in calendars], day__gt=(start - _ROW).date(), day__lte=end.date()
        ).only("id", "tenant_id", "calendar_id", "day")
    )
    if not touched:
        return
    first, last = min(row.day for row in touched), max(row.day for row in touched)
    claims = _claims(calendars, midnight(first), midnight(last) + _ROW)
    for row in touched:
        row.busy, row.asked = _taken(claims[row.calendar_id], row.day, 1)
    FreeDay.objects.bulk_update(touched, ["busy", "asked"])


def _rows(calendar: Calendar, first_day: date, days: int, ranges: list[Range], claims: list[Claim]) -> list[FreeDay]:
    busy, asked = _taken(claims, first_day, days)
    columns = (rows(bits, days) for bits in (paint(ranges, first_day, days, outward=False), busy, asked))
    return [
        FreeDay(calendar=calendar, day=first_day + n * ONE_DAY, open=o, busy=b, asked=a)
        for n, (o, b, a) in enumerate(zip(*columns, strict=True))
    ]


def _taken(claims: list[Claim], first_day: date, days: int) -> tuple[int, int]:
    spans: dict[bool, list[Range]] = {True: [], False: []}
    for claim in claims:
        spans[claim.kind == ClaimKind.ASKED].append((claim.during.lower, claim.during.upper))
    return paint(spans[False], first_day, days, outward=True), paint(spans[True], first_day, days, outward=True)


def _weekly(calendars: Sequence[Calendar]) -> dict[UUID, list[OpenHours]]:
    found: dict[UUID, list[OpenHours]] = defaultdict(list)
    for row in WeeklyHours.objects.filter(calendar__in=[calendar.pk for calendar in calendars]):
        found[row.calendar_id].append(OpenHours(row.weekday, row.opens, row.closes))
    return found


def _overrides(calendars: Sequence[Calendar], first_day: date, days: int) -> dict[UUID, dict[date, list[OpenHours]]]:
    found: dict[UUID, dict[date, list[OpenHours]]] = defaultdict(dict)
    dates = (first_day - 2 * ONE_DAY, first_day + (days + 2) * ONE_DAY)
    for row in DateOverride.objects.filter(calendar__in=[calendar.pk for calendar in calendars], date__range=dates):
        hours = found[row.calendar_id].setdefault(row.date, [])
        if row.opens is not None:
            hours.append(OpenHours(row.date, row.opens, row.closes))
    return found


def _claims(calendars: Iterable[Calendar], start: datetime, end: datetime) -> dict[UUID, list[Claim]]:
    found: dict[UUID, list[Claim]] = defaultdict(list)
    overlapping = Claim.objects.filter(
        calendar__in=[calendar.pk for calendar in calendars], during__overlap=(start, end)
    ).only("tenant_id", "calendar_id", "kind", "during")
    for claim in overlapping:
        found[claim.calendar_id].append(claim)
    return found
