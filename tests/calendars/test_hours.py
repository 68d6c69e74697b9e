from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calendars.hours import (
    OpenHours,
    check_ranges,
    check_shown,
    local_minute,
    open_ranges,
    skipped_minutes,
    wall_instants,
)

PRAGUE = ZoneInfo("Europe/Prague")
CHICAGO = ZoneInfo("America/Chicago")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")

ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Prague",
        "Europe/Dublin",
        "America/Chicago",
        "America/Havana",
        "America/St_Johns",
        "Africa/Cairo",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "Asia/Kathmandu",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
        "Pacific/Chatham",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
    )
]
CLOCK_CHANGES = [
    date(2026, 10, 29),  # Cairo, back from midnight to 11pm
    date(2027, 3, 14),
    date(2027, 3, 28),
    date(2027, 4, 4),
    date(2027, 4, 30),  # Cairo, midnight does not exist
    date(2027, 10, 3),
    date(2027, 10, 31),
    date(2027, 11, 7),
]
REVERSED = (
    "the end must be later than the start. "
    "For hours past midnight, end this day at midnight and start the next day at midnight."
)
days = st.one_of(st.sampled_from(CLOCK_CHANGES), st.dates(min_value=date(2026, 1, 1), max_value=date(2028, 12, 31)))
day_minutes = st.integers(min_value=0, max_value=96).map(lambda quarter: quarter * 15)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hm(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def shown(instant, zone):
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def elapsed(ranges):
    return sum((end - start for start, end in ranges), timedelta())


@pytest.mark.parametrize(
    ("day", "in_utc", "chicago", "kolkata"),
    [
        ("2027-03-09", "14:00", "08:00", "19:30"),
        ("2027-03-16", "14:00", "09:00", "19:30"),
        ("2027-03-23", "14:00", "09:00", "19:30"),
        ("2027-03-30", "13:00", "08:00", "18:30"),
        ("2027-10-26", "13:00", "08:00", None),
        ("2027-11-02", "14:00", "09:00", None),
        ("2027-11-09", "14:00", "08:00", None),
    ],
)
def test_local_minute_around_clock_changes(day, in_utc, chicago, kolkata):
    """The vectors of ux.md 4.1: Tuesday 3pm in Prague."""
    instant = local_minute(date.fromisoformat(day), hm("15:00"), PRAGUE)

    assert instant == utc(f"{day}T{in_utc}")
    assert shown(instant, CHICAGO) == datetime.fromisoformat(f"{day}T{chicago}")
    if kolkata:
        assert shown(instant, ZoneInfo("Asia/Kolkata")) == datetime.fromisoformat(f"{day}T{kolkata}")


@pytest.mark.parametrize(
    ("zone", "day", "skipped", "first_existing"),
    [
        ("Europe/Prague", "2027-03-28", "02:30", "03:00"),
        ("America/Chicago", "2027-03-14", "02:30", "03:00"),
        ("Europe/Dublin", "2027-03-28", "01:30", "02:00"),
        ("Australia/Lord_Howe", "2027-10-03", "02:15", "02:30"),
        ("Antarctica/Troll", "2027-03-28", "01:30", "03:00"),
        ("Africa/Cairo", "2027-04-30", "00:00", "01:00"),
    ],
)
def test_local_minute_in_gap(zone, day, skipped, first_existing):
    """R-TZ-11, F42: no instant shows the minute; hours begin at the first one that exists."""
    zone, day = ZoneInfo(zone), date.fromisoformat(day)

    assert wall_instants(day, hm(skipped), zone) == []
    instant = local_minute(day, hm(skipped), zone)
    assert shown(instant, zone) == datetime.combine(day, time.fromisoformat(first_existing))
    assert instant == local_minute(day, hm(first_existing), zone)


@pytest.mark.parametrize(
    ("zone", "day", "twice", "first", "second"),
    [
        ("Europe/Prague", "2027-10-31", "02:30", "2027-10-31T00:30", "2027-10-31T01:30"),
        ("America/Chicago", "2027-11-07", "01:30", "2027-11-07T06:30", "2027-11-07T07:30"),
        ("Australia/Lord_Howe", "2027-04-04", "01:45", "2027-04-03T14:45", "2027-04-03T15:15"),
    ],
)
def test_wall_instants_in_fold(zone, day, twice, first, second):
    """R-TZ-11, F43: both are choices, and hours take the first."""
    zone, day = ZoneInfo(zone), date.fromisoformat(day)

    assert wall_instants(day, hm(twice), zone) == [utc(first), utc(second)]
    assert local_minute(day, hm(twice), zone) == utc(first)


@pytest.mark.parametrize(
    ("zone", "wall", "other", "other_wall"),
    [
        ("America/Los_Angeles", "2026-11-24T21:30", "Pacific/Auckland", "2026-11-25T18:30"),
        ("America/Los_Angeles", "2026-11-24T21:30", "Pacific/Kiritimati", "2026-11-25T19:30"),
        ("America/Los_Angeles", "2026-11-24T21:30", "Asia/Kathmandu", "2026-11-25T11:15"),
        ("Asia/Kathmandu", "2026-11-24T09:00", "America/New_York", "2026-11-23T22:15"),
    ],
)
def test_local_minute_on_other_side_of_date_line(zone, wall, other, other_wall):
    wall = datetime.fromisoformat(wall)

    instant = local_minute(wall.date(), wall.hour * 60 + wall.minute, ZoneInfo(zone))

    assert shown(instant, ZoneInfo(other)) == datetime.fromisoformat(other_wall)


@pytest.mark.parametrize("minute", [-1, 1441])
def test_local_minute_outside_day(minute):
    with pytest.raises(ValueError, match="from 0 to 1440"):
        local_minute(date(2027, 3, 9), minute, PRAGUE)
    with pytest.raises(ValueError, match="from 0 to 1440"):
        wall_instants(date(2027, 3, 9), minute, PRAGUE)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (PRAGUE, "2027-03-28", 23),
        (PRAGUE, "2027-10-31", 25),
        (LORD_HOWE, "2027-10-03", 23.5),
        (LORD_HOWE, "2027-04-04", 24.5),
        (ZoneInfo("Africa/Cairo"), "2027-04-30", 23),
        (ZoneInfo("Africa/Cairo"), "2026-10-29", 25),
        (ZoneInfo("America/Havana"), "2027-11-07", 25),
        (ZoneInfo("Antarctica/Troll"), "2027-03-28", 22),
        (ZoneInfo("Pacific/Apia"), "2011-12-30", 0),
    ],
)
def test_open_ranges_of_whole_day(zone, day, hours):
    """F45, R-TZ-12: 00:00 to 24:00 is as long as that day is."""
    day = date.fromisoformat(day)

    ranges = open_ranges([OpenHours(day.weekday(), 0, 1440)], {}, zone, day, day)

    assert elapsed(ranges) == timedelta(hours=hours)
    assert len(ranges) == (1 if hours else 0)


