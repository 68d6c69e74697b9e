from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendars.bitmap import DAY_BITS, paint
from calendars.hours import OpenHours, open_ranges
from calendars.slots import (
    Reason,
    ReasonCode,
    Slot,
    SlotRules,
    Window,
    days_needed,
    nearest,
    starts,
    why_not,
)

PRAGUE = ZoneInfo("Europe/Prague")
UTC_ZONE = ZoneInfo("UTC")
RULES = SlotRules(minutes=60, step=30, before=0, after=0, notice_minutes=0, horizon_days=60)
DAY = date(2027, 1, 5)


def at(text, day=DAY):
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(
        hours=int(text.split(":")[0]), minutes=int(text.split(":")[1])
    )


MIDNIGHT = at("0:00")


def ranges(*spans):
    return [tuple(map(at, span.split("-"))) for span in spans]


def window(opened, busy=(), asked=(), *, first_day=DAY, days=1):
    return Window(
        first_day,
        paint(ranges(*opened), first_day, days, outward=False),
        paint(ranges(*busy), first_day, days, outward=True),
        paint(ranges(*asked), first_day, days, outward=True),
    )


def offered(of, rules=RULES, zone=UTC_ZONE, now=MIDNIGHT, hide_asked=True, since="0:00", until="32:00"):
    return starts(of, rules, zone, now, since=at(since), until=at(until), hide_asked=hide_asked)


def clock(slots):
    return [f"{slot.start:%H:%M}" for slot in slots]


def reason(start, of, rules=RULES, zone=UTC_ZONE, now=MIDNIGHT, hide_asked=True):
    return why_not(at(start), of, rules, zone, now, hide_asked)


# What is offered


def test_starts_fill_open_hours():
    assert clock(offered(window(["9:00-11:00"]))) == ["09:00", "09:30", "10:00"]


@pytest.mark.parametrize(("count", "expected"), [(0, []), (2, ["09:00", "09:30"]), (9, ["09:00", "09:30", "10:00"])])
def test_starts_are_the_first_so_many(count, expected):
    of = window(["9:00-11:00"])
    found = starts(
        of, RULES, UTC_ZONE, MIDNIGHT, since=MIDNIGHT, until=at("32:00"), hide_asked=True, count=count
    )  # fmt: skip
    assert clock(found) == expected


def test_starts_over_utc_midnight():
    """Decision 22: the tail of the row carries the session into the next day."""
    assert clock(offered(window(["22:30-25:00"]))) == ["22:30", "23:00", "23:30", "00:00"]


def test_starts_between_since_and_until():
    assert clock(offered(window(["9:00-17:00"]), since="9:01", until="11:00")) == ["09:30", "10:00", "10:30"]


@pytest.mark.parametrize(
    ("opened", "step", "expected"),
    [
        (["9:10-11:00"], 30, ["09:30", "10:00"]),  # a range begins its ladder at the first multiple of the step
        (["9:10-11:00"], 15, ["09:15", "09:30", "09:45", "10:00"]),
        (["9:00-11:00"], 50, ["09:10", "10:00"]),  # 550 and 600 minutes after midnight
        (["9:00-11:00"], 5, [f"{m // 60:02}:{m % 60:02}" for m in range(540, 601, 5)]),
        (["9:00-9:55"], 5, []),
    ],
)
def test_starts_on_ladder_from_midnight(opened, step, expected):
    """Decision 24."""
    assert clock(offered(window(opened), replace(RULES, step=step))) == expected


def test_starts_on_ladder_of_wall_clock():
    """Kathmandu is 5:45 ahead: full hours there are quarter past here."""
    slots = offered(window(["4:00-7:00"]), replace(RULES, step=60), ZoneInfo("Asia/Kathmandu"))

    assert clock(slots) == ["04:15", "05:15"]


def test_starts_do_not_move_with_notice():
    """Decision 24: notice only removes starts, it never moves the ladder."""
    rules = replace(RULES, notice_minutes=70)

    assert clock(offered(window(["9:00-12:00"]), rules, now=at("8:25"))) == ["10:00", "10:30", "11:00"]


