"""Free time, maintained: hours and claims become FreeDay rows in the transaction that changes them (decisions.md 22)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.tenancy import active_tenant_id

from .bitmap import GRID, ROW_BITS, midnight, paint, rows, to_sql
from .enums import ClaimKind
from .hours import OpenHours, Range, open_ranges
from .models import Calendar, Claim, DateOverride, FreeDay, WeeklyHours

# How far ahead rows are kept: the longest bookable period and a day for the zones ahead of UTC.
DAYS_AHEAD = 62
ONE_DAY = timedelta(days=1)
_ROW = ROW_BITS * GRID

# A calendar's id and a span of its time, aware.
Claimed = tuple[UUID, datetime, datetime]

_WRITE = """
    UPDATE calendars_freeday AS kept SET {changes}
    FROM unnest(%(calendars)s::uuid[], %(days)s::date[], %(busy)s::bit(384)[], %(asked)s::bit(384)[])
        AS new(calendar, day, busy, asked)
    WHERE kept.tenant_id = %(tenant)s AND kept.calendar_id = new.calendar AND kept.day = new.day
"""
_ADD = _WRITE.format(changes="busy = kept.busy | new.busy, asked = kept.asked | new.asked")
_REPLACE = _WRITE.format(changes="busy = new.busy, asked = new.asked")


def days_kept(now: datetime) -> tuple[date, int]:
    """First UTC day and number of days for which rows exist: from yesterday to DAYS_AHEAD days on."""
    return now.date() - ONE_DAY, DAYS_AHEAD + 2


def rebuild(calendars: Sequence[Calendar], *, first_day: date, days: int) -> None:
    """Write the rows of these UTC days anew from hours and claims. Four queries for any number of calendars."""
    weekly, overrides = _weekly(calendars), _overrides(calendars, first_day, days)
    ids = [calendar.pk for calendar in calendars]
    claims = _claims(ids, midnight(first_day), midnight(first_day) + days * ONE_DAY + _ROW)
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


def add_claimed(spans: Sequence[Claimed], kind: ClaimKind) -> None:
    """Mark new claims of one kind in every row that they touch. Needs the calendars' locks. One statement."""
    marks: dict[tuple[UUID, date], int] = defaultdict(int)
    for calendar, start, end in spans:
        for day in _days_touched(start, end):
            marks[calendar, day] |= paint([(start, end)], day, 1, outward=True)
    is_asked = kind == ClaimKind.ASKED
    _write(_ADD, {key: (0, bits) if is_asked else (bits, 0) for key, bits in marks.items()})


def refresh_claimed(spans: Sequence[Claimed]) -> None:
    """Bring the rows that these spans touch up to date with the claims. Needs the calendars' locks. Two statements."""
    touched = sorted({(calendar, day) for calendar, start, end in spans for day in _days_touched(start, end)})
    if not touched:
        return
    days = [day for _, day in touched]
    claims = _claims({calendar for calendar, _ in touched}, midnight(min(days)), midnight(max(days)) + _ROW)
    _write(_REPLACE, {(calendar, day): _taken(claims[calendar], day, 1) for calendar, day in touched})


def _days_touched(start: datetime, end: datetime) -> list[date]:
    """The days whose rows hold any of [start, end): a row reaches into the next day."""
    first = (start - _ROW).astimezone(UTC).date() + ONE_DAY
    return [first + n * ONE_DAY for n in range((end.astimezone(UTC).date() - first).days + 1)]


def _write(statement: str, taken: Mapping[tuple[UUID, date], tuple[int, int]]) -> None:
    values = {
        "tenant": active_tenant_id(),
        "calendars": [calendar for calendar, _ in taken],
        "days": [day for _, day in taken],
        "busy": [to_sql(busy) for busy, _ in taken.values()],
        "asked": [to_sql(asked) for _, asked in taken.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


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


def _claims(calendars: Iterable[UUID], start: datetime, end: datetime) -> dict[UUID, list[Claim]]:
    found: dict[UUID, list[Claim]] = defaultdict(list)
    overlapping = Claim.objects.filter(calendar__in=list(calendars), ends_at__gt=start, during__overlap=(start, end))
    for claim in overlapping.only("tenant_id", "calendar_id", "kind", "during"):
        found[claim.calendar_id].append(claim)
    return found
