"""Open, busy and asked time plus the rules of a service become starts, or the reason why not (decisions 22, 24; D-3).

The only place that decides whether a start is proposed. Pure: no database, no clock; `now` is a parameter. What is
proposed here is still checked by constraint and guards when it is taken. The reader's zone plays no part.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from .bitmap import DAY_BITS, GRID, GRID_MINUTES, TAIL_BITS, ceil_bit, floor_bit, midnight, run
from .hours import local_minute

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SlotRules:
    """What a service asks of a start; every length is in minutes, except `horizon_days` (24 hours each).

    `step` is the distance of starts on the provider's wall clock, `before` and `after` are the buffers. Raises
    ValueError for lengths off the 5-minute grid, no session or step, or negative values.
    """

    minutes: int
    step: int
    before: int
    after: int
    notice_minutes: int
    horizon_days: int

    def __post_init__(self) -> None:
        lengths = (self.minutes, self.step, self.before, self.after)
        if any(length % GRID_MINUTES for length in lengths):
            raise ValueError(f"Session, step and buffers are multiples of {GRID_MINUTES} minutes.")
        if self.minutes <= 0 or self.step <= 0:
            raise ValueError("Session and step take at least one grid cell.")
        if min(self.before, self.after, self.notice_minutes, self.horizon_days) < 0:
            raise ValueError("Buffers, notice and horizon are not negative.")


@dataclass(frozen=True, slots=True)
class Window:
    """A provider's time over consecutive UTC days from `first_day`, as bitmaps (`calendars.bitmap`).

    Time before the window counts as taken, time after it as closed; `days_needed` says how much to load so that
    neither is ever noticed.
    """

    first_day: date
    open: int
    busy: int
    asked: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A start that may be booked (UTC). `asked`: somebody else has asked for this time and waits for an answer."""

    start: datetime
    asked: bool