@pytest.mark.parametrize(("now", "first"), [(at("8:00"), "09:00"), (at("8:00") + timedelta.resolution, "09:30")])
def test_starts_exactly_at_notice(now, first):
    """Decision 10: exactly at a threshold counts."""
    assert clock(offered(window(["9:00-11:00"]), replace(RULES, notice_minutes=60), now=now))[0] == first


def test_starts_exactly_at_horizon():
    rules = replace(RULES, horizon_days=1)
    now = at("9:30") - timedelta(days=1)

    assert clock(offered(window(["9:00-11:00"]), rules, now=now)) == ["09:00", "09:30"]
    assert clock(offered(window(["9:00-11:00"]), rules, now=now - timedelta.resolution)) == ["09:00"]


def test_starts_at_this_very_moment():
    assert clock(offered(window(["9:00-10:30"]), now=at("9:30"))) == ["09:30"]


def test_starts_around_busy_time():
    of = window(["9:00-15:00"], busy=["11:00-12:00"])

    assert clock(offered(of)) == ["09:00", "09:30", "10:00", "12:00", "12:30", "13:00", "13:30", "14:00"]


def test_starts_keep_buffers_to_busy_time():
    of = window(["9:00-15:00"], busy=["11:00-12:00"])

    slots = offered(of, replace(RULES, before=30, after=15))

    assert clock(slots) == ["09:00", "09:30", "12:30", "13:00", "13:30", "14:00"]


def test_starts_with_buffers_outside_hours():
    """Buffers may lie outside open hours, only not in busy time."""
    rules = replace(RULES, before=30, after=30)

    assert clock(offered(window(["9:00-10:00"]), rules)) == ["09:00"]
    assert clock(offered(window(["9:00-10:00"], busy=["8:29-8:31"]), rules)) == []
    assert clock(offered(window(["9:00-10:00"], busy=["10:29-10:31"]), rules)) == []
    assert clock(offered(window(["9:00-10:00"], busy=["8:00-8:30", "10:30-11:00"]), rules)) == ["09:00"]


def test_starts_before_window_count_as_taken():
    of = window(["0:00-2:00"])

    assert clock(offered(of, replace(RULES, before=30))) == ["00:30", "01:00"]
    assert reason("0:00", of, replace(RULES, before=30)) == Reason(ReasonCode.BUFFER, limit=30)


def test_starts_somebody_asked_for():
    """Decision 15: hidden, or marked where the service shows them."""
    of = window(["9:00-12:00"], asked=["10:30-11:00"])

    assert clock(offered(of)) == ["09:00", "09:30", "11:00"]
    assert offered(of, hide_asked=False) == [
        Slot(at("9:00"), asked=False),
        Slot(at("9:30"), asked=False),
        Slot(at("10:00"), asked=True),
        Slot(at("10:30"), asked=True),
        Slot(at("11:00"), asked=False),
    ]


def test_starts_of_nothing():
    assert offered(window([])) == []
    assert offered(window(["9:00-11:00"]), since="11:00", until="10:00") == []
    assert offered(window(["9:00-11:00"]), now=at("12:00")) == []
    assert offered(window(["9:00-11:00"]), replace(RULES, horizon_days=0), now=at("8:00")) == []


def on_change_day(zone, day, opens, closes, rules):
    hours = [OpenHours(day.weekday(), opens, closes)]
    first_day = day - timedelta(days=1)
    opened = paint(open_ranges(hours, {}, zone, day, day), first_day, 3, outward=False)
    now = datetime.combine(first_day, datetime.min.time(), UTC)
    return starts(
        Window(first_day, opened, 0, 0), rules, zone, now, since=now, until=now + timedelta(days=3), hide_asked=True
    )


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "expected"),
    [
        # Gap: 2:00 to 2:30 do not exist, sessions run through it in real minutes.
        ("Europe/Prague", date(2027, 3, 28), 60, 300, "01:00+0100 01:30+0100 03:00+0200 03:30+0200 04:00+0200"),
        ("America/Chicago", date(2027, 3, 14), 60, 300, "01:00-0600 01:30-0600 03:00-0500 03:30-0500 04:00-0500"),
        ("Australia/Lord_Howe", date(2027, 10, 3), 60, 240, "01:00+1030 01:30+1030 02:30+1100 03:00+1100"),
        ("Africa/Cairo", date(2027, 4, 30), 0, 150, "01:00+0300 01:30+0300"),
        # Fold: both are offered, distinct by instant (F43).
        ("Europe/Prague", date(2027, 10, 31), 120, 210, "02:00+0200 02:30+0200 02:00+0100 02:30+0100"),
        ("America/Chicago", date(2027, 11, 7), 60, 150, "01:00-0500 01:30-0500 01:00-0600 01:30-0600"),
        ("Australia/Lord_Howe", date(2027, 4, 4), 60, 180, "01:00+1100 01:30+1100 01:30+1030 02:00+1030"),
    ],
)
def test_starts_on_clock_change(zone, day, opens, closes, expected):
    zone = ZoneInfo(zone)

    slots = on_change_day(zone, day, opens, closes, RULES)

    walls = [slot.start.astimezone(zone) for slot in slots]
    assert {wall.date() for wall in walls} == {day}
    assert [f"{wall:%H:%M%z}" for wall in walls] == expected.split()


