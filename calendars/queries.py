"""Reads of a person's time, from the maintained rows: no loop over providers, no computing of calendars (decisions.md 22)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.compiled import CompiledQuery
from accounts.tenancy import active_tenant_id

from .bitmap import from_sql, join, midnight
from .models import Calendar, Claim, FreeDay, Meeting
from .slots import Reason, Slot, SlotRules, Window, days_needed, starts
from .slots import why_not as why_not_in

_ONE_DAY = timedelta(days=1)
# Days with free time that are looked at for a card: the first may be all in the past, three starts fit in the next.
_DAYS_FOR_A_CARD = 4

_FREE_DAYS = """
    SELECT c.calendar, d.day, d.open::text, d.busy::text, d.asked::text
    FROM unnest(%(calendars)s::uuid[]) AS c(calendar)
    CROSS JOIN LATERAL (
        SELECT day, open, busy, asked FROM calendars_freeday
        WHERE tenant_id = %(tenant)s AND calendar_id = c.calendar AND day BETWEEN %(first)s AND %(last)s
        AND bit_count(open & ~busy) > 0
        ORDER BY day LIMIT %(days)s
    ) d
"""

_days_between = CompiledQuery(
    lambda calendar, first, last: FreeDay.objects.filter(calendar_id=calendar, day__range=(first, last)),
    UUID,
    date,
    date,
)


def window(calendar: Calendar, first_day: date, days: int) -> Window:
    """The calendar's maintained time over consecutive UTC days; days without a row count as closed."""
    found = {row.day: row for row in _days_between(calendar.pk, first_day, first_day + (days - 1) * _ONE_DAY)}
    kept = [found.get(first_day + n * _ONE_DAY) for n in range(days)]
    return Window(
        first_day,
        join([row.open if row else 0 for row in kept]),
        join([row.busy if row else 0 for row in kept]),
        join([row.asked if row else 0 for row in kept]),
    )


def bookable(
    calendar: Calendar, rules: SlotRules, *, since: datetime, until: datetime, now: datetime, hide_asked: bool
) -> list[Slot]:
    """The starts (UTC) that may be asked for in [since, until), in order. One query."""
    if until <= since:
        return []
    first_day, days = days_needed(rules, since, until)
    return starts(
        window(calendar, first_day, days),
        rules,
        ZoneInfo(calendar.time_zone),
        now,
        since=since,
        until=until,
        hide_asked=hide_asked,
    )


def why_not(
    calendar: Calendar,
    start: datetime,
    rules: SlotRules,
    *,
    now: datetime,
    hide_asked: bool,
    at_any_hour: bool = False,
) -> Reason | None:
    """Why this start (aware) can't be asked for; None when it can. The same engine as `bookable` (D-3).

    With `at_any_hour` the provider's hours and the step of the service don't count.
    """
    first_day, days = days_needed(rules, start, start + timedelta(minutes=1))
    held, zone = window(calendar, first_day, days), ZoneInfo(calendar.time_zone)
    return why_not_in(start, held, rules, zone, now, hide_asked, at_any_hour=at_any_hour)


def next_starts(
    calendars: Iterable[Calendar],
    rules_by_calendar: Mapping[UUID, SlotRules],
    *,
    now: datetime,
    count: int = 3,
    since: datetime | None = None,
    until: datetime | None = None,
    hide_asked: bool = True,
) -> dict[UUID, list[datetime]]:
    """The next free starts (UTC) of many calendars, by calendar id, `count` at most each. One query for all.

    Each row is judged by itself, so a start just after UTC midnight whose buffer reaches into the day before may be
    missing; one that is given is always right.
    """
    zones = {calendar.pk: ZoneInfo(calendar.time_zone) for calendar in calendars if calendar.pk in rules_by_calendar}
    if not zones:
        return {}
    since = max(since or now, now)
    horizon = max(rules_by_calendar[pk].horizon_days for pk in zones)
    until = until or now + timedelta(days=horizon + 1)
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for pk, day, *bits in _free_days(list(zones), since.date(), until.date()):
        if len(found[pk]) >= count:
            continue
        begins = midnight(day)
        slots = starts(
            Window(day, *(from_sql(text) for text in bits)),
            rules_by_calendar[pk],
            zones[pk],
            now,
            since=max(since, begins),
            until=min(until, begins + _ONE_DAY),
            hide_asked=hide_asked,
            count=count - len(found[pk]),
        )
        found[pk] += [slot.start for slot in slots]
    return dict(found)


def _free_days(calendars: list[UUID], first: date, last: date) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FREE_DAYS,
            {
                "calendars": calendars,
                "tenant": active_tenant_id(),
                "first": first,
                "last": last,
                "days": _DAYS_FOR_A_CARD,
            },
        )
        return cursor.fetchall()


def claims_in(calendar: Calendar, *, since: datetime, until: datetime) -> list[Claim]:
    """Everything that takes the person's time in [since, until), in order of beginning."""
    return list(Claim.objects.filter(calendar=calendar, during__overlap=(since, until)).order_by("during"))


def meeting_url(key: str) -> str:
    """The address of the room made for `key`, or nothing."""
    return Meeting.objects.filter(key=key).values_list("url", flat=True).first() or ""
