"""Times as people type them: "Thu 2pm", "26 Nov 14:00", "tomorrow half past 3", "15:00" (R-FORM-5, R-TZ-11).

Pure: no database, no clock. What is read is always echoed back in words before anything is done with it, so a reading
may be generous: day before month, and 1 to 6 without am or pm is the afternoon.
"""

import re
import unicodedata
from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.formatting import MONTHS, WEEKDAYS, long_day_words, time_of_day
from calendars.hours import DAY_MINUTES, local_minute, wall_instants

MAX_LETTERS = 60
EXAMPLE = "like Thu 2pm or 26 Nov 14:00"
PASSED = "That time has passed. Enter a later one."
_YEARS_AHEAD = 5

_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:\s+(?P<year>20\d\d)(?![\d:]))?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b",
        r"\b(?P<day>\d{1,2})/(?P<month>\d{1,2})(?:/(?P<year>\d{4}|\d\d))?\b",
        r"\b(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?!\s*$)(?:\s?(?P<year>20\d\d)(?![\d:]))?",
        rf"\b{_NUMBER}\.?\s+(?:of\s+)?{_MONTH}{_YEAR}",
        rf"\b{_MONTH}\s+{_NUMBER}\b(?!\s*(?:[:h]\d|am\b|pm\b)){_YEAR}",
    )
)
_WEEKDAY = re.compile(
    r"\b(?P<next>next\s+)?(?P<name>mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?\b\.?"
)
_NEAR = re.compile(r"\b(?P<word>today|tonight|tomorrow)\b")
_HALF = r"(?:\s*(?P<half>a\.?m|p\.?m)\b\.?)?"
_TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?P<part>half past|quarter past|quarter to)\s+(?P<hour>\d{{1,2}}){_HALF}",
        rf"\b(?P<hour>\d{{1,2}})\s?[:.h]\s?(?P<minute>\d\d){_HALF}",
        rf"\b(?P<hour>\d{{1,2}})(?:\s*(?:h|o'?clock)\b)?{_HALF}(?![\d/:])",
    )
)
_NAMED = re.compile(r"\b(?P<name>midday|noon|midnight)\b")
_FILLERS = re.compile(r"\b(?:at|on|the|of|from|around|about)\b|[,;.]")
_PARTS = {"half past": 30, "quarter past": 15, "quarter to": -15}


class UnclearTime(ValueError):
    """What was typed is no time that can be asked for; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class _Clock:
    """What somebody's clock and calendar show now, and how they write times."""

    now: datetime
    zone: ZoneInfo
    hour_cycle: int

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def read_time(text: str, *, now: datetime, zone: ZoneInfo, hour_cycle: int = 12) -> list[datetime]:
    """The instants (UTC) that the words mean on a clock in `zone`: one, or two where that clock shows the time twice.

    Without a day it is the next time the clock shows it; a weekday is the next one that is still to come; a date without
    a year is the next one. Raises UnclearTime for what can't be read, has passed or is skipped by a clock change.
    """
    clock = _Clock(now, zone, hour_cycle)
    rest = _plain(text)
    if not rest:
        raise UnclearTime(f"Enter a day and a time, {EXAMPLE}.")
    if len(rest) > MAX_LETTERS:
        raise _unreadable()
    given, rest = _take_date(rest, clock)
    weekday, rest = _take(_WEEKDAY, rest)
    near, rest = _take(_NEAR, rest)
    minute, rest = _take_minute(rest, is_night=near is not None and near["word"] == "tonight")
    if _FILLERS.sub("", rest).strip():
        raise _unreadable()
    if minute is None:
        raise UnclearTime(f"Enter a time as well, {EXAMPLE}.")
    return _instants(_day(given, weekday, near, minute, clock), minute, clock)


def _unreadable() -> UnclearTime:
    return UnclearTime(f"We could not read that. Enter a day and a time, {EXAMPLE}.")


def _plain(text: str) -> str:
    digits = (str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text[:500])
    return " ".join("".join(digits).lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())


def _take(pattern: re.Pattern[str], text: str) -> tuple[re.Match[str] | None, str]:
    found = pattern.search(text)
    return found, f"{text[: found.start()]} {text[found.end() :]}" if found else text


# --- the day ----------------------------------------------------------------------------------------


def _take_date(text: str, clock: _Clock) -> tuple[date | None, str]:
    for pattern in _DATES:
        found, rest = _take(pattern, text)
        if found:
            return _date(found, clock), rest
    return None, text


