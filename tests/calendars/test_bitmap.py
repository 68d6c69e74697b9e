from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendars.bitmap import (
    DAY_BITS,
    GRID_MINUTES,
    ROW_BITS,
    ceil_bit,
    floor_bit,
    from_sql,
    join,
    midnight,
    paint,
    rows,
    run,
    to_sql,
    width,
)

DAY = date(2027, 3, 9)


def at(minutes, seconds=0):
    return datetime(2027, 3, 9, tzinfo=UTC) + timedelta(minutes=minutes, seconds=seconds)


def cells(bits):
    return [i for i in range(bits.bit_length()) if bits >> i & 1]


def test_row_covers_day_and_longest_service():
    assert (GRID_MINUTES, DAY_BITS, ROW_BITS) == (5, 288, 384)
    assert width(60) == 60 * 288 + 96


def test_bits_of_instants_between_cells():
    origin = midnight(DAY)

    assert origin == datetime(2027, 3, 9, tzinfo=UTC)
    assert [floor_bit(at(m), origin) for m in (-1, 0, 4, 5)] == [-1, 0, 0, 1]
    assert [ceil_bit(at(m), origin) for m in (-1, 0, 1, 5, 6)] == [0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("start", "end", "inward", "outward"),
    [
        (at(10), at(25), [2, 3, 4], [2, 3, 4]),
        (at(11), at(24), [3], [2, 3, 4]),
        (at(11), at(14), [], [2]),
        (at(10, 1), at(14, 59), [], [2]),
        (at(10), at(10), [], []),
        (at(12), at(12), [], []),
        (at(25), at(10), [], []),
        (at(-60), at(10), [0, 1], [0, 1]),
        (at(-60), at(-30), [], []),
        (at(1915), at(9999), [383], [383]),
        (at(1920), at(1930), [], []),
    ],
)
def test_paint_rounds_open_inward_and_busy_outward(start, end, inward, outward):
    assert cells(paint([(start, end)], DAY, 1, outward=False)) == inward
    assert cells(paint([(start, end)], DAY, 1, outward=True)) == outward


def test_paint_of_overlapping_ranges_in_other_zone():
    east = datetime.fromisoformat("2027-03-09T01:10:00+01:00")

    assert cells(paint([(east, at(20)), (at(15), at(25))], DAY, 1, outward=True)) == [2, 3, 4]


def test_rows_overlap_by_eight_hours():
    bits = paint([(at(23 * 60), at(26 * 60))], DAY, 2, outward=True)

    first, second = rows(bits, 2)

    assert cells(first) == list(range(276, 312))
    assert cells(second) == list(range(24))


@pytest.mark.parametrize(
    ("bits", "length", "expected"),
    [
        (0b1110111, 1, 0b1110111),
        (0b1110111, 2, 0b0110011),
        (0b1110111, 3, 0b0010001),
        (0b1110111, 4, 0),
        ((1 << 96) - 1, 96, 1),
        ((1 << 100) - 1, 96, 0b11111),
    ],
)
def test_run_of_length(bits, length, expected):
    assert run(bits, length) == expected


def test_run_of_nothing():
    with pytest.raises(ValueError, match="at least one"):
        run(0b1, 0)


def test_sql_leftmost_is_midnight():
    assert to_sql(0b1011) == "1101" + "0" * 380
    assert from_sql("1101" + "0" * 380) == 0b1011
    assert to_sql(1 << 383) == "0" * 383 + "1"


@pytest.mark.parametrize("bits", [-1, 1 << 384])
def test_to_sql_of_more_than_a_row(bits):
    with pytest.raises(ValueError, match="384 bits"):
        to_sql(bits)


@pytest.mark.parametrize("text", ["", "1" * 383, "1" * 385, "2" + "0" * 383, "0b" + "1" * 382, " " + "1" * 383])
def test_from_sql_of_no_row(text):
    with pytest.raises(ValueError, match="zeros and ones"):
        from_sql(text)


def test_join_trusts_each_row_for_its_own_day():
    """A day without a row is closed, whatever the tail of the day before says; the last tail counts."""
    full = (1 << ROW_BITS) - 1

    assert join([full, 0]) == (1 << DAY_BITS) - 1
    assert join([0, full]) == full << DAY_BITS


def test_join_of_no_rows():
    assert join([]) == 0


@given(st.integers(min_value=0, max_value=2**ROW_BITS - 1))
def test_sql_round_trip(bits):
    assert from_sql(to_sql(bits)) == bits


@given(data=st.data(), days=st.integers(min_value=1, max_value=5))
def test_rows_join_round_trip(data, days):
    bits = data.draw(st.integers(min_value=0, max_value=2 ** width(days) - 1))

    assert join(rows(bits, days)) == bits


@given(bits=st.integers(min_value=0, max_value=2**40 - 1), length=st.integers(min_value=1, max_value=12))
def test_run_is_all_bits_of_each_span(bits, length):
    assert cells(run(bits, length)) == [i for i in range(40) if all(bits >> i + k & 1 for k in range(length))]


instants = st.integers(min_value=-4000, max_value=300_000).map(lambda seconds: at(0, seconds))


@settings(max_examples=80, deadline=None)
@given(ranges=st.lists(st.tuples(instants, instants).map(sorted), max_size=6), days=st.integers(1, 3))
def test_paint_cell_by_cell(ranges, days):
    ranges = [(start, end) for start, end in ranges if start < end]

    touched = cells(paint(ranges, DAY, days, outward=True))
    whole = cells(paint(ranges, DAY, days, outward=False))

    def is_touched(cell):
        return any(start < at(cell * 5 + 5) and end > at(cell * 5) for start, end in ranges)

    def is_whole(cell):
        return any(start <= at(cell * 5) and end >= at(cell * 5 + 5) for start, end in ranges)

    assert touched == [cell for cell in range(width(days)) if is_touched(cell)]
    assert whole == [cell for cell in range(width(days)) if is_whole(cell)]
