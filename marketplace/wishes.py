"""What somebody has chosen in the time picker so far, read from the address and changed by its buttons (PG-04).

Nothing is kept on the server: links and hidden fields carry the choice from week to week. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from django.http import QueryDict

from accounts import formatting

# More than anybody chooses; what comes after is not read.
MAX_READ = 12
MOST_OF_A_CODE = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """One press in the picker. Moments are UTC; `slots` are chosen, best one first, `over` are more than allowed.

    `week` is the first day of the day bar and `day` the first one whose times are listed, as they were sent; `typed_day`
    says that a person wrote the day. `do` is the button: "check", "go", "continue" or nothing. `did` is what has been
    done to the choice, "up", "down", "drop" or "add", and `touched` to which start. `anyway` are starts that are suggested
    although they are not offered (D-3). `again` is what is tried again: it is only
    carried along to the request.
    """

    service: str = ""
    slots: tuple[datetime, ...] = ()
    over: tuple[datetime, ...] = ()
    unreadable: bool = False
    did: str = ""
    touched: datetime | None = None
    week: str = ""
    day: str = ""
    typed_day: bool = False
    own: str = ""
    do: str = ""
    anyway: tuple[datetime, ...] = ()
    again: str = ""


def read_wish(query: QueryDict, *, max_times: int) -> Wish:
    """The wish that an address holds; what can't be read is left out and noted."""
    # The buttons that add a time have names of their own: htmx sends a button's value in place of fields with its name.
    insisted = query.getlist("insist")[:1]
    texts = [*query.getlist("slot")[:MAX_READ], *query.getlist("add")[:1], *insisted]
    read = [read_moment(text) for text in texts]
    slots = list(dict.fromkeys(moment for moment in read if moment))
    order = [moment for text in query.get("order", "").split()[:MAX_READ] if (moment := read_moment(text))]
    kept, over = _kept(slots, order, max_times)
    added = [moment for moment in kept if moment not in order] if "order" in query else []
    typed = query.get("do") == "go"
    wish = Wish(
        service=query.get("service", ""),
        slots=tuple(kept),
        over=tuple(over),
        unreadable=None in read,
        did="add" if added else "",
        touched=added[-1] if added else None,
        week="" if typed else query.get("from") or query.get("week", ""),
        day=query.get("date", "") if typed else query.get("day") or ("" if "from" in query else query.get("shown", "")),
        typed_day=typed,
        own=query.get("own", "").strip(),
        do=query.get("do", ""),
        anyway=tuple(
            moment for text in [*query.getlist("anyway")[:MAX_READ], *insisted] if (moment := read_moment(text))
        ),
        again=query.get("again", "")[:MOST_OF_A_CODE],
    )
    return _moved(_without(wish, query.get("drop", "")), query.get("move", ""))


def read_moment(text: str) -> datetime | None:
    """The instant (UTC) that our own pages wrote as "2026-11-24T14:00Z"; None for everything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    # Far from now, some zone's clock would show a year that no date can have.
    return moment.astimezone(UTC) if moment.tzinfo and 2000 <= moment.year < 3000 else None


def read_day(text: str) -> date | None:
    """The day of "2026-11-24"; None for everything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1000 <= day.year < 9000 else None


def move_up(moment: datetime) -> str:
    """What the button "Move up" of this start sends."""
    return f"{formatting.iso(moment)} up"


def move_down(moment: datetime) -> str:
    """What the button "Move down" of this start sends."""
    return f"{formatting.iso(moment)} down"


def _kept(slots: list[datetime], order: list[datetime], max_times: int) -> tuple[list[datetime], list[datetime]]:
    """Those chosen before keep their places, new ones follow. Of one time only, the new one takes the other's place."""
    before = [moment for moment in order if moment in slots]
    new = [moment for moment in slots if moment not in order]
    if max_times == 1:
        return (new or before)[-1:], []
    both = before + new
    return both[:max_times], both[max_times:]


def _without(wish: Wish, drop: str) -> Wish:
    moment = read_moment(drop)
    if moment not in wish.slots:
        return wish
    return replace(wish, slots=tuple(slot for slot in wish.slots if slot != moment), did="drop", touched=moment)


def _moved(wish: Wish, move: str) -> Wish:
    text, _, direction = move.rpartition(" ")
    moment = read_moment(text)
    if moment not in wish.slots or direction not in ("up", "down"):
        return wish
    slots = _swapped(wish.slots, wish.slots.index(moment), -1 if direction == "up" else 1)
    return replace(wish, slots=slots, did=direction, touched=moment)


def _swapped(slots: Sequence[datetime], at: int, by: int) -> tuple[datetime, ...]:
    to = min(max(at + by, 0), len(slots) - 1)
    moved = list(slots)
    moved[at], moved[to] = moved[to], moved[at]
    return tuple(moved)
