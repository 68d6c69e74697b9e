"""Free times to pick from while suggesting or moving: near a wanted time, then two weeks by day (PG-35).

Check-boxes of a plain form; what is chosen and not among them stands in a list of its own, with what there is to say of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts import formatting
from calendars import queries as calendars
from calendars.hours import local_minute
from calendars.slots import Slot, SlotRules, nearest
from marketplace import queries as marketplace

from ..enums import Actor
from ..models import Booking
from .parts import Viewer, other_zone, side_of

DAYS, NEAR = 14, 3
AROUND = timedelta(days=14)


@dataclass(frozen=True)
class PickSlot:
    """A free time as a check-box or radio button; `note` says that somebody has asked for it."""

    id: str
    value: str
    day: str
    time: str
    other: str
    note: str
    checked: bool


@dataclass(frozen=True)
class PickDay:
    """One day by the reader's calendar."""

    value: str
    heading: str
    count: str
    slots: list[PickSlot]
    is_open: bool


@dataclass(frozen=True)
class Note:
    """What there is to say of a chosen time: that it can't be had any more, or what it overlaps."""

    text: str = ""
    is_gone: bool = False


@dataclass(frozen=True)
class Extra:
    """A chosen time that is not among the free ones: typed, or of another week.

    `is_anyway`: a client suggests it although it is not offered (D-3).
    """

    id: str
    value: str
    label: str
    other: str
    warning: str
    checked: bool
    gone: bool
    is_anyway: bool


@dataclass(frozen=True)
class Picker:
    """All that `bookings/_picker.html` shows. `since` is the first day listed; `earlier` and `later` turn the page."""

    kind: str
    near_title: str
    near: list[PickSlot]
    days: list[PickDay]
    days_title: str
    extras: list[Extra]
    since: str
    earlier: str
    later: str


@dataclass(frozen=True)
class Pick:
    """What is asked of the picker. Moments are UTC; `wanted` is what the nearest free times are near to."""

    minutes: int
    wanted: datetime
    near_title: str
    chosen: Sequence[datetime]
    notes: Mapping[datetime, Note]
    since: date | None
    is_single: bool
    anyway: Collection[datetime] = ()


def picker(booking: Booking, viewer: Viewer, pick: Pick) -> Picker:
    """The provider's free times for a session of this length, for either side. Two queries."""
    zone, rules = ZoneInfo(viewer.reader.zone), _rules(booking, viewer, pick.minutes)
    begins = viewer.now
    if side_of(booking, viewer) == Actor.CLIENT:
        begins = marketplace.takes_requests_from(booking.provider, viewer.now)
    today, last = (
        moment.astimezone(zone).date() for moment in (begins, viewer.now + timedelta(days=rules.horizon_days))
    )
    first = min(max(pick.since or today, today), last)
    span = local_minute(first, 0, zone), local_minute(first + timedelta(days=DAYS), 0, zone)
    gone = {start for start, note in pick.notes.items() if note.is_gone}
    barred = {*gone, booking.starts_at}
    listed = [slot for slot in _free(booking, viewer, rules, max(begins, span[0]), span[1]) if slot.start not in barred]
    around = _free(booking, viewer, rules, max(begins, pick.wanted - AROUND), max(begins, pick.wanted) + AROUND)
    near = nearest([slot for slot in around if slot.start not in barred], pick.wanted, NEAR)
    near_starts = {slot.start for slot in near}
    by_day = _by_day([slot for slot in listed if slot.start not in near_starts], zone)
    offered = near_starts | {slot.start for slots in by_day.values() for slot in slots}
    following = first + timedelta(days=DAYS)
    return Picker(
        kind="radio" if pick.is_single else "checkbox",
        near_title=pick.near_title,
        near=[_slot(booking, viewer, pick, slot) for slot in near],
        days=[_day(booking, viewer, pick, day, slots, today) for day, slots in by_day.items()],
        days_title=f"From {formatting.long_day_words(first, today)}" if first > today else "The next two weeks",
        extras=[_extra(booking, viewer, pick, start) for start in pick.chosen if start not in offered],
        since=first.isoformat(),
        earlier=max(first - timedelta(days=DAYS), today).isoformat() if first > today else "",
        later=following.isoformat() if following <= last else "",
    )


def _rules(booking: Booking, viewer: Viewer, minutes: int) -> SlotRules:
    rules = replace(marketplace.rules_of(booking.service, booking.policy), minutes=minutes)
    if side_of(booking, viewer) == Actor.CLIENT:
        return rules
    # Notice protects the provider from others; their own time is theirs to give (PG-35).
    return replace(rules, notice_minutes=booking.policy.answer_lead_hours * 60)


def _free(booking: Booking, viewer: Viewer, rules: SlotRules, since: datetime, until: datetime) -> list[Slot]:
    return calendars.bookable(
        booking.provider.calendar,
        rules,
        since=since,
        until=until,
        now=viewer.now,
        hide_asked=marketplace.hides_asked(booking.service, booking.policy),
    )


def _by_day(slots: Sequence[Slot], zone: ZoneInfo) -> dict[date, list[Slot]]:
    found: dict[date, list[Slot]] = {}
    for slot in slots:
        found.setdefault(slot.start.astimezone(zone).date(), []).append(slot)
    return found


def _day(booking: Booking, viewer: Viewer, pick: Pick, day: date, slots: Sequence[Slot], today: date) -> PickDay:
    shown = [_slot(booking, viewer, pick, slot) for slot in slots]
    return PickDay(
        value=day.isoformat(),
        heading=formatting.long_day_words(day, today),
        count=formatting.plural(len(slots), "free time"),
        slots=shown,
        is_open=any(slot.checked for slot in shown),
    )


def _slot(booking: Booking, viewer: Viewer, pick: Pick, slot: Slot) -> PickSlot:
    reader, start = viewer.reader, slot.start
    end = start + timedelta(minutes=pick.minutes)
    zone = other_zone(booking, side_of(booking, viewer))
    return PickSlot(
        id=f"t{start:%Y%m%d%H%M}",
        value=formatting.iso(start),
        day=formatting.short_day(start, reader.zone, viewer.now),
        time=formatting.time_range(start, end, reader.zone, reader.hour_cycle),
        other=formatting.other_time(start, None, reader.zone, zone, viewer.now, reader.hour_cycle),
        note="Somebody has asked for it" if slot.asked else "",
        checked=start in pick.chosen,
    )


def _extra(booking: Booking, viewer: Viewer, pick: Pick, start: datetime) -> Extra:
    note = pick.notes.get(start, Note())
    when = viewer.when(start, pick.minutes, other_zone(booking, side_of(booking, viewer)))
    return Extra(
        id=f"t{start:%Y%m%d%H%M}",
        value=formatting.iso(start),
        label=when.label,
        other=when.other,
        warning=note.text,
        checked=not note.is_gone,
        gone=note.is_gone,
        is_anyway=start in pick.anyway,
    )