class ReasonCode(StrEnum):
    """Why a start is not offered. The code is for the provider's eyes; clients are told less (D-3)."""

    PAST = "past"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    OUTSIDE_HOURS = "outside_hours"
    BUSY = "busy"
    BUFFER = "buffer"
    ASKED = "asked"
    OFF_STEP = "off_step"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with the figures its sentence needs.

    `earliest`: first instant (UTC) that notice allows, for `past` and `too_soon`. `latest`: last instant (UTC) within
    the horizon, for `too_far`. `limit`: notice in minutes (`too_soon`), horizon in days (`too_far`), the buffer in
    minutes that is too short (`buffer`) or the step in minutes (`off_step`).
    """

    code: ReasonCode
    earliest: datetime | None = None
    latest: datetime | None = None
    limit: int | None = None


def starts(
    window: Window,
    rules: SlotRules,
    zone: ZoneInfo,
    now: datetime,
    *,
    since: datetime,
    until: datetime,
    hide_asked: bool,
    count: int | None = None,
) -> list[Slot]:
    """The starts in [since, until), in order: exactly those for which `why_not` finds no reason, the first `count` at most.

    `zone` is the provider's: its wall clock lays the ladder (decision 24). Notice and horizon only remove starts, and
    exactly at a threshold counts (decision 10). With `hide_asked` times that somebody asked for are left out (decision
    15), otherwise they are marked. `now`, `since` and `until` are aware datetimes of any zone; a naive one raises
    ValueError or TypeError.
    """
    origin = midnight(window.first_day)
    low = max(ceil_bit(max(since, _earliest(rules, now)), origin), 0)
    high = min(ceil_bit(until, origin), floor_bit(_latest(rules, now), origin) + 1, window.open.bit_length())
    if low >= high:
        return []
    offered = run(window.open >> low, _cells(rules.minutes)) & _ladder(origin, low, high, rules.step, zone)
    offered &= _untouched((window.busy << _cells(rules.before)) | _ones(_cells(rules.before)), low, high, rules)
    unasked = _untouched(window.asked << _cells(rules.before), low, high, rules)
    if hide_asked:
        offered &= unasked
    first = origin + low * GRID
    return [Slot(first + bit * GRID, not unasked >> bit & 1) for bit in islice(_positions(offered), count)]


def why_not(
    start: datetime,
    window: Window,
    rules: SlotRules,
    zone: ZoneInfo,
    now: datetime,
    hide_asked: bool,
    *,
    at_any_hour: bool = False,
) -> Reason | None:
    """The reason why `start` (aware, any zone) is not offered, or None where `starts` offers it.

    Where several hold, the first of: past, too soon, too far, outside hours, busy, buffer, asked, off the step; so
    `off_step` means that only the minute is wrong and a neighbour may do. With `at_any_hour` hours and step don't count,
    only the 5-minute grid: what may be suggested although it is not offered (D-3).
    """
    start = _utc(start)
    if at_any_hour:
        window, rules = replace(window, open=-1), replace(rules, step=GRID_MINUTES)
    return (
        _why_not_by_clock(start, rules, now)
        or _why_not_by_calendar(start, window, rules, hide_asked)
        or _why_not_by_ladder(start, rules, zone)
    )


def nearest(slots: Iterable[Slot], wanted: datetime, count: int = 3) -> list[Slot]:
    """The `count` slots whose starts lie nearest to `wanted`, the earlier one first at a tie, in order of time."""
    by_distance = sorted(slots, key=lambda slot: (abs(slot.start - wanted), slot.start))
    return sorted(by_distance[:count], key=lambda slot: slot.start)


def days_needed(rules: SlotRules, since: datetime, until: datetime) -> tuple[date, int]:
    """First UTC day and number of days that a Window needs so that starts in [since, until) are judged fully.

    The buffer before the first start may reach into the day before; session and buffer after the last one end in the
    tail of the last row unless they are longer than it. Raises ValueError where `until` is not later than `since`.
    """
    if until <= since:
        raise ValueError("The end must be later than the start.")
    first_day = (_utc(since) - timedelta(minutes=rules.before)).date()
    end = _utc(until) + timedelta(minutes=rules.minutes + rules.after) - TAIL_BITS * GRID
    last_day = (max(_utc(until), end) - timedelta.resolution).date()
    return first_day, (last_day - first_day).days + 1


def _why_not_by_clock(start: datetime, rules: SlotRules, now: datetime) -> Reason | None:
    earliest, latest = _earliest(rules, now), _latest(rules, now)
    if start < now:
        return Reason(ReasonCode.PAST, earliest=earliest)
    if start < earliest:
        return Reason(ReasonCode.TOO_SOON, earliest=earliest, limit=rules.notice_minutes)
    if start > latest:
        return Reason(ReasonCode.TOO_FAR, latest=latest, limit=rules.horizon_days)
    return None


def _why_not_by_calendar(start: datetime, window: Window, rules: SlotRules, hide_asked: bool) -> Reason | None:
    origin = midnight(window.first_day)
    first = floor_bit(start, origin)
    end = ceil_bit(start + timedelta(minutes=rules.minutes), origin)
    before, after = _cells(rules.before), _cells(rules.after)
    if first < 0 or not _all_set(window.open, first, end):
        return Reason(ReasonCode.OUTSIDE_HOURS)
    if _any_set(window.busy, first, end):
        return Reason(ReasonCode.BUSY)
    if first < before or _any_set(window.busy, first - before, first):
        return Reason(ReasonCode.BUFFER, limit=rules.before)
    if _any_set(window.busy, end, end + after):
        return Reason(ReasonCode.BUFFER, limit=rules.after)
    if hide_asked and _any_set(window.asked, first - before, end + after):
        return Reason(ReasonCode.ASKED)
    return None


def _why_not_by_ladder(start: datetime, rules: SlotRules, zone: ZoneInfo) -> Reason | None:
    # UTC midnight of any day serves as origin: a day is a whole number of grid cells.
    on_grid = start == midnight(start.date()) + floor_bit(start, midnight(start.date())) * GRID
    if on_grid and _wall_minute(start, zone) % rules.step == 0:
        return None
    return Reason(ReasonCode.OFF_STEP, limit=rules.step)


def _earliest(rules: SlotRules, now: datetime) -> datetime:
    return _utc(now) + timedelta(minutes=rules.notice_minutes)


def _latest(rules: SlotRules, now: datetime) -> datetime:
    return _utc(now) + timedelta(days=rules.horizon_days)


def _utc(instant: datetime) -> datetime:
    # astimezone() would quietly read a naive time in the server's own zone.
    if instant.tzinfo is None:
        raise ValueError("An instant needs a zone.")
    return instant.astimezone(UTC)


def _wall_minute(instant: datetime, zone: ZoneInfo) -> int:
    wall = instant.astimezone(zone)
    return wall.hour * 60 + wall.minute


def _cells(minutes: int) -> int:
    return minutes // GRID_MINUTES


def _ones(length: int) -> int:
    return (1 << length) - 1


def _all_set(bits: int, first: int, end: int) -> bool:
    return (bits >> first) & _ones(end - first) == _ones(end - first)


def _any_set(bits: int, first: int, end: int) -> bool:
    return (bits >> first) & _ones(end - first) != 0


def _untouched(shifted: int, low: int, high: int, rules: SlotRules) -> int:
    """Starts from `low` to `high` whose session and buffers meet no bit; `shifted` is the bits moved up by `before`."""
    span = _cells(rules.before + rules.minutes + rules.after)
    return run(~(shifted >> low) & _ones(high - low - 1 + span), span)


def _positions(bits: int) -> Iterator[int]:
    text = format(bits, "b")[::-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)


def _ladder(origin: datetime, low: int, high: int, step: int, zone: ZoneInfo) -> int:
    """Bits `low` to `high` of the window, moved down by `low`, that lie on the provider's ladder."""
    day = (origin + low * GRID).astimezone(zone).date()
    ladder = 0
    while True:
        day_start, rungs = _rungs_of_day(day, step, zone)
        offset = ceil_bit(day_start, origin) - low
        if offset >= high - low:
            return ladder & _ones(high - low)
        ladder |= rungs << offset if offset >= 0 else rungs >> -offset
        day += _DAY


@lru_cache(maxsize=4096)
def _rungs_of_day(day: date, step: int, zone: ZoneInfo) -> tuple[datetime, int]:
    """The first grid cell of a local day (UTC) and the ladder's bits counted from it."""
    start, end = local_minute(day, 0, zone), local_minute(day + _DAY, 0, zone)
    first = _on_grid(start)
    if first == start and end - start == _DAY:
        return first, _rungs_of_plain_day(step)
    cells = range(ceil_bit(end, first))
    return first, sum(1 << cell for cell in cells if _wall_minute(first + cell * GRID, zone) % step == 0)


@lru_cache(maxsize=64)
def _rungs_of_plain_day(step: int) -> int:
    return sum(1 << cell for cell in range(0, DAY_BITS, _cells(step)))


def _on_grid(instant: datetime) -> datetime:
    origin = midnight(instant.date())
    return origin + ceil_bit(instant, origin) * GRID
