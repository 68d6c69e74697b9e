"""Free time as bits on a 5-minute grid of UTC (decision 22).

Bit i stands for the five minutes that begin i * 5 minutes after UTC midnight of the first day. Days are UTC
days, so every day has exactly 288 bits. A stored row covers 24 hours plus the longest service, so that a session
over UTC midnight is found within one row. Pure: no database, no clock.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

GRID_MINUTES = 5
GRID = timedelta(minutes=GRID_MINUTES)
DAY_BITS = 24 * 60 // GRID_MINUTES
TAIL_BITS = 8 * 60 // GRID_MINUTES
ROW_BITS = DAY_BITS + TAIL_BITS

_ROW_MASK = (1 << ROW_BITS) - 1
_DAY_MASK = (1 << DAY_BITS) - 1


def midnight(day: date) -> datetime:
    """UTC midnight at the start of `day`: where bit 0 of a window begins."""
    return datetime.combine(day, time(), UTC)


def width(days: int) -> int:
    """How many bits a window of `days` days has: the days and the tail of the last row."""
    return days * DAY_BITS + TAIL_BITS


def floor_bit(instant: datetime, origin: datetime) -> int:
    """The bit that holds this instant, counted from `origin`; negative before it."""
    return (instant - origin) // GRID


def ceil_bit(instant: datetime, origin: datetime) -> int:
    """The first bit that begins at this instant or later, counted from `origin`; negative before it."""
    return -((origin - instant) // GRID)


def paint(ranges: Iterable[tuple[datetime, datetime]], first_day: date, days: int, *, outward: bool) -> int:
    """The window's bits that these half-open ranges (aware datetimes) cover; what lies outside is cut off.

    Open time rounds inward (`outward=False`: whole cells only), busy time outward (every cell it touches), so
    rounding can hide time and never give time away that is not there. Empty and reversed ranges cover nothing.
    """
    origin = midnight(first_day)
    limit = width(days)
    first_bit, end_bit = (floor_bit, ceil_bit) if outward else (ceil_bit, floor_bit)
    bits = 0
    for start, end in ranges:
        if end <= start:
            continue
        first = max(first_bit(start, origin), 0)
        last = min(end_bit(end, origin), limit)
        if first < last:
            bits |= ((1 << (last - first)) - 1) << first
    return bits


def rows(bits: int, days: int) -> list[int]:
    """The window cut into one row of 384 bits for each day; neighbours overlap by eight hours."""
    return [(bits >> (day * DAY_BITS)) & _ROW_MASK for day in range(days)]


def join(rows_by_day: Sequence[int]) -> int:
    """The window of consecutive days, from the first 288 bits of each row and the tail of the last one."""
    if not rows_by_day:
        return 0
    bits = 0
    for day, row in enumerate(rows_by_day[:-1]):
        bits |= (row & _DAY_MASK) << (day * DAY_BITS)
    return bits | rows_by_day[-1] << ((len(rows_by_day) - 1) * DAY_BITS)


def run(bits: int, length: int) -> int:
    """The positions from which `length` consecutive bits are set; log2(length) steps of doubling.

    Raises ValueError for a length below one.
    """
    if length < 1:
        raise ValueError(f"A run has at least one bit, not {length}.")
    done = 1
    while done < length:
        shift = min(done, length - done)
        bits &= bits >> shift
        done += shift
    return bits


def to_sql(bits: int) -> str:
    """A row as PostgreSQL's bit(384) writes it: the leftmost character is UTC midnight.

    PostgreSQL's `<<` therefore moves towards midnight, as `>>` does here. Raises ValueError for more than one row.
    """
    if not 0 <= bits <= _ROW_MASK:
        raise ValueError(f"A row has {ROW_BITS} bits.")
    return format(bits, f"0{ROW_BITS}b")[::-1]


def from_sql(text: str) -> int:
    """A row read from PostgreSQL's bit(384). Raises ValueError for anything but 384 zeros and ones."""
    if len(text) != ROW_BITS or not set(text) <= {"0", "1"}:
        raise ValueError(f"A row is {ROW_BITS} zeros and ones.")
    return int(text[::-1], 2)
