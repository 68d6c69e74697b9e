"""Weekly hours, date overrides and a zone become open ranges (decision 21).

Hours are wall clock plus zone, ranges are UTC instants. Pure: no database, no clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from .bitmap import GRID_MINUTES

DAY_MINUTES = 24 * 60

Range = tuple[datetime, datetime]

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Hours in which somebody can be booked, by the wall clock of their own zone.

    `day` is a weekday (0 = Monday) or a date; `opens` and `closes` are minutes of that local day,
    0 to 1440, half-open; 1440 is "24:00" (decision 21).
    """

    day: int | date
    opens: int
    closes: int


def local_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the clock of `zone` shows this minute of `day`, or later.

    Where the clock skips the minute this is the moment after the gap; where it shows the minute twice
    this is the first time (R-TZ-11, F42, F43). Minute 1440 is the end of the day. Raises ValueError for
    a minute outside 0..1440.
    """
    wall = _wall(day, minute)
    instant = _instant(wall, zone, fold=0)
    if _shown(instant, zone) == wall:
        return instant
    return _end_of_gap(wall, zone)


def wall_instants(day: date, minute: int, zone: ZoneInfo) -> list[datetime]:
    """Every instant (UTC, in order) at which the clock of `zone` shows exactly this minute of `day`.

    None in a gap, two in a fold, otherwise one: what a typed time can mean (R-TZ-11). Raises ValueError
    for a minute outside 0..1440.
    """
    wall = _wall(day, minute)
    candidates = {_instant(wall, zone, fold=fold) for fold in (0, 1)}
    return sorted(instant for instant in candidates if _shown(instant, zone) == wall)


def skipped_minutes(day: date, minute: int, zone: ZoneInfo) -> tuple[int, int] | None:
    """What a clock change skips around this minute of `day`, as [from, to) in minutes of that day; None where it is shown.

    A gap that reaches over midnight is cut off at either end of the day. Raises ValueError for a minute outside 0..1440.
    """
    wall = _wall(day, minute)
    if _shown(_instant(wall, zone, fold=0), zone) == wall:
        return None
    change = _end_of_gap(wall, zone)
    begins = _shown(change - timedelta(microseconds=1), zone) + timedelta(microseconds=1)
    midnight = datetime.combine(day, time())
    first, last = ((at - midnight) // timedelta(minutes=1) for at in (begins, _shown(change, zone)))
    return max(first, 0), min(last, DAY_MINUTES)


def open_ranges(
    weekly: Iterable[OpenHours],
    overrides: Mapping[date, Sequence[OpenHours]],
    zone: ZoneInfo,
    first_day: date,
    last_day: date,
) -> list[Range]:
    """Open ranges of the local days `first_day` to `last_day`, both included: UTC, half-open, sorted, merged.

    `weekly` holds weekday hours. `overrides` replaces the hours of whole dates; a date with no hours is
    a day away. Every range runs from the first instant that shows `opens` or later to the first that
    shows `closes` or later, so a gap shortens or swallows it and a fold inside it makes it longer, in one
    piece (R-TZ-11).
    """
    by_weekday: dict[int | date, list[OpenHours]] = defaultdict(list)
    for hours in weekly:
        by_weekday[hours.day].append(hours)
    ranges = [
        (local_minute(day, hours.opens, zone), local_minute(day, hours.closes, zone))
        for day in _days(first_day, last_day)
        for hours in overrides.get(day, by_weekday[day.weekday()])
    ]
    return _merged(ranges)


def check_ranges(ranges: Iterable[OpenHours]) -> list[str]:
    """Sentences saying what is wrong with these hours and how to mend it; none when they are fine (PG-42).

    Hours of different days are judged apart. Hours may touch, not overlap.
    """
    by_day: dict[int | date, list[OpenHours]] = defaultdict(list)
    for hours in ranges:
        by_day[hours.day].append(hours)
    sentences: list[str] = []
    for day, hours_of_day in by_day.items():
        sentences += _check_day(_day_name(day), hours_of_day)
    return sentences


def check_shown(ranges: Iterable[OpenHours], zone: ZoneInfo) -> list[str]:
    """Sentences for hours of dates that begin or end at a time which the clocks of `zone` skip then (R-TZ-11, F42).

    Hours may end where the gap begins and begin where it ends.
    """
    sentences: list[str] = []
    for hours in ranges:
        if isinstance(hours.day, int):
            continue
        gaps = (skipped_minutes(hours.day, hours.opens, zone), skipped_minutes(hours.day, hours.closes, zone))
        gap = gaps[0] or (gaps[1] if gaps[1] and hours.closes > gaps[1][0] else None)
        if gap:
            sentences.append(skipped_in_words(hours.day, gap))
    return sentences


def skipped_in_words(day: date, gap: tuple[int, int]) -> str:
    """What is wrong with a time that the clocks skip on this day, and what to enter in its place (R-TZ-11)."""
    first, last = _clock(gap[0]), _clock(gap[1])
    return (
        f"The clocks go forward on {_day_name(day)}: {first} to {last} does not exist. "
        f"Enter a time before {first}, or {last} or later."
    )


def _wall(day: date, minute: int) -> datetime:
    if not 0 <= minute <= DAY_MINUTES:
        raise ValueError(f"A minute of the day is from 0 to {DAY_MINUTES}, not {minute}.")
    return datetime.combine(day, time()) + timedelta(minutes=minute)


def _instant(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _shown(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    # In a gap fold=1 reads the wall time with the later offset and lands before the change, fold=0 after it.
    before, after = _instant(wall, zone, fold=1), _instant(wall, zone, fold=0)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _shown(middle, zone) < wall:
            before = middle
        else:
            after = middle
    return after


def _days(first_day: date, last_day: date) -> Iterator[date]:
    return (first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1))


def _merged(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _check_day(name: str, hours_of_day: list[OpenHours]) -> list[str]:
    sentences: list[str] = []
    sound: list[OpenHours] = []
    for hours in hours_of_day:
        if not (0 <= hours.opens <= DAY_MINUTES and 0 <= hours.closes <= DAY_MINUTES):
            sentences.append(f"{name}: hours lie between midnight and midnight. Enter times of one day.")
        elif hours.opens % GRID_MINUTES or hours.closes % GRID_MINUTES:
            sentences.append(
                f"{name}, {_span(hours)}: hours begin and end at full {GRID_MINUTES} minutes. Enter times like 9:00 or 9:05."
            )
        elif hours.opens >= hours.closes:
            sentences.append(
                f"{name}, {_span(hours)}: the end must be later than the start. "
                "For hours past midnight, end this day at midnight and start the next day at midnight."
            )
        else:
            sound.append(hours)
    sound.sort(key=lambda hours: (hours.opens, hours.closes))
    for earlier, later in combinations(sound, 2):
        if later.opens < earlier.closes:
            sentences.append(
                f"{name}: {_span(earlier)} and {_span(later)} overlap. Change one of them, or make them one."
            )
    return sentences


def _day_name(day: int | date) -> str:
    if isinstance(day, date):
        return f"{_WEEKDAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
    return _WEEKDAYS[day]


def _span(hours: OpenHours) -> str:
    return f"{_clock(hours.opens)} to {_clock(hours.closes)}"


def _clock(minute: int) -> str:
    if minute in (0, DAY_MINUTES):
        return "midnight"
    if minute == DAY_MINUTES // 2:
        return "midday"
    hour, rest = divmod(minute, 60)
    minutes = f":{rest:02}" if rest else ""
    return f"{(hour - 1) % 12 + 1}{minutes}{'am' if hour < 12 else 'pm'}"
