"""What a person changes about their own time: dates that differ, blocks, the zone; free time follows at once (F35, F44)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from calendars import freetime, queries, services
from calendars.enums import ClaimKind
from calendars.hours import OpenHours
from calendars.hours_queries import OtherDays, coming_blocks, open_time, other_days, week_of
from calendars.models import Block, Calendar, Claim, DateOverride, FreeDay
from calendars.slots import SlotRules
from tests import factories

PRAGUE = ZoneInfo("Europe/Prague")
TODAY = date(2026, 11, 23)
RULES = SlotRules(minutes=30, step=30, before=0, after=15, notice_minutes=0, horizon_days=60)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=PRAGUE).astimezone(UTC)


@pytest.fixture
def calendar(in_north, now):
    member = factories.member("Ana Nowak", roles=(Role.PROVIDER,))
    calendar = services.open_calendar(member=member, time_zone="Europe/Prague")
    services.set_weekly_hours(calendar=calendar, hours=factories.OFFICE_HOURS, now=now)
    return calendar


def free(calendar, now, first=24, last=25):
    slots = queries.bookable(calendar, RULES, since=at(first, 0), until=at(last, 0), now=now, hide_asked=True)
    return [f"{slot.start.astimezone(PRAGUE):%d %H:%M}" for slot in slots]


def kept(calendar):
    return [
        (row.day, row.open, row.busy, row.asked) for row in FreeDay.objects.filter(calendar=calendar).order_by("day")
    ]


def anew(calendar, now):
    """The rows as they would be if they were computed from nothing."""
    first_day, days = freetime.days_kept(now)
    FreeDay.objects.filter(calendar=calendar).delete()
    freetime.rebuild([Calendar.objects.get(pk=calendar.pk)], first_day=first_day, days=days)
    return kept(calendar)


def test_dates_in_a_row_are_one_line_and_other_hours_another(calendar, now):
    def set_(day, last=None, ranges=()):
        services.set_override(
            calendar=calendar, date=date(2026, 12, day), last=last and date(2026, 12, last), ranges=ranges, now=now
        )

    set_(21, 24)
    set_(25)
    set_(26, 27, [(600, 720), (780, 840)])
    set_(29)

    assert other_days(calendar, TODAY) == [
        OtherDays(date(2026, 12, 21), date(2026, 12, 25), ()),
        OtherDays(date(2026, 12, 26), date(2026, 12, 27), ((600, 720), (780, 840))),
        OtherDays(date(2026, 12, 29), date(2026, 12, 29), ()),
    ]
    assert other_days(calendar, date(2026, 12, 27))[0] == OtherDays(
        date(2026, 12, 27), date(2026, 12, 27), ((600, 720), (780, 840))
    )


def test_cleared_dates_are_as_every_week(calendar, now):
    services.set_override(calendar=calendar, date=date(2026, 11, 24), last=date(2026, 11, 26), ranges=[], now=now)
    assert free(calendar, now, 24, 27) == []

    gone = services.clear_overrides(calendar=calendar, first=date(2026, 11, 24), last=date(2026, 11, 25), now=now)

    assert gone == 2
    assert len(free(calendar, now, 24, 27)) == 32
    assert services.clear_overrides(calendar=calendar, first=date(2026, 11, 24), last=date(2026, 11, 25), now=now) == 0


@pytest.mark.parametrize("last", [None, date(2027, 3, 30)])
def test_dates_with_skipped_times_are_refused_and_change_nothing(calendar, now, last):
    """R-TZ-11, F42."""
    first = date(2027, 3, 28) if last is None else date(2027, 3, 26)
    with pytest.raises(services.UnusableHours, match="2am to 3am does not exist"):
        services.set_override(calendar=calendar, date=first, last=last, ranges=[(150, 300)], now=now)

    assert not DateOverride.objects.exists()


def test_blocked_time_is_busy_until_it_is_given_back(calendar, now):
    block = services.block(calendar=calendar, start=at(24, 10), end=at(24, 11), note="Dentist")

    assert free(calendar, now)[:3] == ["24 09:00", "24 11:00", "24 11:30"]
    assert coming_blocks(calendar, now) == [block]
    assert coming_blocks(calendar, at(24, 11)) == []
    claim = Claim.objects.get()
    assert (claim.kind, claim.reference, claim.during.lower) == (ClaimKind.BLOCKED, f"block:{block.pk}", at(24, 10))

    services.unblock(calendar=calendar, key=block.pk)

    assert len(free(calendar, now)) == 16
    assert not Claim.objects.exists()
    with pytest.raises(Block.DoesNotExist):
        services.unblock(calendar=calendar, key=block.pk)


def test_block_may_lie_over_a_session(calendar, now):
    services.claim(
        calendars=[calendar], start=at(24, 10), end=at(24, 11), kind=ClaimKind.SESSION, reference="booking:NO-1"
    )

    block = services.block(calendar=calendar, start=at(24, 9), end=at(24, 12))
    services.unblock(calendar=calendar, key=block.pk)

    assert [claim.reference for claim in Claim.objects.all()] == ["booking:NO-1"]
    assert kept(calendar) == anew(calendar, now)


def test_block_that_ends_before_it_starts_is_refused(calendar):
    with pytest.raises(ValueError, match="ends later than it starts"):
        services.block(calendar=calendar, start=at(24, 10), end=at(24, 10))
    with pytest.raises(IntegrityError, match="block_order"), transaction.atomic():
        Block.objects.create(calendar=calendar, starts_at=at(24, 10), ends_at=at(24, 9))


def test_a_block_of_somebody_else_cannot_be_given_back(calendar, now):
    other = services.open_calendar(member=factories.member("Ben", roles=(Role.PROVIDER,)), time_zone="UTC")
    block = services.block(calendar=other, start=at(24, 10), end=at(24, 11))

    with pytest.raises(Block.DoesNotExist):
        services.unblock(calendar=calendar, key=block.pk)
    assert Claim.objects.get().reference == block.reference


def test_hours_are_read_in_the_zone_that_holds_when_they_are_saved(calendar, now):
    """A page that was opened before another one changed the zone."""
    stale = Calendar.objects.get(pk=calendar.pk)
    services.set_time_zone(calendar=calendar, time_zone="America/Chicago", now=now)

    services.set_weekly_hours(calendar=stale, hours=[OpenHours(1, 540, 600)], now=now)

    assert free(calendar, now, 24, 26) == ["24 16:00", "24 16:30"]
    assert kept(calendar) == anew(calendar, now)


def test_open_time_knows_week_and_dates(calendar, now):
    services.set_override(calendar=calendar, date=date(2026, 11, 25), ranges=[(1080, 1140)], now=now)

    open_ = open_time(calendar, date(2026, 11, 24), date(2026, 11, 26))

    assert open_.holds(at(24, 9), at(24, 17))
    assert not open_.holds(at(24, 8, 55), at(24, 10))
    assert not open_.holds(at(25, 9), at(25, 10))
    assert open_.holds(at(25, 18), at(25, 19))
    assert [row.day for row in week_of(calendar)] == [0, 1, 2, 3, 4]


def test_blocks_are_walled_in_by_tenant(north, south, now):
    """T1: the other tenant sees none of it."""
    with tenant_scope(north):
        ana = factories.provider(now=now)
        services.block(calendar=ana.calendar, start=at(24, 10), end=at(24, 11), note="Dentist")
    with tenant_scope(south):
        assert not Block.objects.exists()


quarters = st.integers(0, 96).map(lambda n: 15 * n)
spans = st.tuples(quarters, quarters).filter(lambda span: span[0] < span[1])
edits = st.lists(
    st.one_of(
        st.tuples(st.just("week"), st.integers(0, 6), spans),
        st.tuples(st.just("date"), st.integers(0, 6), st.one_of(st.none(), spans)),
        st.tuples(st.just("clear"), st.integers(0, 6), st.integers(0, 3)),
        st.tuples(st.just("block"), st.integers(0, 6), spans),
        st.tuples(st.just("claim"), st.integers(0, 6), spans),
        st.tuples(st.just("zone"), st.just(0), st.sampled_from(["Europe/Prague", "Asia/Kathmandu", "America/Chicago"])),
    ),
    min_size=1,
    max_size=6,
)


@given(edits=edits)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_edits_every_offered_time_can_be_had_and_no_other_one(calendar, now, edits):
    """The kept rows are those that would be computed from nothing; `starts` and `why_not` agree on every five minutes."""
    with transaction.atomic():
        for number, (what, day, value) in enumerate(edits):
            _edit(calendar, now, number, what, TODAY + timedelta(days=day), value)
        calendar.refresh_from_db()
        offered = queries.bookable(calendar, RULES, since=at(24, 0), until=at(25, 0), now=now, hide_asked=True)
        starts = {slot.start for slot in offered}
        for minute in range(0, 24 * 60, 15):
            start = at(24, 0) + timedelta(minutes=minute)
            reason = queries.why_not(calendar, start, RULES, now=now, hide_asked=True)
            assert (reason is None) == (start in starts)
        for start in sorted(starts)[:3]:
            with transaction.atomic():
                end = start + timedelta(minutes=RULES.minutes)
                services.claim(
                    calendars=[calendar], start=start, end=end, kind=ClaimKind.SESSION, reference=f"x:{start}"
                )
                transaction.set_rollback(True)
        assert kept(calendar) == anew(calendar, now)
        transaction.set_rollback(True)


def _edit(calendar, now, number, what, day, value):
    midnight = datetime.combine(day, datetime.min.time(), PRAGUE)
    if what == "week":
        rest = [row for row in week_of(calendar) if row.day != day.weekday()]
        services.set_weekly_hours(calendar=calendar, hours=[*rest, OpenHours(day.weekday(), *value)], now=now)
    elif what == "date":
        services.set_override(calendar=calendar, date=day, ranges=[value] if value else [], now=now)
    elif what == "clear":
        services.clear_overrides(calendar=calendar, first=day, last=day + timedelta(days=value), now=now)
    elif what == "zone":
        services.set_time_zone(calendar=calendar, time_zone=value, now=now)
    else:
        start, end = (midnight + timedelta(minutes=minutes) for minutes in value)
        if what == "block":
            services.block(calendar=calendar, start=start, end=end)
        else:
            services.claim(
                calendars=[calendar], start=start, end=end, kind=ClaimKind.ASKED, reference=f"booking:{number}"
            )
