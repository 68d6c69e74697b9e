"""Writes of a person's time: the only door to hours, claims, free time and meetings.

Rivals queue at the calendars' rows, always locked in id order; the exclusion constraint is the wall behind the queue
(decisions.md 26). All times are aware datetimes, all ranges half-open.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import Error, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max, Q

from accounts.compiled import CompiledQuery
from accounts.inserts import insert_together
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope

from . import freetime
from .enums import ClaimKind
from .hours import OpenHours, check_ranges, check_shown
from .models import Block, Calendar, Claim, DateOverride, FreeDay, Meeting, WeeklyHours

# What a day away looks like as a row.
AWAY: list[tuple[int | None, int | None]] = [(None, None)]
# Overlap refused by the constraint, deadlock, and a queue that took too long: for people all three are "just taken".
_JUST_TAKEN = {"23P01", "40P01", "55P03"}


class TimeTaken(Exception):
    """Somebody else has just got this time (F26, F60)."""


class UnusableHours(Exception):
    """Hours that can't be kept; `sentences` say what is wrong and how to mend it (PG-42)."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@contextmanager
def taken_for_rivals() -> Iterator[None]:
    """The database's refusals of a rival become TimeTaken. The transaction or savepoint around must roll back."""
    try:
        yield
    except Error as error:
        if getattr(error.__cause__, "sqlstate", None) in _JUST_TAKEN:
            raise TimeTaken from error
        raise


def open_calendar(*, member: Membership, time_zone: str) -> Calendar:
    """The member's calendar, made now if there is none. `time_zone` is an IANA name. It is closed until it has hours."""
    return Calendar.objects.get_or_create(member=member, defaults={"time_zone": time_zone})[0]


@transaction.atomic
def set_weekly_hours(*, calendar: Calendar, hours: Sequence[OpenHours], now: datetime) -> None:
    """Replace the weekly hours (weekdays 0 = Monday, local minutes). Raises UnusableHours and changes nothing."""
    if sentences := check_ranges(hours):
        raise UnusableHours(sentences)
    with _opened_anew(calendar, now) as held:
        WeeklyHours.objects.filter(calendar=held).delete()
        WeeklyHours.objects.bulk_create(
            [
                WeeklyHours(calendar=held, weekday=row.day, opens=row.opens, closes=row.closes)
                for row in hours
                if isinstance(row.day, int)
            ]
        )


@transaction.atomic
def set_override(
    *, calendar: Calendar, date: date, ranges: Sequence[tuple[int, int]], now: datetime, last: date | None = None
) -> None:
    """Other hours on one local date, or on each until `last`, in local minutes; no ranges means away (F35, F36).

    What these dates had before is replaced. Raises UnusableHours, for hours that a clock change skips, too (R-TZ-11).
    """
    check_override(calendar, date, last or date, ranges)
    days = _days(date, last or date)
    with _opened_anew(calendar, now) as held:
        DateOverride.objects.filter(calendar=held, date__range=(days[0], days[-1])).delete()
        DateOverride.objects.bulk_create(
            [
                DateOverride(calendar=held, date=day, opens=opens, closes=closes)
                for day in days
                for opens, closes in (ranges or AWAY)
            ]
        )


def check_override(calendar: Calendar, first: date, last: date, ranges: Sequence[tuple[int, int]]) -> None:
    """Raises UnusableHours for hours that these dates can't have; nothing is changed. No query."""
    hours = [OpenHours(day, opens, closes) for day in _days(first, last) for opens, closes in ranges]
    if sentences := check_ranges(hours[: len(ranges)]) or check_shown(hours, ZoneInfo(calendar.time_zone)):
        raise UnusableHours(sentences)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@transaction.atomic
def clear_overrides(*, calendar: Calendar, first: date, last: date, now: datetime) -> int:
    """The dates from `first` to `last` are as every week again; of how many lines that rids the calendar (F35)."""
    with _opened_anew(calendar, now) as held:
        return DateOverride.objects.filter(calendar=held, date__range=(first, last)).delete()[0]


@transaction.atomic
def set_time_zone(*, calendar: Calendar, time_zone: str, now: datetime) -> None:
    """Read the calendar's hours in another zone from now on (IANA name); what is claimed keeps its instant (R-TZ-10)."""
    with _opened_anew(calendar, now) as held:
        held.time_zone = calendar.time_zone = time_zone
        held.save(update_fields=["time_zone"])


@contextmanager
def _opened_anew(calendar: Calendar, now: datetime) -> Iterator[Calendar]:
    """The calendar as it is once its lock is held; when the block is done, its free time follows."""
    [held] = lock([calendar])
    yield held
    first_day, days = freetime.days_kept(now)
    freetime.rebuild([held], first_day=first_day, days=days)


@transaction.atomic
def block(*, calendar: Calendar, start: datetime, end: datetime, note: str = "") -> Block:
    """Keep [start, end) for oneself (F35, F44). Sessions agreed for then stay; nobody else sees the note.

    Raises ValueError for an end that is not later than the start.
    """
    if end <= start:
        raise ValueError("A block ends later than it starts.")
    [held] = lock([calendar])
    row = Block.objects.create(calendar=held, starts_at=start, ends_at=end, note=note)
    take([Span(held, start, end)], kind=ClaimKind.BLOCKED, reference=row.reference)
    return row