def test_starts_back_on_ladder_after_half_hour_shift():
    """Lord Howe jumps by 30 minutes: hourly starts stay on the full wall hour."""
    zone = ZoneInfo("Australia/Lord_Howe")

    slots = on_change_day(zone, date(2027, 10, 3), 0, 360, replace(RULES, step=60))

    assert [f"{slot.start.astimezone(zone):%H:%M}" for slot in slots] == ["00:00", "01:00", "03:00", "04:00", "05:00"]


# The reason why not


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("12:00", None),
        ("6:55", Reason(ReasonCode.PAST, earliest=at("9:00"))),
        ("7:00", Reason(ReasonCode.TOO_SOON, earliest=at("9:00"), limit=120)),
        ("8:59", Reason(ReasonCode.TOO_SOON, earliest=at("9:00"), limit=120)),
        ("9:00", Reason(ReasonCode.OUTSIDE_HOURS)),
        ("16:30", Reason(ReasonCode.OUTSIDE_HOURS)),
        ("31:00", Reason(ReasonCode.TOO_FAR, latest=at("31:00") - timedelta(minutes=1), limit=1)),
        ("13:30", Reason(ReasonCode.BUSY)),
        ("14:40", Reason(ReasonCode.BUSY)),
        ("13:00", Reason(ReasonCode.BUFFER, limit=15)),
        ("15:00", Reason(ReasonCode.BUFFER, limit=10)),
        ("10:30", Reason(ReasonCode.ASKED)),
        ("12:10", Reason(ReasonCode.OFF_STEP, limit=30)),
        ("12:02", Reason(ReasonCode.OFF_STEP, limit=30)),
    ],
)
def test_why_not(start, expected):
    """D-3: the reason and its figures."""
    rules = SlotRules(minutes=60, step=30, before=10, after=15, notice_minutes=120, horizon_days=1)
    of = window(["10:00-17:00"], busy=["14:05-14:55"], asked=["10:00-11:00"])
    now = at("7:00")
    if expected and expected.code == ReasonCode.TOO_FAR:
        now -= timedelta(minutes=1)

    assert why_not(at(start), of, rules, UTC_ZONE, now, True) == expected


def test_why_not_shows_asked_times():
    assert reason("9:00", window(["9:00-10:00"], asked=["9:00-10:00"]), hide_asked=False) is None


@pytest.mark.parametrize(("start", "asked"), [("8:30", True), ("8:00", False), ("10:00", True), ("10:30", False)])
def test_why_not_asked_within_buffers(start, asked):
    """The buffers of the new session may not touch what somebody asked for either (decision 20)."""
    rules = replace(RULES, before=30, after=15)
    of = window(["0:00-24:00"], asked=["9:30-10:00"])

    assert (reason(start, of, rules) == Reason(ReasonCode.ASKED)) is asked
    assert (start in [f"{slot.start.hour}:{slot.start:%M}" for slot in offered(of, rules)]) is not asked


def test_why_not_prefers_what_a_neighbour_cannot_mend():
    """A minute off the step is told last: the other reasons would hold for the neighbours too."""
    of = window(["9:00-17:00"], busy=["12:00-13:00"])

    assert reason("20:07", of) == Reason(ReasonCode.OUTSIDE_HOURS)
    assert reason("12:07", of) == Reason(ReasonCode.BUSY)
    assert reason("14:07", of) == Reason(ReasonCode.OFF_STEP, limit=30)


