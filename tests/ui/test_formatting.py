"""Words for times and places, with the vectors of ux.md 4.1 and the style of 4.2."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts import formatting

CHICAGO, PRAGUE, KOLKATA = "America/Chicago", "Europe/Prague", "Asia/Kolkata"
NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def at(zone: str, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("prague_day", "chicago", "kolkata"),
    [
        ((2027, 3, 9), "8am", "7:30pm"),
        ((2027, 3, 16), "9am", "7:30pm"),
        ((2027, 3, 23), "9am", "7:30pm"),
        ((2027, 3, 30), "8am", "6:30pm"),
        ((2027, 10, 26), "8am", "6:30pm"),
        ((2027, 11, 2), "9am", "7:30pm"),
        ((2027, 11, 9), "8am", "7:30pm"),
    ],
)
def test_clock_around_clock_changes_is_the_wall_time_of_each_place(prague_day, chicago, kolkata):
    """R-TZ-10: Tuesday 3pm in Prague, through the spring and autumn weeks in which only one side has changed."""
    start = at(PRAGUE, *prague_day, 15, 0)

    assert formatting.clock(start, PRAGUE) == "3pm"
    assert formatting.clock(start, CHICAGO) == chicago
    assert formatting.clock(start, KOLKATA) == kolkata


@pytest.mark.parametrize(
    ("hour", "minute", "twelve", "twenty_four"),
    [
        (0, 0, "midnight", "00:00"),
        (0, 5, "12:05am", "00:05"),
        (8, 0, "8am", "08:00"),
        (8, 30, "8:30am", "08:30"),
        (12, 0, "midday", "12:00"),
        (12, 30, "12:30pm", "12:30"),
        (23, 59, "11:59pm", "23:59"),
    ],
)
def test_clock_in_english_style_for_both_hour_cycles(hour, minute, twelve, twenty_four):
    """R-LOC-1, R-LOC-2."""
    moment = at(PRAGUE, 2026, 11, 24, hour, minute)

    assert formatting.clock(moment, PRAGUE) == twelve
    assert formatting.clock(moment, PRAGUE, 24) == twenty_four


def test_clock_of_a_time_that_happens_twice_says_which_one():
    """R-TZ-11: 1:30am comes twice in Chicago on 7 November 2027."""
    first = at(CHICAGO, 2027, 11, 7, 1, 30)
    second = at(CHICAGO, 2027, 11, 7, 1, 30, fold=1)

    assert formatting.clock(first, CHICAGO) == "1:30am (first, GMT−5)"
    assert formatting.clock(second, CHICAGO) == "1:30am (second, GMT−6)"
    assert second - first == timedelta(hours=1)


def test_day_and_range_leaves_out_the_year_of_now_only():
    """R-LOC-2: the year when not this one; without a now it can't be known, so it is said."""
    end = START + HALF_HOUR

    assert formatting.day_and_range(START, end, CHICAGO, NOW) == "Tue 24 Nov, 8am to 8:30am"
    assert formatting.day_and_range(START, end, CHICAGO) == "Tue 24 Nov 2026, 8am to 8:30am"
    assert formatting.day_and_range(START, end, CHICAGO, NOW + timedelta(days=60)) == "Tue 24 Nov 2026, 8am to 8:30am"


def test_day_of_this_year_is_judged_in_the_readers_zone():
    """R-TZ-8: at this moment it is already 2027 in Auckland, still 2026 in Chicago."""
    new_year = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)

    assert formatting.short_day(new_year, "Pacific/Auckland", new_year) == "Fri 1 Jan"
    assert formatting.short_day(new_year + timedelta(days=1), CHICAGO, new_year) == "Fri 1 Jan 2027"


def test_long_day_for_headings_is_in_full():
    assert formatting.long_day(START, CHICAGO, NOW) == "Tuesday 24 November"
    assert formatting.long_day_words(date(2027, 3, 28), date(2026, 11, 22)) == "Sunday 28 March 2027"


def test_midnight_says_whose_day_it_starts():
    """R-TZ-9."""
    midnight = at(PRAGUE, 2026, 11, 25, 0, 0)

    assert formatting.day_and_time(midnight, PRAGUE, NOW) == "midnight at the start of Wed 25 Nov"
    assert formatting.day_and_time(midnight, PRAGUE, NOW, 24) == "00:00 at the start of Wed 25 Nov"
    assert (
        formatting.day_and_range(midnight, midnight + HALF_HOUR, PRAGUE, NOW)
        == "midnight at the start of Wed 25 Nov to 12:30am"
    )