def test_open_ranges_keep_wall_clock_over_the_year():
    tuesdays = [OpenHours(1, hm("15:00"), hm("16:00"))]

    ranges = open_ranges(tuesdays, {}, PRAGUE, date(2027, 3, 22), date(2027, 4, 4))

    assert ranges == [
        (utc("2027-03-23T14:00"), utc("2027-03-23T15:00")),
        (utc("2027-03-30T13:00"), utc("2027-03-30T14:00")),
    ]


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("02:30", "05:00", [("01:00", "03:00")]),  # starts at the first existing minute, 03:00
        ("01:00", "02:30", [("00:00", "01:00")]),  # ends where the clock jumps
        ("02:15", "02:45", []),  # wholly inside
        ("01:00", "04:00", [("00:00", "02:00")]),  # two real hours
    ],
)
def test_open_ranges_over_gap(opens, closes, expected):
    day = date(2027, 3, 28)

    ranges = open_ranges([OpenHours(6, hm(opens), hm(closes))], {}, PRAGUE, day, day)

    assert ranges == [(utc(f"{day}T{start}"), utc(f"{day}T{end}")) for start, end in expected]


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("01:00", "04:00", ("2027-10-30T23:00", "2027-10-31T03:00")),  # four real hours
        ("02:00", "03:00", ("2027-10-31T00:00", "2027-10-31T02:00")),  # the doubled hour, in one piece
        ("01:00", "02:00", ("2027-10-30T23:00", "2027-10-31T00:00")),
        ("03:00", "04:00", ("2027-10-31T02:00", "2027-10-31T03:00")),
    ],
)
def test_open_ranges_over_fold(opens, closes, expected):
    day = date(2027, 10, 31)

    ranges = open_ranges([OpenHours(6, hm(opens), hm(closes))], {}, PRAGUE, day, day)

    assert ranges == [tuple(map(utc, expected))]


