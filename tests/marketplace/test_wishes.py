"""What the picker's address carries, and what its buttons do to it (PG-04, CK-14)."""

from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict

from marketplace.wishes import Wish, read_day, read_moment, read_wish

NINE, TEN, ELEVEN = (datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (9, 10, 11))
A, B, C = "2026-11-24T09:00Z", "2026-11-24T10:00Z", "2026-11-24T11:00Z"


def read(query: str, *, max_times: int = 3) -> Wish:
    return read_wish(QueryDict(query), max_times=max_times)


@pytest.mark.parametrize(
    ("query", "slots"),
    [
        ("", ()),
        (f"slot={B}&slot={A}", (TEN, NINE)),
        (f"slot={A}&slot={A}", (NINE,)),
        # What was chosen before keeps its place; the page sends boxes in order of time.
        (f"slot={A}&slot={B}&order={B}+{A}", (TEN, NINE)),
        (f"slot={A}&slot={B}&slot={C}&order={C}", (ELEVEN, NINE, TEN)),
        (f"slot={A}&order={B}+{A}", (NINE,)),
        (f"slot={A}&add={C}&order={A}", (NINE, ELEVEN)),
        (f"slot={A}&slot={B}&slot={C}&order={A}+{B}+{C}&move={C}+up", (NINE, ELEVEN, TEN)),
        (f"slot={A}&slot={B}&slot={C}&order={A}+{B}+{C}&move={A}+down", (TEN, NINE, ELEVEN)),
        (f"slot={A}&slot={B}&move={A}+up", (NINE, TEN)),
        (f"slot={A}&slot={B}&move={B}+down", (NINE, TEN)),
        (f"slot={A}&slot={B}&move={A}+sideways", (NINE, TEN)),
        (f"slot={A}&slot={B}&move=rubbish", (NINE, TEN)),
        (f"slot={A}&slot={B}&move={C}+up", (NINE, TEN)),
        (f"slot={A}&slot={B}&drop={A}", (TEN,)),
        (f"slot={A}&slot={B}&drop={C}", (NINE, TEN)),
        (f"slot={A}&drop=", (NINE,)),
    ],
)
def test_slots_in_order_of_preference(query, slots):
    assert read(query).slots == slots


@pytest.mark.parametrize(
    ("query", "slots"),
    [
        (f"slot={A}&order={A}", (NINE,)),
        # The time that is new takes the place of the other, whichever comes first on the page.
        (f"slot={A}&slot={B}&order={A}", (TEN,)),
        (f"slot={A}&slot={B}&order={B}", (NINE,)),
        (f"slot={A}&slot={B}", (TEN,)),
    ],
)
def test_one_time_replaces_the_other(query, slots):
    wish = read(query, max_times=1)
    assert (wish.slots, wish.over) == (slots, ())


def test_more_times_than_allowed_are_set_aside():
    wish = read(f"slot={A}&slot={B}&slot={C}&order={B}+{C}", max_times=2)
    assert (wish.slots, wish.over) == ((TEN, ELEVEN), (NINE,))


def test_unreadable_slots_are_noted():
    wish = read(f"slot={A}&slot=tomorrow&slot=2026-11-24T09:00&slot=0001-01-01T00:00Z&slot=9999-12-31T23:59Z")
    assert (wish.slots, wish.unreadable) == ((NINE,), True)
    assert read(f"slot={A}").unreadable is False


def test_a_thousand_slots_are_not_read():
    assert (
        len(read("&".join(f"slot=2026-11-24T{n // 60:02}:{n % 60:02}Z" for n in range(1000)), max_times=99).slots) == 12
    )


@pytest.mark.parametrize(
    ("query", "week", "day", "typed"),
    [
        ("from=2026-11-30", "2026-11-30", "", False),
        ("from=2026-11-30&day=2026-12-02", "2026-11-30", "2026-12-02", False),
        # Buttons win over what the page showed before.
        ("week=2026-11-23&shown=2026-11-24", "2026-11-23", "2026-11-24", False),
        ("week=2026-11-23&shown=2026-11-24&from=2026-11-30", "2026-11-30", "", False),
        ("week=2026-11-23&shown=2026-11-24&day=2026-11-26", "2026-11-23", "2026-11-26", False),
        ("week=2026-11-23&shown=2026-11-24&date=2026-12-24", "2026-11-23", "2026-11-24", False),
        ("week=2026-11-23&shown=2026-11-24&date=2026-12-24&do=go", "", "2026-12-24", True),
    ],
)
def test_day_that_is_asked_for(query, week, day, typed):
    wish = read(query)
    assert (wish.week, wish.day, wish.typed_day) == (week, day, typed)


@pytest.mark.parametrize(
    ("query", "did", "touched"),
    [
        (f"slot={A}", "", None),
        (f"slot={A}&slot={B}&order={A}", "add", TEN),
        (f"slot={A}&slot={B}&order={A}+{B}&drop={A}", "drop", NINE),
        (f"slot={A}&slot={B}&order={A}+{B}&move={B}+up", "up", TEN),
        (f"slot={A}&slot={B}&order={A}+{B}&move={A}+down", "down", NINE),
        (f"slot={A}&order={A}&do=check&own=3pm", "", None),
    ],
)
def test_what_was_done_is_known_for_the_focus(query, did, touched):
    wish = read(query)
    assert (wish.did, wish.touched) == (did, touched)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T09:00Z", NINE),
        ("2026-11-24T10:00+01:00", NINE),
        ("2026-11-24T09:00", None),
        ("2026-11-24", None),
        ("1999-11-24T09:00Z", None),
        ("3000-01-01T00:00Z", None),
        ("0001-01-01T00:00+23:00", None),
        ("", None),
        ("x" * 9999, None),
    ],
)
def test_read_moment(text, moment):
    assert read_moment(text) == moment


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("2026-02-30", None),
        ("24/11/2026", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("", None),
    ],
)
def test_read_day(text, day):
    assert read_day(text) == day
