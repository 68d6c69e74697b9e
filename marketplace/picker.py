"""The time picker of a profile: a service, the free times of a week on two clocks, the times chosen so far (PG-04).

From calendars and rules to what the page shows. It proposes; whether a time can be had is decided when it is taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts import formatting
from accounts.policies import Policy
from accounts.ruler import Ruler, two_clocks
from calendars.hours import local_minute
from calendars.slots import Slot

from .cards import Reader, price_in_words
from .models import Provider, Service
from .own_time import Answer, answer
from .shelf import Shelf, shelf_of
from .whynot import not_offered
from .wishes import Wish, move_down, move_up, read_day

# Days in the day bar. Of these, as many are listed with their times as a page can show without tiring anybody.
DAYS = 7
TIMES_LISTED = 40
MANY_TIMES = 20
_WEEK = timedelta(days=DAYS)
_MOMENT = timedelta(minutes=1)
_ORDER = ("1st", "2nd", "3rd")


class Choice(NamedTuple):
    """A service to choose."""

    id: str
    value: str
    label: str
    price: str
    sub: str
    checked: bool


class Time(NamedTuple):
    """A free time as a check-box or radio button. `order` is its place among several chosen ones."""

    id: str
    value: str
    start: str
    end: str
    other: str
    asked: bool
    checked: bool
    order: str


class Jump(NamedTuple):
    """A way to the next free day: `href` on this page, else `value` for the button that shows that day."""

    label: str
    href: str
    value: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day by the reader's calendar. `hidden` is what the day bar says beyond weekday and number.

    `is_listed` days have their times on the page, others are shown by a press.
    """

    value: str
    weekday: str
    number: int
    heading: str
    hidden: str
    is_free: bool
    times: list[Time]
    is_listed: bool
    next: Jump | None

    @property
    def has_many(self) -> bool:
        """Whether the times are shown close together."""
        return len(self.times) > MANY_TIMES


class Pick(NamedTuple):
    """A chosen time in the tray, with what its buttons send. `focus` names the button that keeps the focus (R-HX-4)."""

    label: str
    other: str
    warning: str
    up: str
    down: str
    drop: str
    focus: str


@dataclass(slots=True, kw_only=True)
class Picker:
    """All that `marketplace/_picker.html` shows. `anyway` are the chosen starts that are not offered (D-3)."""

    service: Service
    choices: list[Choice]
    max_times: int
    zone_note: str
    ruler: Ruler | None
    days: list[Day]
    week: str
    shown: str
    earlier: str
    later: str
    first_day: str
    last_day: str
    chosen: list[datetime]
    anyway: list[datetime]
    elsewhere: list[str]
    order: str
    picks: list[Pick]
    own: str
    answer: Answer | None
    notes: list[str] = field(default_factory=list)
    day_error: str = ""

    @property
    def kind(self) -> str:
        """Radio buttons where one time is all, else check-boxes."""
        return "radio" if self.max_times == 1 else "checkbox"

    @property
    def insisted(self) -> list[str]:
        """The starts that are not offered, as the form sends them."""
        return [formatting.iso(start) for start in self.anyway]

    @property
    def counted(self) -> str:
        """ "2 of 3 times", "1 time" or "No time chosen yet"."""
        if not self.chosen:
            return "No time chosen yet"
        if self.max_times == 1:
            return "1 time"
        return f"{len(self.chosen)} of {self.max_times} times"