def test_open_ranges_merged_at_24_00():
    night = [OpenHours(0, hm("22:00"), 1440), OpenHours(1, 0, hm("02:00"))]

    ranges = open_ranges(night, {}, CHICAGO, date(2027, 1, 4), date(2027, 1, 5))

    assert ranges == [(utc("2027-01-05T04:00"), utc("2027-01-05T08:00"))]


def test_open_ranges_merged_over_skipped_day():
    every_day = [OpenHours(weekday, 0, 1440) for weekday in range(7)]

    ranges = open_ranges(every_day, {}, ZoneInfo("Pacific/Apia"), date(2011, 12, 29), date(2011, 12, 31))

    assert ranges == [(utc("2011-12-29T10:00"), utc("2011-12-31T10:00"))]


def test_open_ranges_touching_and_overlapping_hours():
    monday = [OpenHours(0, 720, 780), OpenHours(0, 540, 600), OpenHours(0, 600, 660), OpenHours(0, 630, 640)]

    ranges = open_ranges(monday, {}, ZoneInfo("UTC"), date(2027, 1, 4), date(2027, 1, 4))

    assert ranges == [
        (utc("2027-01-04T09:00"), utc("2027-01-04T11:00")),
        (utc("2027-01-04T12:00"), utc("2027-01-04T13:00")),
    ]


def test_open_ranges_with_overrides():
    """An override replaces the hours of its date alone; one without hours is a day away (F36)."""
    nine_to_five = [OpenHours(weekday, 540, 1020) for weekday in range(5)]
    monday, tuesday, wednesday, saturday = (date(2027, 1, day) for day in (4, 5, 6, 9))
    overrides = {monday: [], tuesday: [OpenHours(tuesday, 600, 660)], saturday: [OpenHours(saturday, 720, 780)]}

    ranges = open_ranges(nine_to_five, overrides, ZoneInfo("UTC"), monday, wednesday)

    assert ranges == [
        (utc("2027-01-05T10:00"), utc("2027-01-05T11:00")),
        (utc("2027-01-06T09:00"), utc("2027-01-06T17:00")),
    ]
    assert open_ranges([], overrides, ZoneInfo("UTC"), saturday, saturday) == [
        (utc("2027-01-09T12:00"), utc("2027-01-09T13:00"))
    ]


def test_open_ranges_without_days():
    assert open_ranges([OpenHours(0, 0, 1440)], {}, PRAGUE, date(2027, 1, 5), date(2027, 1, 4)) == []