def test_time_range_over_midnight_names_the_next_day_and_up_to_midnight_does_not():
    """R-TZ-7, R-TZ-9."""
    late = at(PRAGUE, 2026, 11, 24, 23, 30)

    assert formatting.time_range(late, late + HALF_HOUR, PRAGUE) == "11:30pm to midnight"
    assert formatting.time_range(late, late + 2 * HALF_HOUR, PRAGUE) == "11:30pm to 12:30am (next day)"
    assert formatting.time_range(late, late + 2 * HALF_HOUR, PRAGUE, 24) == "23:30 to 00:30 (next day)"


def test_other_time_is_said_only_when_clocks_differ_at_that_instant():
    """R-TZ-6: Berlin has Prague's clock; London has Lisbon's; Phoenix agrees with Denver in winter only."""
    winter, summer = START, START + timedelta(days=240)
    end = START + HALF_HOUR

    assert formatting.other_time(START, end, CHICAGO, PRAGUE, NOW) == "3pm to 3:30pm in Prague"
    assert formatting.other_time(START, end, PRAGUE, "Europe/Berlin", NOW) == ""
    assert formatting.other_time(winter, None, "America/Denver", "America/Phoenix", NOW) == ""
    assert formatting.other_time(summer, None, "America/Denver", "America/Phoenix", NOW) == "7am in Phoenix"


@pytest.mark.parametrize(
    ("zone", "local", "other_zone", "words"),
    [
        ("America/Los_Angeles", (2026, 11, 24, 21, 30), "Pacific/Auckland", "6:30pm Wed 25 Nov in Auckland (next day)"),
        (
            "America/Los_Angeles",
            (2026, 11, 24, 21, 30),
            "Pacific/Kiritimati",
            "7:30pm Wed 25 Nov in Kiritimati (next day)",
        ),
        ("America/Los_Angeles", (2026, 11, 24, 21, 30), "Asia/Kathmandu", "11:15am Wed 25 Nov in Kathmandu (next day)"),
        ("Asia/Kathmandu", (2026, 11, 24, 9, 0), "America/New_York", "10:15pm Mon 23 Nov in New York (previous day)"),
        (
            "Pacific/Midway",
            (2026, 11, 24, 23, 30),
            "Pacific/Kiritimati",
            "12:30am Thu 26 Nov in Kiritimati (2 days later)",
        ),
    ],
)
def test_other_time_on_another_date_says_the_date(zone, local, other_zone, words):
    """R-TZ-7, with the vectors of ux.md 4.1."""
    assert formatting.other_time(at(zone, *local), None, zone, other_zone, NOW) == words


@pytest.mark.parametrize(
    ("zone", "city", "offset"),
    [
        (CHICAGO, "Chicago", "GMT−6"),
        (KOLKATA, "Kolkata", "GMT+5:30"),
        ("Europe/London", "London", "GMT"),
        ("America/St_Johns", "St. John’s", "GMT−3:30"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires", "GMT−3"),
        ("Europe/Kiev", "Kyiv", "GMT+2"),
    ],
)
def test_zone_is_named_by_its_city_and_offset(zone, city, offset):
    """R-TZ-3: never by an abbreviation."""
    assert formatting.city_name(zone) == city
    assert formatting.offset_label(START, zone) == offset
    assert formatting.zone_label(START, zone) == f"{city} ({offset})"


def test_city_name_is_in_the_readers_language():
    assert formatting.city_name(PRAGUE, "cs") == "Praha"


@pytest.mark.parametrize(
    ("other_zone", "words"),
    [
        (PRAGUE, "7 hours ahead"),
        ("America/New_York", "1 hour ahead"),
        ("America/Los_Angeles", "2 hours behind"),
        (KOLKATA, "11 hours 30 minutes ahead"),
        ("America/Winnipeg", "same time"),
    ],
)
def test_ahead_compares_two_clocks(other_zone, words):
    assert formatting.ahead(START, CHICAGO, other_zone) == words


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=40), "in less than a minute"),
        (timedelta(minutes=1, seconds=59), "in 1 minute"),
        (timedelta(minutes=89, seconds=59), "in 89 minutes"),
        (timedelta(minutes=90), "in 1 hour"),
        (timedelta(hours=21, minutes=59), "in 21 hours"),
        (timedelta(hours=47, minutes=59), "in 47 hours"),
        (timedelta(hours=48), "in 2 days"),
        (timedelta(hours=-3, minutes=-1), "3 hours ago"),
        (timedelta(days=-5), "5 days ago"),
    ],
)
def test_relative_rounds_down_and_turns_to_minutes_under_90(distance, words):
    """R-TZ-8."""
    assert formatting.relative(NOW + distance, NOW) == words


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(minutes=106), "1 h 46 min left"),
        (timedelta(minutes=12), "12 min left"),
        (timedelta(hours=20, minutes=50), "20 h left"),
        (timedelta(hours=71, minutes=59), "71 h left"),
        (timedelta(hours=72), "3 days left"),
        (timedelta(minutes=-1), "0 min left"),
    ],
)
def test_time_left_of_a_row_sorted_by_it(distance, words):
    """PG-40."""
    assert formatting.time_left(NOW + distance, NOW) == words