def build(provider: Provider, services: list[Service], policy: Policy, wish: Wish, reader: Reader) -> Picker:
    """The picker for this wish. `services` are what the provider offers, at least one of them."""
    notes = ["We could not read one of the times. Choose it again."] if wish.unreadable else []
    service = _service(services, wish.service)
    if service is None:
        service = services[0]
        notes += [f"That {reader.words.kind} is not offered any more. Choose another one."] if wish.service else []
    shelf = shelf_of(provider, service, policy, reader)
    span = _span(shelf, wish)
    slots = shelf.free(span.since, span.until)
    chosen, anyway, gone = _still_free(shelf, wish, slots, span)
    notes += [
        f"{shelf.label(start)} {'is not free any more' if start > reader.now else 'has passed'}. Choose another time."
        for start in gone
    ]
    if wish.over:
        notes.append(f"You have {policy.max_times} times. Remove one first.")
    if wish.do == "continue" and not chosen:
        notes.append("Choose a time first.")
    days = _days(shelf, span, slots, chosen)
    listed = {time.value for day in days if day.is_listed for time in day.times}
    values = [formatting.iso(start) for start in chosen]
    return Picker(
        service=service,
        choices=[_choice(offer, service, reader) for offer in services],
        max_times=policy.max_times,
        zone_note=_zone_note(shelf),
        ruler=two_clocks(reader.now, reader.zone, provider.calendar.time_zone, reader.hour_cycle),
        days=days,
        week=span.first.isoformat(),
        shown=span.day.isoformat(),
        earlier=max(span.first - _WEEK, span.today).isoformat() if span.first > span.today else "",
        later=(span.first + _WEEK).isoformat() if span.first + _WEEK <= span.last else "",
        first_day=span.today.isoformat(),
        last_day=span.last.isoformat(),
        chosen=chosen,
        anyway=anyway,
        elsewhere=[value for value in values if value not in listed],
        order=" ".join(values),
        picks=_picks(shelf, chosen, anyway, wish),
        own=wish.own,
        answer=answer(shelf, wish.own, chosen) if wish.do == "check" and wish.own else None,
        notes=notes,
        day_error=span.error,
    )


# --- what to show -----------------------------------------------------------------------------------


def _service(services: Iterable[Service], wanted: str) -> Service | None:
    try:
        pk = UUID(wanted)
    except ValueError:
        return None
    return next((service for service in services if service.pk == pk), None)


@dataclass(frozen=True, slots=True)
class _Span:
    """What is shown, by the reader's calendar: a week from `first`, its times listed from `day` on.

    `today` and `last` are the first and last day that can be asked for; `error` says what was wrong with the day asked for.
    """

    today: date
    last: date
    first: date
    day: date
    since: datetime
    until: datetime
    error: str


def _span(shelf: Shelf, wish: Wish) -> _Span:
    """The week and day as asked for, else those of the chosen times or of the first free one."""
    now = shelf.reader.now
    today, last = shelf.day_of(now), shelf.day_of(now + timedelta(days=shelf.rules.horizon_days))
    week, day = read_day(wish.week), read_day(wish.day)
    error = _day_error(day, today, last) if wish.typed_day else ""
    if day is None and week is None:
        start = wish.slots[0] if wish.slots else shelf.next_free(now)
        day = shelf.day_of(start) if start else today
    day = min(max(day or week, today), last)
    first = min(max(week or day, today), last)
    if not first <= day < first + _WEEK:
        first = day
    since, until = (local_minute(midnight, 0, shelf.zone) for midnight in (first, first + _WEEK))
    return _Span(today, last, first, day, since, until, error)


def _day_error(day: date | None, today: date, last: date) -> str:
    if day is None:
        return "Enter a day like 24/11/2026."
    if day < today:
        return "That day has passed. These are the times from today on."
    return f"Times can be asked for until {formatting.day_words(last, today)}." if day > last else ""


def _still_free(
    shelf: Shelf, wish: Wish, shown: list[Slot], span: _Span
) -> tuple[list[datetime], list[datetime], list[datetime]]:
    """Of what was chosen: all that can be asked for, those of them that are not offered, and those that can't be."""
    wanted = wish.slots
    free = {slot.start for slot in shown}
    # Only what can be asked for at all: an address may name any year, and every day between two starts is looked at.
    latest = shelf.reader.now + timedelta(days=shelf.rules.horizon_days)
    others = [start for start in wanted if not span.since <= start < span.until and shelf.opens <= start <= latest]
    if others:
        free |= {slot.start for slot in shelf.free(min(others), max(others) + _MOMENT)}
    anyway = [
        start
        for start in wanted
        if start in wish.anyway and start not in free and shelf.why_not_even_anyway(start) is None
    ]
    kept = [start for start in wanted if start in free or start in anyway]
    return kept, anyway, [start for start in wanted if start not in kept]


def _days(shelf: Shelf, span: _Span, slots: list[Slot], chosen: list[datetime]) -> list[Day]:
    by_day: dict[date, list[Slot]] = {span.first + timedelta(days=number): [] for number in range(DAYS)}
    for slot in slots:
        by_day[shelf.day_of(slot.start)].append(slot)
    listed = _listed(by_day, span.day)
    after = None if by_day[span.first + timedelta(days=DAYS - 1)] else _later(shelf, span.until)
    days = []
    for day, free in reversed(by_day.items()):
        days.append(_day(shelf, span, day, free, chosen, after, is_listed=day in listed))
        if free:
            href = f"#d-{day}" if day in listed else ""
            after = Jump(formatting.day_words(day, span.today), href, day.isoformat())
    return days[::-1]


