"""Times of day as people type them into their hours: "9am", "9:30", "17.30", "midday", "24:00" (PG-42). Pure.

What is read is echoed in words beside the field, so a reading may be generous.
"""

import re
import unicodedata
from dataclasses import dataclass

from accounts.formatting import time_of_day

from .bitmap import GRID_MINUTES
from .hours import DAY_MINUTES

MAX_LETTERS = 20
_NOON = DAY_MINUTES // 2
_TIME = re.compile(r"(?P<hour>\d{1,2})(?:\s?[:.h]\s?(?P<minute>\d\d))?\s*(?P<half>a\.?m\.?|p\.?m\.?)?")
_SHORT = re.compile(r"\d{1,2}")
_NAMED = {"midday": _NOON, "noon": _NOON}


class UnclearClock(ValueError):
    """What was typed is no time of day; `sentence` says what to type, `is_end` at which of the two fields."""

    def __init__(self, sentence: str, *, is_end: bool = False) -> None:
        super().__init__(sentence)
        self.sentence, self.is_end = sentence, is_end


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when, in minutes of a local day; 1440 is 24:00."""

    opens: int
    closes: int


def read_clock(text: str, *, is_end: bool = False) -> int:
    """The minute of the day that the words mean, 0 to 1440; "midnight" is the end of the day for an end, else its start.

    Raises UnclearClock for what is no time.
    """
    words = _plain(text)
    if words == "midnight":
        return DAY_MINUTES if is_end else 0
    if words in _NAMED:
        return _NAMED[words]
    found = _TIME.fullmatch(words) if len(words) <= MAX_LETTERS else None
    minute = _minute(found) if found else None
    if minute is None:
        raise UnclearClock(
            f"We could not read “{text.strip()[:MAX_LETTERS]}”. Enter a time like 9am or 17:30.", is_end=is_end
        )
    return DAY_MINUTES if is_end and minute == 0 else minute


def read_hours(opens: str, closes: str) -> Hours:
    """Both ends of a range. "9 to 5" ends in the afternoon, since a short number after a morning says nothing else.

    Raises UnclearClock where one is missing or is no time, where the end is not later, and for minutes off the grid.
    """
    if not opens.strip():
        raise UnclearClock("Enter when it begins as well, like 9am.")
    if not closes.strip():
        raise UnclearClock("Enter when it ends as well, like 5pm.", is_end=True)
    first, last = read_clock(opens), read_clock(closes, is_end=True)
    if last <= first < _NOON and last < _NOON and _SHORT.fullmatch(_plain(closes)):
        last += _NOON
    if last <= first:
        raise UnclearClock(
            "The end must be later than the start. For hours past midnight, end this day at midnight and start the next "
            "day at midnight.",
            is_end=True,
        )
    if first % GRID_MINUTES or last % GRID_MINUTES:
        raise UnclearClock(
            f"Hours begin and end at full {GRID_MINUTES} minutes. Enter times like 9:00 or 9:05.",
            is_end=not first % GRID_MINUTES,
        )
    return Hours(first, last)


def clock_words(minute: int, hour_cycle: int = 12) -> str:
    """A minute of the day as it stands in a field: "9am", "17:30", "midnight"; the end of the day is "24:00" on that clock."""
    return "24:00" if hour_cycle == 24 and minute == DAY_MINUTES else time_of_day(minute, hour_cycle)


def hours_words(opens: int, closes: int, hour_cycle: int = 12) -> str:
    """ "9am to midday"."""
    return f"{clock_words(opens, hour_cycle)} to {clock_words(closes, hour_cycle)}"


def _plain(text: str) -> str:
    digits = (str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text[:100])
    return " ".join("".join(digits).lower().split())


def _minute(found: re.Match[str]) -> int | None:
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), (found["half"] or "")[:1]
    if minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    of_day = hour * 60 + minute
    return of_day if of_day <= DAY_MINUTES else None