@settings(max_examples=200, deadline=None)
@given(zone=st.sampled_from(ZONES), day=days, minute=st.integers(min_value=0, max_value=1440))
@example(zone=LORD_HOWE, day=date(2027, 10, 3), minute=135)
@example(zone=ZoneInfo("Africa/Cairo"), day=date(2027, 4, 29), minute=1440)
def test_local_minute_is_first_to_show_it(zone, day, minute):
    """F42, F43: every wall minute comes back as it went in, unless it does not exist."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)

    instant = local_minute(day, minute, zone)
    meant = wall_instants(day, minute, zone)

    assert [shown(each, zone) for each in meant] == [wall] * len(meant)
    assert instant == (meant[0] if meant else instant)
    assert shown(instant, zone) >= wall
    assert all(shown(instant - timedelta(minutes=ago), zone) < wall for ago in range(1, 180))


@settings(max_examples=100, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    first_day=days,
    length=st.integers(min_value=0, max_value=3),
    hours=st.lists(st.tuples(st.integers(0, 6), day_minutes, day_minutes), max_size=8),
)
def test_open_ranges_by_walking_the_clock(zone, first_day, length, hours):
    """A watchman looks at the wall clock every quarter of an hour and notes the latest time he has seen."""
    weekly = [OpenHours(weekday, min(pair), max(pair)) for weekday, *pair in hours]
    last_day = first_day + timedelta(days=length)

    ranges = open_ranges(weekly, {}, zone, first_day, last_day)

    walls = [
        [datetime.combine(day, time()) + timedelta(minutes=minute) for minute in (each.opens, each.closes)]
        for day in (first_day + timedelta(days=n) for n in range(length + 1))
        for each in weekly
        if each.day == day.weekday()
    ]
    instant = datetime.combine(first_day - timedelta(days=1), time(), UTC)
    latest = shown(instant, zone)
    while instant < datetime.combine(last_day + timedelta(days=2), time(), UTC):
        latest = max(latest, shown(instant, zone))
        expected = any(opens <= latest < closes for opens, closes in walls)
        assert any(start <= instant < end for start, end in ranges) == expected
        instant += timedelta(minutes=15)
    assert all(end < start for (_, end), (start, _) in pairwise(ranges))


def test_check_ranges_sound():
    assert check_ranges([OpenHours(0, 540, 720), OpenHours(0, 720, 1440), OpenHours(1, 0, 1440)]) == []
    assert check_ranges([]) == []


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        (
            [OpenHours(0, 1320, 120)],
            f"Monday, 10pm to 2am: {REVERSED}",
        ),
        (
            [OpenHours(date(2027, 1, 5), 570, 570)],
            f"Tue 5 Jan 2027, 9:30am to 9:30am: {REVERSED}",
        ),
        (
            [OpenHours(2, 600, 1440), OpenHours(3, 0, 60), OpenHours(2, 0, 720)],
            "Wednesday: midnight to midday and 10am to midnight overlap. Change one of them, or make them one.",
        ),
        ([OpenHours(6, 540, 1441)], "Sunday: hours lie between midnight and midnight. Enter times of one day."),
        ([OpenHours(6, -5, 60)], "Sunday: hours lie between midnight and midnight. Enter times of one day."),
    ],
)
def test_check_ranges_faulty(hours, sentence):
    """PG-42: the sentence says what is wrong and how to mend it."""
    assert check_ranges(hours) == [sentence]


def test_check_ranges_long_one_over_several():
    hours = [OpenHours(0, 540, 1020), OpenHours(0, 600, 660), OpenHours(0, 720, 780)]

    assert check_ranges(hours) == [
        "Monday: 9am to 5pm and 10am to 11am overlap. Change one of them, or make them one.",
        "Monday: 9am to 5pm and midday to 1pm overlap. Change one of them, or make them one.",
    ]


def test_check_ranges_off_the_grid():
    assert check_ranges([OpenHours(0, 541, 720)]) == [
        "Monday, 9:01am to midday: hours begin and end at full 5 minutes. Enter times like 9:00 or 9:05."
    ]


@pytest.mark.parametrize(
    ("zone", "day", "minute", "gap"),
    [
        (PRAGUE, date(2027, 3, 28), 150, (120, 180)),
        (PRAGUE, date(2027, 3, 28), 120, (120, 180)),
        (PRAGUE, date(2027, 3, 28), 180, None),
        (CHICAGO, date(2027, 3, 14), 150, (120, 180)),
        (LORD_HOWE, date(2027, 10, 3), 135, (120, 150)),
        (PRAGUE, date(2027, 10, 31), 150, None),
        (ZoneInfo("America/Havana"), date(2027, 3, 14), 0, (0, 60)),
        (ZoneInfo("Pacific/Apia"), date(2011, 12, 30), 600, (0, 1440)),
    ],
)
def test_skipped_minutes_of_a_day(zone, day, minute, gap):
    """R-TZ-11, F42."""
    assert skipped_minutes(day, minute, zone) == gap


@pytest.mark.parametrize(("opens", "closes"), [(120, 300), (60, 150), (150, 160)])
def test_check_shown_names_what_the_clocks_skip(opens, closes):
    assert check_shown([OpenHours(date(2027, 3, 28), opens, closes)], PRAGUE) == [
        "The clocks go forward on Sun 28 Mar 2027: 2am to 3am does not exist. Enter a time before 2am, or 3am or later."
    ]


def test_check_shown_hours_beside_and_around_a_gap():
    day = date(2027, 3, 28)
    assert check_shown([OpenHours(day, 60, 120), OpenHours(day, 180, 300)], PRAGUE) == []
    assert check_shown([OpenHours(day, 60, 300), OpenHours(6, 120, 300)], PRAGUE) == []