def _listed(by_day: dict[date, list[Slot]], start: date) -> set[date]:
    """The days from `start` on whose times fit on the page, one at least."""
    listed, count = set(), 0
    for day, free in by_day.items():
        count += len(free) if day >= start else 0
        if day < start or (listed and count > TIMES_LISTED):
            continue
        listed.add(day)
    return listed


def _day(
    shelf: Shelf,
    span: _Span,
    day: date,
    free: list[Slot],
    chosen: list[datetime],
    after: Jump | None,
    *,
    is_listed: bool,
) -> Day:
    heading = formatting.long_day_words(day, span.today)
    count = formatting.plural(len(free), "free time") if free else "no free times"
    return Day(
        value=day.isoformat(),
        weekday=heading[:3],
        number=day.day,
        heading=heading,
        hidden=f"{heading.split()[2]}, {count}",
        is_free=bool(free),
        times=[_time(shelf, slot, chosen) for slot in free] if is_listed else [],
        is_listed=is_listed,
        next=None if free else after,
    )


def _later(shelf: Shelf, until: datetime) -> Jump | None:
    start = shelf.next_free(until)
    if start is None:
        return None
    return Jump(formatting.short_day(start, shelf.reader.zone, shelf.reader.now), "", shelf.day_of(start).isoformat())


# --- words ------------------------------------------------------------------------------------------


def _choice(offer: Service, chosen: Service, reader: Reader) -> Choice:
    sub = f"{formatting.length(offer.minutes)}, {offer.get_place_display().lower()}"
    if offer.description:
        sub = f"{sub}. {offer.description}"
    key = f"s-{offer.pk.hex[-12:]}"
    return Choice(key, str(offer.pk), offer.name, price_in_words(offer.price, reader), sub, offer.pk == chosen.pk)


def _zone_note(shelf: Shelf) -> str:
    zone, other, now = shelf.reader.zone, shelf.provider.calendar.time_zone, shelf.reader.now
    note = f"Times are shown in {formatting.city_name(zone)} time."
    if not formatting.offsets_differ(now, zone, other):
        return note
    distance = formatting.ahead(now, zone, other)
    return f"{note} {shelf.provider.name} is in {formatting.city_name(other)}, {distance}."


def _time(shelf: Shelf, slot: Slot, chosen: list[datetime]) -> Time:
    reader, start = shelf.reader, slot.start
    place = chosen.index(start) if start in chosen else None
    is_ordered = place is not None and shelf.max_times > 1
    return Time(
        f"t{start:%Y%m%d%H%M}",
        formatting.iso(start),
        *formatting.time_range(start, start + shelf.length, reader.zone, reader.hour_cycle).split(" to ", 1),
        _other_clock(shelf, start),
        slot.asked,
        place is not None,
        (_ORDER[place] if place < len(_ORDER) else f"{place + 1}th") if is_ordered else "",
    )


def _other_clock(shelf: Shelf, start: datetime) -> str:
    """The same start where the provider is, and whether that is in their evening or night (D-1)."""
    reader, zone = shelf.reader, shelf.provider.calendar.time_zone
    other = formatting.other_time(start, None, reader.zone, zone, reader.now, reader.hour_cycle)
    hour = start.astimezone(ZoneInfo(zone)).hour
    if not other or 7 <= hour < 18:
        return other
    return f"{other}, their {'evening' if 18 <= hour < 22 else 'night'}"


def _picks(shelf: Shelf, chosen: list[datetime], anyway: list[datetime], wish: Wish) -> list[Pick]:
    reader, zone, last = shelf.reader, shelf.provider.calendar.time_zone, len(chosen) - 1
    return [
        Pick(
            shelf.label(start),
            formatting.other_time(start, start + shelf.length, reader.zone, zone, reader.now, reader.hour_cycle),
            not_offered(shelf.provider.name) if start in anyway else "",
            move_up(start) if number else "",
            move_down(start) if number < last else "",
            formatting.iso(start),
            _focus(wish.did, number, last) if start == wish.touched else "",
        )
        for number, start in enumerate(chosen)
    ]


def _focus(did: str, number: int, last: int) -> str:
    # At either end the button that was pressed is gone; the other one is beside it.
    if did == "up":
        return "up" if number else "down"
    if did == "down":
        return "down" if number < last else "up"
    return ""
