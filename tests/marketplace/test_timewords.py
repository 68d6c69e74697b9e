"""Times as people type them (R-FORM-5), with every clock change of ux.md 4.1 (R-TZ-11)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.timewords import UnclearTime, read_time

PRAGUE, CHICAGO, LORD_HOWE = ZoneInfo("Europe/Prague"), ZoneInfo("America/Chicago"), ZoneInfo("Australia/Lord_Howe")
# Monday 23 November 2026, 9:14 in Prague.
NOW = datetime(2026, 11, 23, 8, 14, tzinfo=UTC)


def read(text: str, *, now: datetime = NOW, zone: ZoneInfo = PRAGUE, hour_cycle: int = 12) -> list[str]:
    return [
        instant.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        for instant in read_time(text, now=now, zone=zone, hour_cycle=hour_cycle)
    ]


def refusal(text: str, *, now: datetime = NOW, zone: ZoneInfo = PRAGUE, hour_cycle: int = 12) -> str:
    with pytest.raises(UnclearTime) as unclear:
        read_time(text, now=now, zone=zone, hour_cycle=hour_cycle)
    return unclear.value.sentence


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Thu 2pm", "2026-11-26 14:00"),
        ("thursday 2 pm", "2026-11-26 14:00"),
        ("2pm on Thursday", "2026-11-26 14:00"),
        ("Thurs. at 14:00", "2026-11-26 14:00"),
        ("26 Nov 14:00", "2026-11-26 14:00"),
        ("26th of November, 2 p.m.", "2026-11-26 14:00"),
        ("Thu 26 Nov 2pm", "2026-11-26 14:00"),
        ("Nov 26 2pm", "2026-11-26 14:00"),
        ("november 26th 2026 14h", "2026-11-26 14:00"),
        ("26/11 14:00", "2026-11-26 14:00"),
        ("26/11/26 2pm", "2026-11-26 14:00"),
        ("26.11. 14:00", "2026-11-26 14:00"),
        ("26.11.2026 14.00", "2026-11-26 14:00"),
        ("2026-11-26 14:00", "2026-11-26 14:00"),
        ("14:00 26 nov", "2026-11-26 14:00"),
        ("tomorrow 3pm", "2026-11-24 15:00"),
        ("3pm tomorrow", "2026-11-24 15:00"),
        ("today 3pm", "2026-11-23 15:00"),
        ("tonight 8", "2026-11-23 20:00"),
        ("15:00", "2026-11-23 15:00"),
        ("15", "2026-11-23 15:00"),
        ("15h30", "2026-11-23 15:30"),
        ("3.30pm", "2026-11-23 15:30"),
        ("3", "2026-11-23 15:00"),
        ("half past 3", "2026-11-23 15:30"),
        ("quarter past 3 pm", "2026-11-23 15:15"),
        ("quarter to 4", "2026-11-23 15:45"),
        ("quarter to 1", "2026-11-23 12:45"),
        ("10 o’clock", "2026-11-23 10:00"),
        ("noon", "2026-11-23 12:00"),
        ("midday tomorrow", "2026-11-24 12:00"),
        ("midnight", "2026-11-24 00:00"),
        ("12pm", "2026-11-23 12:00"),
        ("12am", "2026-11-24 00:00"),
        ("24:00", "2026-11-24 00:00"),
        # A time of today that is over is tomorrow's, a weekday's is next week's, a date's next year's.
        ("9:00", "2026-11-24 09:00"),
        ("Mon 9am", "2026-11-30 09:00"),
        ("Mon 10am", "2026-11-23 10:00"),
        ("next Mon 10am", "2026-11-30 10:00"),
        ("2 Jan 10am", "2027-01-02 10:00"),
        ("29 Feb 10am", "2028-02-29 10:00"),
        # 1 to 6 without am or pm is the afternoon, unless written with a zero.
        ("tomorrow 5:30", "2026-11-24 17:30"),
        ("tomorrow 05:30", "2026-11-24 05:30"),
        ("tomorrow 7:30", "2026-11-24 07:30"),
        ("٢٦/١١ ١٤:٠٠", "2026-11-26 14:00"),
    ],
)
def test_read_time(text, time):
    assert read(text) == [time]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("   ", "Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("Thu", "Enter a time as well, like Thu 2pm or 26 Nov 14:00."),
        ("soon", "We could not read that. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("Thu 2pm or so", "We could not read that. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("2pm 3pm", "We could not read that. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("x" * 5000, "We could not read that. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("13pm", "There is no such time of day. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("25:00", "There is no such time of day. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("14:75", "There is no such time of day. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("half past 24", "There is no such time of day. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("quarter to 12am", "There is no such time of day. Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("31 Nov 2pm", "There is no 31 November 2026. Enter another day."),
        ("29 Feb 2027 2pm", "There is no 29 February 2027. Enter another day."),
        ("11/26 2pm", "There is no month 26. Enter the day before the month, like 26/11."),
        ("Wed 26 Nov 2pm", "That date is Thursday 26 November. Enter the date or the weekday alone."),
        ("today 9am", "That time has passed. Enter a later one."),
        ("2020-01-01 9am", "That time has passed. Enter a later one."),
        ("0001-01-01 9am", "That time has passed. Enter a later one."),
        ("9999-12-31 23:59", "That is too far ahead. Enter an earlier day."),
    ],
)
def test_unclear_time_says_why(text, sentence):
    assert refusal(text) == sentence


@pytest.mark.parametrize(
    ("text", "zone", "sentence"),
    [
        (
            "28 Mar 2027 02:30", PRAGUE,
            "The clocks go forward on Sunday 28 March 2027, and 2:30am is skipped. Enter 1:30am or 3am.",
        ),
        (
            "14 Mar 2027 02:30", CHICAGO,
            "The clocks go forward on Sunday 14 March 2027, and 2:30am is skipped. Enter 1:30am or 3am.",
        ),
        (
            "3 Oct 2027 02:15", LORD_HOWE,
            "The clocks go forward on Sunday 3 October 2027, and 2:15am is skipped. Enter 1:45am or 2:30am.",
        ),
        (
            "28 Mar 2027 00:30", ZoneInfo("Asia/Beirut"),
            "The clocks go forward on Sunday 28 March 2027, and 12:30am is skipped. Enter 1am.",
        ),
    ],
)  # fmt: skip
def test_skipped_time_names_its_neighbours(text, zone, sentence):
    assert refusal(text, zone=zone) == sentence


def test_skipped_time_on_a_24_hour_clock():
    sentence = "The clocks go forward on Sunday 28 March 2027, and 02:30 is skipped. Enter 01:30 or 03:00."
    assert refusal("28 Mar 2027 02:30", hour_cycle=24) == sentence


def test_time_shown_twice_gives_both():
    assert read_time("31 Oct 2027 02:30", now=NOW, zone=PRAGUE) == [
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
        datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    ]


def test_time_shown_twice_gives_the_second_once_the_first_has_passed():
    between = datetime(2027, 10, 31, 1, 0, tzinfo=UTC)
    assert read_time("02:30", now=between, zone=PRAGUE) == [datetime(2027, 10, 31, 1, 30, tzinfo=UTC)]


def outcome(text: str) -> bool:
    """Whether the text gives times to come, or a whole sentence."""
    try:
        return all(instant > NOW for instant in read_time(text, now=NOW, zone=PRAGUE))
    except UnclearTime as unclear:
        return unclear.sentence.endswith(".")


@given(st.text(max_size=80))
def test_whatever_is_typed_gives_times_or_a_sentence(text):
    assert outcome(text)


@given(st.text(alphabet="0123456789:./- apmthunovstqrfi'", max_size=30))
def test_whatever_looks_like_a_time_gives_times_or_a_sentence(text):
    assert outcome(text)