@pytest.mark.parametrize("shift", [timedelta(seconds=1), timedelta.resolution])
def test_why_not_between_minutes(shift):
    of = window(["9:00-17:00"])

    assert why_not(at("9:00") + shift, of, RULES, UTC_ZONE, at("0:00"), True) == Reason(ReasonCode.OFF_STEP, limit=30)


def test_why_not_before_and_after_window():
    of = window(["0:00-32:00"])

    assert reason("-1:00", of, now=at("-9:00")) == Reason(ReasonCode.OUTSIDE_HOURS)
    assert reason("31:30", of) == Reason(ReasonCode.OUTSIDE_HOURS)


def test_naive_times_refused():
    """DTZ: a naive time would be read in the server's zone."""
    naive = datetime(2027, 1, 5, 9)
    of = window(["9:00-17:00"])

    with pytest.raises(ValueError, match="needs a zone"):
        why_not(naive, of, RULES, UTC_ZONE, at("0:00"), True)
    with pytest.raises(ValueError, match="needs a zone"):
        why_not(at("9:00"), of, RULES, UTC_ZONE, naive, True)
    with pytest.raises(TypeError):
        starts(of, RULES, UTC_ZONE, at("0:00"), since=naive, until=at("9:00"), hide_asked=True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"minutes": 0}, "at least one"),
        ({"minutes": 12}, "multiples of 5"),
        ({"step": 0}, "at least one"),
        ({"step": -5}, "at least one"),
        ({"before": 3}, "multiples of 5"),
        ({"after": -5}, "not negative"),
        ({"notice_minutes": -1}, "not negative"),
        ({"horizon_days": -1}, "not negative"),
    ],
)
def test_slot_rules_off_grid(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        replace(RULES, **change)


# Nearest times and days to load


@pytest.mark.parametrize(
    ("wanted", "count", "expected"),
    [
        ("8:00", 3, ["09:00", "10:00", "11:00"]),
        ("12:10", 3, ["11:00", "12:00", "13:00"]),
        ("11:30", 1, ["11:00"]),  # a tie: the earlier one
        ("11:30", 3, ["10:00", "11:00", "12:00"]),
        ("20:00", 2, ["13:00", "14:00"]),
        ("11:00", 9, ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00"]),
        ("11:00", 0, []),
    ],
)
def test_nearest(wanted, count, expected):
    slots = [Slot(at(f"{hour}:00"), asked=False) for hour in (14, 9, 11, 10, 13, 12)]

    assert clock(nearest(slots, at(wanted), count)) == expected


def test_nearest_of_nothing():
    assert nearest([], at("9:00")) == []


@pytest.mark.parametrize(
    ("before", "minutes", "after", "since", "until", "expected"),
    [
        (0, 60, 0, "0:00", "24:00", (DAY, 1)),
        (5, 60, 0, "0:00", "24:00", (DAY - timedelta(days=1), 2)),
        (0, 480, 0, "0:00", "24:00", (DAY, 1)),
        (0, 480, 5, "0:00", "24:00", (DAY, 2)),
        (0, 60, 0, "23:00", "24:01", (DAY, 2)),
    ],
)
def test_days_needed(before, minutes, after, since, until, expected):
    rules = replace(RULES, before=before, minutes=minutes, after=after)

    assert days_needed(rules, at(since), at(until)) == expected


def test_days_needed_in_another_zone():
    """Real minutes are counted, not wall minutes: 31 October 2027, 2am the second time, less two hours."""
    since = datetime(2027, 10, 31, 2, tzinfo=PRAGUE, fold=1)

    assert days_needed(replace(RULES, before=120), since, since + timedelta(days=1))[0] == date(2027, 10, 30)


def test_days_needed_for_no_time():
    with pytest.raises(ValueError, match="later than the start"):
        days_needed(RULES, at("9:00"), at("9:00"))


def test_window_holds_whole_days():
    of = window(["0:00-32:00"])

    assert of.open.bit_length() == DAY_BITS + 96
