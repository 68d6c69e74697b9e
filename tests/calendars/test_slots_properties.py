"""Slots against an oracle that knows no bits: it compares instants and wall clocks (F42, F43, decisions 10 and 24)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.bitmap import join, paint, rows
from calendars.hours import OpenHours, open_ranges
from calendars.slots import Slot, SlotRules, Window, days_needed, starts, why_not

ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Prague",
        "America/Chicago",
        "America/Havana",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
        "Pacific/Chatham",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
    )
]
FIRST_DAYS = [
    date(2026, 10, 29),
    date(2027, 3, 14),
    date(2027, 3, 28),
    date(2027, 4, 4),
    date(2027, 4, 30),
    date(2027, 6, 15),
    date(2027, 10, 3),
    date(2027, 10, 31),
    date(2027, 11, 7),
]
grid_minutes = st.integers(min_value=0, max_value=24).map(lambda cells: cells * 5)
spans = st.lists(st.tuples(st.integers(-600, 4 * 1440), st.integers(1, 400)), max_size=6)
quarters = st.one_of(st.just((0, 96)), st.lists(st.integers(0, 96), min_size=2, max_size=2, unique=True).map(sorted))


@st.composite
def cases(draw):
    zone, middle = draw(st.sampled_from(ZONES)), draw(st.sampled_from(FIRST_DAYS))
    origin = datetime.combine(middle - timedelta(days=1), datetime.min.time(), UTC)
    hours = draw(st.lists(quarters, min_size=7, max_size=7))
    weekly = [OpenHours(weekday, 15 * opens, 15 * closes) for weekday, (opens, closes) in enumerate(hours)]
    opened = open_ranges(weekly, {}, zone, middle - timedelta(days=3), middle + timedelta(days=3))
    rules = SlotRules(
        minutes=draw(st.sampled_from([15, 30, 5, 50, 60, 90, 480])),
        step=draw(st.sampled_from([5, 10, 15, 20, 30, 45, 50, 60, 90])),
        before=draw(grid_minutes),
        after=draw(grid_minutes),
        notice_minutes=draw(st.one_of(st.integers(0, 60), st.integers(0, 3000))),
        horizon_days=draw(st.integers(1, 4)),
    )
    busy, asked = (
        [
            (origin + timedelta(minutes=start), origin + timedelta(minutes=start + length))
            for start, length in draw(spans)
        ]
        for _ in range(2)
    )
    now = origin + timedelta(minutes=draw(st.integers(-1440, 1440)))
    since = origin + timedelta(minutes=draw(st.integers(0, 2000)))
    until = since + timedelta(minutes=draw(st.integers(60, 2000)))
    return zone, rules, opened, busy, asked, now, since, until, draw(st.booleans())


def painted(case, first_day, days):
    opened, busy, asked = case[2:5]
    return Window(
        first_day,
        paint(opened, first_day, days, outward=False),
        paint(busy, first_day, days, outward=True),
        paint(asked, first_day, days, outward=True),
    )


def wide(case):
    return painted(case, case[6].date() - timedelta(days=2), 8)


def bookable(start, case):
    zone, rules, opened, busy, asked, now, since, until, hide_asked = case
    end = start + timedelta(minutes=rules.minutes)
    lower, upper = start - timedelta(minutes=rules.before), end + timedelta(minutes=rules.after)
    wall = start.astimezone(zone)
    return (
        since <= start < until
        and now + timedelta(minutes=rules.notice_minutes) <= start <= now + timedelta(days=rules.horizon_days)
        and (wall.hour * 60 + wall.minute) % rules.step == 0
        and any(opens <= start and end <= closes for opens, closes in opened)
        and not any(begins < upper and lower < ends for begins, ends in busy)
        and not (hide_asked and any(begins < upper and lower < ends for begins, ends in asked))
    )


def asked_for(start, case):
    rules, asked = case[1], case[4]
    lower = start - timedelta(minutes=rules.before)
    upper = start + timedelta(minutes=rules.minutes + rules.after)
    return any(begins < upper and lower < ends for begins, ends in asked)


def every_five_minutes(case):
    since, until = case[6:8]
    first = since - timedelta(minutes=since.minute % 5)
    return [first + timedelta(minutes=5 * n) for n in range((until - first) // timedelta(minutes=5) + 1)]


def found(of, case, since=None, until=None):
    zone, rules, *_, now, case_since, case_until, hide_asked = case
    return starts(of, rules, zone, now, since=since or case_since, until=until or case_until, hide_asked=hide_asked)


@settings(max_examples=120, deadline=None)
@given(cases())
def test_starts_are_what_the_rules_say(case):
    expected = [Slot(start, asked_for(start, case)) for start in every_five_minutes(case) if bookable(start, case)]

    assert found(wide(case), case) == expected


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(0, 299))
def test_starts_are_where_why_not_has_no_reason(case, seconds):
    zone, rules, *_, now, since, until, hide_asked = case
    of = wide(case)
    slots = {slot.start for slot in found(of, case)}
    probes = [start + timedelta(seconds=shift) for start in every_five_minutes(case) for shift in {0, seconds}]

    silent = {
        start for start in probes if since <= start < until and why_not(start, of, rules, zone, now, hide_asked) is None
    }

    assert silent == slots


@settings(max_examples=80, deadline=None)
@given(cases(), st.floats(0, 1))
def test_starts_the_same_however_the_window_is_cut(case, share):
    """Loading just the days needed, or asking in two parts, never changes the set; nor does storing rows."""
    rules, since, until = case[1], case[6], case[7]
    whole = found(wide(case), case)
    first_day, days = days_needed(rules, since, until)
    needed = painted(case, first_day, days)
    stored = replace(
        needed,
        open=join(rows(needed.open, days)),
        busy=join(rows(needed.busy, days)),
        asked=join(rows(needed.asked, days)),
    )
    middle = since + (until - since) * share

    assert found(needed, case) == whole
    assert found(stored, case) == whole
    assert found(needed, case, until=middle) + found(needed, case, since=middle) == whole


@settings(max_examples=40, deadline=None)
@given(cases(), st.sampled_from(ZONES))
def test_starts_the_same_for_every_viewer(case, viewer):
    zone, rules, *_, now, since, until, hide_asked = case
    of = wide(case)

    seen = starts(
        of,
        rules,
        zone,
        now.astimezone(viewer),
        since=since.astimezone(viewer),
        until=until.astimezone(timezone(timedelta(hours=-11, minutes=-30))),
        hide_asked=hide_asked,
    )

    assert seen == found(of, case)
    assert all(slot.start.tzinfo is UTC for slot in seen)
    assert all(why_not(slot.start.astimezone(viewer), of, rules, zone, now, hide_asked) is None for slot in seen)