@transaction.atomic
def unblock(*, calendar: Calendar, key: UUID) -> None:
    """Give the time of a block back. Raises Block.DoesNotExist for what is no block of this calendar (any more)."""
    lock([calendar])
    row = Block.objects.get(calendar=calendar, pk=key)
    release(reference=row.reference)
    row.delete()


@dataclass(frozen=True)
class Span:
    """Part of one person's time: [start, end), aware, buffers included."""

    calendar: Calendar
    start: datetime
    end: datetime


_locked_one = CompiledQuery(
    lambda pk: (
        Calendar.objects.filter(pk=pk).select_related("member__user").select_for_update(of=("self",), no_key=True)
    ),
    UUID,
)
_locked_of_three = CompiledQuery(
    lambda one, other, third: (
        Calendar.objects.filter(Q(member_id=one) | Q(member_id=other) | Q(member_id=third))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    ),
    UUID,
    UUID,
    UUID,
)


def lock(calendars: Iterable[Calendar]) -> list[Calendar]:
    """Queue for these calendars, in id order; a single one comes with its member and user. One statement.

    Raises TimeTaken when the queue takes longer than lock_timeout (F25). The transaction or savepoint around must then roll back.
    """
    ids = {calendar.pk for calendar in calendars}
    with taken_for_rivals():
        if len(ids) == 1:
            return _locked_one(*ids)
        return list(Calendar.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",), no_key=True))


def lock_of(one: UUID, other: UUID, third: UUID | None = None) -> list[Calendar]:
    """Queue for the calendars of two or three members, by their ids, as `lock` does; who has none is left out. One statement."""
    with taken_for_rivals():
        return _locked_of_three(one, other, third or other)


def claim(*, calendars: Iterable[Calendar], start: datetime, end: datetime, kind: ClaimKind, reference: str) -> None:
    """Take [start, end), buffers included, in each of the calendars, for what `reference` names (booking:NW-7K4Q).

    Raises TimeTaken when an agreed session of one of them is there already; then nothing has changed.
    """
    with transaction.atomic():
        take([Span(calendar, start, end) for calendar in lock(calendars)], kind=kind, reference=reference)


def take(spans: Sequence[Span], *, kind: ClaimKind, reference: str) -> None:
    """Claim these spans for what `reference` names. The caller holds the calendars' locks. Two statements.

    Raises TimeTaken when an agreed session is there already; the transaction or savepoint around must then roll back.
    """
    _insert(spans, kind, reference)
    freetime.add_claimed([(span.calendar.pk, span.start, span.end) for span in spans], kind)


def retake(spans: Sequence[Span], *, kind: ClaimKind, reference: str) -> None:
    """Claim these spans in place of everything that `reference` holds; no spans give it all back. Locks held as for `take`.

    Raises TimeTaken as `take` does. Five statements.
    """
    held = _held(reference)
    if held:
        Claim.objects.filter(reference=reference).delete()
    _insert(spans, kind, reference)
    gone = [(row.calendar_id, row.during.lower, row.during.upper) for row in held]
    freetime.refresh_claimed([*gone, *((span.calendar.pk, span.start, span.end) for span in spans)])


_held = CompiledQuery(lambda reference: Claim.objects.filter(reference=reference), str)


def _insert(spans: Sequence[Span], kind: ClaimKind, reference: str) -> None:
    claims = [
        Claim(
            calendar_id=span.calendar.pk, kind=kind, during=DateTimeTZRange(span.start, span.end), reference=reference
        )
        for span in spans
    ]
    if claims:
        with taken_for_rivals():
            insert_together(*claims)


def release(*, reference: str, kind: ClaimKind | None = None) -> None:
    """Give back all time that `reference` took, or only its claims of one kind."""
    claims = Claim.objects.filter(reference=reference)
    if kind is not None:
        claims = claims.filter(kind=kind)
    held = list(claims)
    if not held:
        return
    lock(Calendar.objects.filter(pk__in={row.calendar_id for row in held}))
    claims.delete()
    freetime.refresh_claimed([(row.calendar_id, row.during.lower, row.during.upper) for row in held])


def extend_free_time(*, tenant: Tenant, now: datetime) -> int:
    """Keep a tenant's rows reaching DAYS_AHEAD days on and drop the days gone by; how many calendars moved.

    Each calendar is locked and moved in a transaction of its own: a claim made meanwhile is never missed.
    """
    first_day, days = freetime.days_kept(now)
    last_day = first_day + (days - 1) * freetime.ONE_DAY
    with tenant_scope(tenant):
        short = list(Calendar.objects.annotate(until=Max("free_days__day")).filter(until__lt=last_day).order_by("pk"))
    for calendar in short:
        begins = max(first_day, calendar.until + freetime.ONE_DAY)
        with tenant_scope(tenant):
            freetime.rebuild(lock([calendar]), first_day=begins, days=(last_day - begins).days + 1)
            FreeDay.objects.filter(calendar=calendar, day__lt=first_day).delete()
    return len(short)


@transaction.atomic
def keep_meeting(*, key: str, url: str) -> Meeting:
    """Remember the room of what `key` names; a second call changes nothing (W10)."""
    meeting, _ = Meeting.objects.get_or_create(key=key, defaults={"url": url})
    return meeting


def forget_meeting(*, key: str) -> None:
    """The room of what `key` names, if there is one, is for other people from now on: the next one is made anew."""
    Meeting.objects.filter(key=key).delete()