def test_deadline_of_another_day_has_its_date_and_distance():
    """R-TZ-8: "Answer by Mon 23 Nov, 8am (in 21 hours)"."""
    words = formatting.deadline(datetime(2026, 11, 23, 14, 30, tzinfo=UTC), CHICAGO, NOW)

    assert (words.label, words.distance, words.datetime) == ("Mon 23 Nov, 8:30am", "in 21 hours", "2026-11-23T14:30Z")
    assert (words.soon, words.over) == (False, False)


@pytest.mark.parametrize(
    ("minutes", "soon", "over"),
    [(180, False, False), (179, True, False), (1, True, False), (0, False, True), (-5, False, True)],
)
def test_deadline_presses_in_the_last_three_hours(minutes, soon, over):
    words = formatting.deadline(NOW + timedelta(minutes=minutes), CHICAGO, NOW)

    assert (words.soon, words.over) == (soon, over)


def test_deadline_today_says_so_and_midnight_is_the_evening_before():
    """R-TZ-8, R-TZ-9: nobody has to guess which midnight."""
    assert formatting.deadline(at(CHICAGO, 2026, 11, 22, 18, 0), CHICAGO, NOW).label == "6pm today"
    assert formatting.deadline(at(CHICAGO, 2026, 11, 24, 0, 0), CHICAGO, NOW).label == "Mon 23 Nov, 11:59pm"
    assert formatting.deadline(at(CHICAGO, 2026, 11, 23, 0, 0), CHICAGO, NOW, 24).label == "23:59 today"


def test_when_holds_both_clocks_and_the_calendar_leaf():
    """R-TZ-1: everything a page shows of a span comes from here."""
    words = formatting.when(START, START + HALF_HOUR, CHICAGO, PRAGUE, NOW)

    assert (words.label, words.place) == ("Tue 24 Nov, 8am to 8:30am", "Chicago")
    assert (words.other, words.other_time, words.other_place) == ("3pm to 3:30pm in Prague", "3pm to 3:30pm", "Prague")
    assert (words.leaf_weekday, words.leaf_day, words.leaf_month) == ("Tue", "24", "Nov")
    assert words.datetime == "2026-11-24T14:00Z"


def test_when_on_another_date_keeps_the_date_beside_the_other_time():
    """R-TZ-7."""
    start = at("America/Los_Angeles", 2026, 11, 24, 21, 30)

    words = formatting.when(start, start + HALF_HOUR, "America/Los_Angeles", "Pacific/Auckland", NOW)

    assert words.other_time == "6:30pm to 7pm Wed 25 Nov (next day)"
    assert words.other_place == "Auckland"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (30, "30 minutes"), (60, "60 minutes"), (90, "1 hour 30 minutes"), (120, "2 hours")],
)
def test_length_of_a_session(minutes, words):
    assert formatting.length(minutes) == words


def test_plural_has_a_real_minus():
    assert formatting.plural(-1, "credit") == "−1 credit"
    assert formatting.plural(2, "Punkt", "Punkte") == "2 Punkte"
