"""Times of day as people type them into their hours (PG-42)."""

import pytest

from calendars.clockwords import Hours, UnclearClock, clock_words, hours_words, read_clock, read_hours


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("9", 540), ("9am", 540), ("9 AM", 540), ("9:30", 570), ("09.30", 570), ("9h30", 570), ("5 p.m.", 1020), ("12am", 0),
        ("12pm", 720), ("17:05", 1025), ("midday", 720), ("noon", 720), ("midnight", 0), ("0:00", 0), ("24:00", 1440),
        ("٩:٣٠", 570),
    ],
)  # fmt: skip
def test_time_of_day_is_read(text, minute):
    assert read_clock(text) == minute


@pytest.mark.parametrize("text", ["midnight", "24:00", "0:00", "12am", "00"])
def test_midnight_as_an_end_is_the_end_of_the_day(text):
    assert read_clock(text, is_end=True) == 1440


@pytest.mark.parametrize(
    "text", ["soon", "9:6", "9:75", "25", "13pm", "0am", "9:30:00", "-1", "9-5", "24:01", "x" * 400]
)
def test_what_is_no_time_gets_a_sentence(text):
    with pytest.raises(UnclearClock) as unclear:
        read_clock(text)

    assert unclear.value.sentence == f"We could not read “{text[:20]}”. Enter a time like 9am or 17:30."


@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [
        ("9", "5", Hours(540, 1020)),
        ("9am", "11", Hours(540, 660)),
        ("22:00", "midnight", Hours(1320, 1440)),
        ("midnight", "midnight", Hours(0, 1440)),
        ("11:55", "12", Hours(715, 720)),
    ],
)
def test_hours_are_read(opens, closes, hours):
    assert read_hours(opens, closes) == hours


@pytest.mark.parametrize(
    ("opens", "closes", "sentence", "is_end"),
    [
        ("9am", " ", "Enter when it ends as well, like 5pm.", True),
        ("", "5pm", "Enter when it begins as well, like 9am.", False),
        ("9am", "5x", "We could not read “5x”. Enter a time like 9am or 17:30.", True),
        ("9:03", "17:00", "Hours begin and end at full 5 minutes. Enter times like 9:00 or 9:05.", False),
        ("9:00", "17:01", "Hours begin and end at full 5 minutes. Enter times like 9:00 or 9:05.", True),
    ],
)
def test_hours_that_say_too_little_get_a_sentence_at_their_field(opens, closes, sentence, is_end):
    with pytest.raises(UnclearClock) as unclear:
        read_hours(opens, closes)

    assert (unclear.value.sentence, unclear.value.is_end) == (sentence, is_end)


@pytest.mark.parametrize(
    ("opens", "closes"), [("17:00", "9:00"), ("5pm", "9am"), ("9", "9am"), ("14", "2"), ("9", "9:00")]
)
def test_reversed_and_empty_hours_are_not_guessed_at(opens, closes):
    with pytest.raises(UnclearClock, match=r"^The end must be later than the start\. For hours past midnight"):
        read_hours(opens, closes)


def test_times_are_shown_by_the_readers_clock():
    assert [clock_words(minute) for minute in (0, 570, 720, 1440)] == ["midnight", "9:30am", "midday", "midnight"]
    assert [clock_words(minute, 24) for minute in (0, 570, 1440)] == ["00:00", "09:30", "24:00"]
    assert hours_words(540, 720) == "9am to midday"


@pytest.mark.parametrize("hour_cycle", [12, 24])
def test_what_is_shown_is_read_as_what_it_was(hour_cycle):
    for opens in range(0, 1440, 5):
        for closes in (opens + 5, 720, 1440):
            if closes > opens:
                shown = [clock_words(minute, hour_cycle) for minute in (opens, closes)]
                assert read_hours(*shown) == Hours(opens, closes)
