"""The two-clock ruler says with bars and in words when both people are awake (ux.md 3.5)."""

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest

from accounts.ruler import two_clocks

NOW = datetime(2026, 11, 24, 15, 12, tzinfo=UTC)
CHICAGO = "America/Chicago"


def test_two_clocks_shows_each_day_in_the_readers_hours():
    ruler = two_clocks(NOW, CHICAGO, "Europe/Prague")

    assert [(part.kind, part.start, part.length) for part in ruler.own.parts] == [
        ("night", 0, 7), ("both", 7, 8), ("awake", 15, 7), ("night", 22, 2),
    ]  # fmt: skip
    assert [(part.kind, part.start, part.length) for part in ruler.other.parts] == [
        ("awake", 0, 7), ("both", 7, 8), ("night", 15, 9),
    ]  # fmt: skip
    assert ruler.other.ticks == ("7am", "1pm", "7pm", "1am")
    assert (ruler.own.clock, ruler.other.clock, ruler.ahead) == ("9:12am", "4:12pm", "7 hours ahead")


@pytest.mark.parametrize(
    ("other_zone", "caption"),
    [
        ("Europe/Prague", "Both awake 7am to 3pm your time."),
        ("Asia/Kolkata", "Both awake 7am to 10am and 8pm to 10pm your time."),
        ("Asia/Kathmandu", "Both awake 7am to 10am and 8pm to 10pm your time."),
    ],
)
def test_two_clocks_says_the_overlap_in_words(other_zone, caption):
    assert two_clocks(NOW, CHICAGO, other_zone).caption == caption


def test_two_clocks_of_the_same_time_has_nothing_to_show():
    """R-TZ-6: Winnipeg has another name and Chicago's clock."""
    assert two_clocks(NOW, CHICAGO, "America/Winnipeg") is None


@pytest.mark.parametrize("other_zone", ["Europe/Prague", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Midway"])
def test_two_clocks_fills_the_day_without_gap_or_overlap(other_zone):
    ruler = two_clocks(NOW, CHICAGO, other_zone)

    for track in (ruler.own, ruler.other):
        hours = [part.start + step for part in track.parts for step in range(part.length)]
        assert hours == list(range(24))


def test_two_clocks_labels_the_longest_overlap_in_each_persons_time():
    ruler = two_clocks(NOW, CHICAGO, "Europe/Prague", hour_cycle=24)

    assert [part.label for part in ruler.own.parts if part.label] == ["Good for both"]
    assert [part.label for part in ruler.other.parts if part.label] == ["14:00 to 22:00"]


def test_two_clocks_meet_at_every_place_of_the_world():
    """Fifteen waking hours of twenty-four always overlap, so the sentence never has to be empty."""
    rulers = [two_clocks(NOW, CHICAGO, zone) for zone in sorted(available_timezones())]

    assert {ruler.caption[:11] for ruler in rulers if ruler} == {"Both awake "}
    assert all(any(part.kind == "both" for part in ruler.own.parts) for ruler in rulers if ruler)
