"""The two-clock ruler: one day of the reader beside the other person's hours, and when both are awake (ux.md 3.5)."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from accounts import formatting

AWAKE_FROM, AWAKE_TO = 7 * 60, 22 * 60
TICK_HOURS = (0, 6, 12, 18)


@dataclass(frozen=True, slots=True)
class Part:
    """A run of hours on a track; `kind` is night, awake or both, `start` and `length` are the reader's hours."""

    kind: str
    start: int
    length: int
    label: str


@dataclass(frozen=True, slots=True)
class Track:
    """One person's bar: where they are, their clock now, the runs and four hour marks in their own time."""

    place: str
    clock: str
    parts: tuple[Part, ...]
    ticks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ruler:
    """Both bars and the sentence that says the same without a picture."""

    own: Track
    other: Track
    ahead: str
    caption: str


def two_clocks(now: datetime, zone: str, other_zone: str, hour_cycle: int = 12) -> Ruler | None:
    """The ruler for two people at `now`, or None where their clocks agree (R-TZ-6).

    People count as awake from 7am to 10pm; fifteen hours of twenty-four always meet somewhere.
    """
    if not formatting.offsets_differ(now, zone, other_zone):
        return None
    shift = formatting.offset_minutes(now, other_zone) - formatting.offset_minutes(now, zone)
    kinds = [_kinds(hour * 60, shift) for hour in range(24)]
    both = _runs([own == other == "awake" for own, other in kinds])
    longest = max(both, key=lambda run: run[1])
    return Ruler(
        own=_track(now, zone, [own for own, _ in kinds], both, longest, 0, hour_cycle),
        other=_track(now, other_zone, [other for _, other in kinds], both, longest, shift, hour_cycle),
        ahead=formatting.ahead(now, zone, other_zone),
        caption=_caption(both, hour_cycle),
    )


def _track(
    now: datetime,
    zone: str,
    kinds: list[str],
    both: list[tuple[int, int]],
    longest: tuple[int, int],
    shift: int,
    hour_cycle: int,
) -> Track:
    marked = {start + step for start, length in both for step in range(length)}
    kinds = ["both" if hour in marked else kind for hour, kind in enumerate(kinds)]
    parts, hour = [], 0
    for kind, group in groupby(kinds):
        length = len(list(group))
        label = _label(hour, length, shift, hour_cycle) if (hour, length) == longest else ""
        parts.append(Part(kind, hour, length, label))
        hour += length
    ticks = tuple(formatting.time_of_day(tick * 60 + shift, hour_cycle) for tick in TICK_HOURS)
    return Track(formatting.city_name(zone), formatting.clock(now, zone, hour_cycle), tuple(parts), ticks)


def _label(start: int, length: int, shift: int, hour_cycle: int) -> str:
    if length < 4:
        return ""
    return _span(start * 60 + shift, (start + length) * 60 + shift, hour_cycle) if shift else "Good for both"


def _caption(both: list[tuple[int, int]], hour_cycle: int) -> str:
    spans = [_span(start * 60, (start + length) * 60, hour_cycle) for start, length in both]
    return f"Both awake {' and '.join(spans)} your time."


def _span(start: int, end: int, hour_cycle: int) -> str:
    return f"{formatting.time_of_day(start, hour_cycle)} to {formatting.time_of_day(end, hour_cycle)}"


def _kinds(minute: int, shift: int) -> tuple[str, str]:
    return _kind(minute), _kind((minute + shift) % 1440)


def _kind(minute: int) -> str:
    return "awake" if minute >= AWAKE_FROM and minute + 60 <= AWAKE_TO else "night"


def _runs(flags: list[bool]) -> list[tuple[int, int]]:
    runs, hour = [], 0
    for flag, group in groupby(flags):
        length = len(list(group))
        if flag:
            runs.append((hour, length))
        hour += length
    return runs