def _date(found: re.Match[str], clock: _Clock) -> date:
    day, month = int(found["day"]), _month(found["month"])
    if not 1 <= month <= 12:
        raise UnclearTime(f"There is no month {month}. Enter the day before the month, like 26/11.")
    if not found["year"]:
        return _next_date(month, day, clock.today)
    year = int(found["year"])
    year += 2000 if year < 100 else 0
    if year < clock.today.year:
        raise UnclearTime(PASSED)
    if year > clock.today.year + _YEARS_AHEAD:
        raise UnclearTime("That is too far ahead. Enter an earlier day.")
    return _existing(year, month, day)


def _month(word: str) -> int:
    return int(word) if word.isdigit() else [name[:3].lower() for name in MONTHS].index(word) + 1


def _next_date(month: int, day: int, today: date) -> date:
    if (month, day) == (2, 29):
        return next(leap for leap in map(_leap_day, range(today.year, today.year + 9)) if leap and leap >= today)
    this_year = _existing(today.year, month, day)
    return this_year if this_year >= today else _existing(today.year + 1, month, day)


def _leap_day(year: int) -> date | None:
    return date(year, 2, 29) if isleap(year) else None


def _existing(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise UnclearTime(f"There is no {day} {MONTHS[month - 1]} {year}. Enter another day.") from None


def _day(
    given: date | None, weekday: re.Match[str] | None, near: re.Match[str] | None, minute: int, clock: _Clock
) -> date:
    number = None if weekday is None else [name[:3].lower() for name in WEEKDAYS].index(weekday["name"])
    if given is not None:
        if number not in (None, given.weekday()):
            words = long_day_words(given, clock.today)
            raise UnclearTime(f"That date is {words}. Enter the date or the weekday alone.")
        return given
    if near is not None:
        return clock.today + timedelta(days=near["word"] == "tomorrow")
    first, step = clock.today, 1
    if number is not None:
        step = 7
        first += timedelta(days=(number - first.weekday()) % 7)
        if weekday["next"] and first == clock.today:
            first += timedelta(days=7)
    last = max(wall_instants(first, minute, clock.zone), default=local_minute(first, minute, clock.zone))
    return first if last > clock.now else first + timedelta(days=step)


# --- the time of day --------------------------------------------------------------------------------


def _take_minute(text: str, *, is_night: bool) -> tuple[int | None, str]:
    named, rest = _take(_NAMED, text)
    if named:
        return (0 if named["name"] == "midnight" else 720), rest
    for pattern in _TIMES:
        found, rest = _take(pattern, text)
        if found:
            return _minute(found, is_night=is_night), rest
    return None, text


def _minute(found: re.Match[str], *, is_night: bool) -> int:
    parts = found.groupdict()
    hour, minute = int(found["hour"]), int(parts.get("minute") or 0)
    half = (found["half"] or "").replace(".", "")
    impossible = minute > 59 or (half and not 1 <= hour <= 12)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif (1 <= hour <= 6 and not found["hour"].startswith("0")) or (is_night and 1 <= hour < 12):
        hour += 12
    of_day = hour * 60 + minute + _PARTS.get(parts.get("part") or "", 0)
    if impossible or not 0 <= of_day <= DAY_MINUTES:
        raise UnclearTime(f"There is no such time of day. Enter a day and a time, {EXAMPLE}.")
    return of_day


# --- the instant ------------------------------------------------------------------------------------


def _instants(day: date, minute: int, clock: _Clock) -> list[datetime]:
    instants = wall_instants(day, minute, clock.zone)
    if not instants:
        raise _skipped(day, minute, clock)
    to_come = [instant for instant in instants if instant > clock.now]
    if not to_come:
        raise UnclearTime(PASSED)
    return to_come


def _skipped(day: date, minute: int, clock: _Clock) -> UnclearTime:
    change = local_minute(day, minute, clock.zone)
    after, before = (moment.astimezone(clock.zone) for moment in (change, change - timedelta(seconds=1)))
    gap = int((after.utcoffset() - before.utcoffset()).total_seconds()) // 60
    neighbours = [minute - gap] if minute >= gap else []
    neighbours.append(after.hour * 60 + after.minute)
    words = " or ".join(time_of_day(neighbour, clock.hour_cycle) for neighbour in neighbours)
    skipped = time_of_day(minute, clock.hour_cycle)
    return UnclearTime(
        f"The clocks go forward on {long_day_words(day, clock.today)}, and {skipped} is skipped. Enter {words}."
    )
