"""A provider's own hours: week, other days, blocked time, rules, and what all of it lets clients ask for (PG-42)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.http import urlencode

from accounts import formatting
from accounts.policies import Policy, Vocabulary
from calendars.clockwords import hours_words
from calendars.hours import local_minute
from calendars.hours_queries import OtherDays, coming_blocks, other_days
from marketplace.cards import Reader
from marketplace.models import Provider, Service
from marketplace.preview import Preview, lost, preview_of
from marketplace.rule_words import Rule, rules_in_words

from .. import own_hours
from ..own_hours import Held
from .parts import EffectLine, Viewer

NAMED_AT_MOST = 5
_ONE_DAY = timedelta(days=1)
PAGES = [
    ("availability", "Weekly hours"),
    ("availability_days", "Other days"),
    ("availability_blocks", "Blocked time"),
    ("availability_rules", "Rules"),
]


@dataclass(frozen=True)
class Desk:
    """Whose hours they are, what is offered, by which rules. `service` is the one whose times are shown, if there is any."""

    provider: Provider
    services: Sequence[Service]
    service: Service | None
    policy: Policy
    words: Vocabulary
    viewer: Viewer

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the hours."""
        return ZoneInfo(self.provider.calendar.time_zone)

    @property
    def today(self) -> date:
        """The day it is where the hours are."""
        return self.viewer.now.astimezone(self.zone).date()

    @property
    def hour_cycle(self) -> int:
        """The viewer's clock, 12 or 24."""
        return self.viewer.reader.hour_cycle

    @property
    def reader(self) -> Reader:
        """The viewer as somebody who reads by the clock of the hours."""
        priced = self.policy.price_unit != "none"
        return Reader(self.zone.key, self.hour_cycle, self.viewer.now, self.words, priced)

    @cached_property
    def held(self) -> list[Held]:
        """What is agreed and asked for ahead. Hours never change it. Two queries, once."""
        return own_hours.coming(self.provider, self.viewer.now)

    def href(self, name: str) -> str:
        """One of the pages, with the same service beside it."""
        chosen = f"?{urlencode({'service': self.service.pk})}" if self.service else ""
        return f"{reverse(name)}{chosen}"

    def at(self, start: datetime, end: datetime) -> str:
        """A span by the clock of the hours: "Tue 24 Nov, 9am to 9:30am"."""
        return formatting.day_and_range(start, end, self.zone.key, self.viewer.now, self.hour_cycle)

    def midnight(self, day: date) -> datetime:
        """When the day begins where the hours are (UTC)."""
        return local_minute(day, 0, self.zone)


@dataclass(frozen=True)
class Tab:
    """One of the pages."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True)
class HeldLine:
    """A session or request, with the way to it."""

    href: str
    label: str
    when: str


@dataclass(frozen=True)
class HeldBox:
    """Sessions and requests that are in the way of something: how many, the first of them, how many more."""

    title: str
    text: str
    lines: list[HeldLine]
    more: str


@dataclass(frozen=True)
class Option:
    """A service in the list of those whose times can be shown."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class PreviewFrame:
    """The times of a service, the services to choose from, the way to one's public page."""

    preview: Preview | None
    options: list[Option]
    public_href: str


@dataclass(frozen=True)
class Frame:
    """What all pages share: where they lead, whose clock counts, which times can be asked for."""

    tabs: list[Tab]
    zone: str
    zone_href: str
    zone_differs: str
    shown: PreviewFrame
    outside: HeldBox | None


@dataclass(frozen=True)
class Row:
    """Something on a list that can be taken off it: other days, or blocked time."""

    id: str
    title: str
    sub: str
    fields: list[tuple[str, str]]
    held: HeldBox | None


@dataclass(frozen=True)
class ServiceRules:
    """One service and its rules in words."""

    id: str
    name: str
    sub: str
    rules: list[Rule]
    href: str


def preview_frame(desk: Desk) -> PreviewFrame:
    """The times that can be asked for in the next two weeks. One query, none without a service."""
    return PreviewFrame(
        preview=preview_of(desk.provider, desk.service, desk.policy, desk.reader) if desk.service else None,
        options=[Option(str(row.pk), row.name, row == desk.service) for row in desk.services],
        public_href=reverse("provider", args=[desk.provider.slug]) if desk.provider.is_published else "",
    )


def frame(desk: Desk, current: str) -> Frame:
    """The frame around the page called `current`. Up to five queries."""
    zone, viewer = desk.zone.key, desk.viewer
    differs = ""
    if formatting.offsets_differ(viewer.now, zone, viewer.reader.zone):
        city = formatting.city_name(viewer.reader.zone)
        differs = f"Other pages show you {city} time. Hours stay in the time of the place where you keep them."
    return Frame(
        tabs=[Tab(label, desk.href(name), name == current) for name, label in PAGES],
        zone=zone_words(desk),
        zone_href=reverse("availability_zone"),
        zone_differs=differs,
        shown=preview_frame(desk),
        outside=outside_box(desk),
    )


def zone_words(desk: Desk) -> str:
    """The zone of the hours: "Prague (GMT+1)"."""
    return formatting.zone_label(desk.viewer.now, desk.zone.key)


def outside_box(desk: Desk) -> HeldBox | None:
    """What lies outside the hours as they are; None where nothing does."""
    held = own_hours.outside_hours(desk.provider, desk.held)
    text = f"They stay as they are. Open one to move or cancel it if you can't be there{_or_decline(held)}."
    return _box(desk, held, "outside your hours", text)


def outside_words(desk: Desk) -> str:
    """What lies outside the hours as they are, for the message after a change; nothing where nothing does."""
    held = own_hours.outside_hours(desk.provider, desk.held)
    return f"{_counted(desk, held).capitalize()} outside your hours: {_stay(held)}." if held else ""


def day_rows(desk: Desk) -> list[Row]:
    """The days that differ from the week, with what lies within them. One query and those of `held`."""
    return [_day_row(desk, days, desk.held) for days in other_days(desk.provider.calendar, desk.today)]


def days_effects(desk: Desk, days: OtherDays) -> tuple[list[EffectLine], HeldBox | None]:
    """What saving these days would do, before it is done: what can't be asked for any more, and what lies within."""
    since, until = desk.midnight(days.first), desk.midnight(days.last + _ONE_DAY)
    lines = [EffectLine("calendar-off", _closed(desk, days))]
    if desk.service:
        count = lost(desk.provider, desk.service, desk.policy, desk.reader, since, until)
        lines.append(EffectLine("clock", _lost(desk.service, count, is_away=not days.hours)))
    replaced = [row for row in other_days(desk.provider.calendar, desk.today) if _overlap(row, days)]
    if replaced:
        names = ", ".join(_days_words(desk, row) for row in replaced)
        lines.append(EffectLine("refresh-cw", f"What you said before of these days is replaced: {names}."))
    within = _within(desk, days, desk.held)
    return lines, _held_then(desk, within)


def week_saved(desk: Desk) -> str:
    """What saving the weekly hours did; to be asked after it."""
    return f"Your weekly hours are saved. {outside_words(desk)}".strip()


def days_saved(desk: Desk, days: OtherDays) -> str:
    """What was saved, and what lies within: for the message after it."""
    within = _within(desk, days, desk.held)
    said = f"Saved. {_closed(desk, days)}"
    return f"{said} {_counted(desk, within).capitalize()} within: {_stay(within)}." if within else said


def block_rows(desk: Desk) -> list[Row]:
    """What is blocked, with what is agreed or asked for then. One query and those of `held`."""
    return [
        Row(
            id=f"block-{row.pk}",
            title=desk.at(row.starts_at, row.ends_at),
            sub=row.note,
            fields=[("block", str(row.pk))],
            held=_held_then(desk, [one for one in desk.held if one.meets(row.starts_at, row.ends_at)]),
        )
        for row in coming_blocks(desk.provider.calendar, desk.viewer.now)
    ]


def block_saved(desk: Desk, start: datetime, end: datetime) -> str:
    """What was blocked, and what lies within: for the message after it."""
    within = [row for row in desk.held if row.meets(start, end)]
    said = f"Blocked: {desk.at(start, end)}. Nobody is offered this time."
    return f"{said} {_counted(desk, within).capitalize()} within: {_stay(within)}." if within else said


def service_rules(desk: Desk) -> list[ServiceRules]:
    """Every service with what its rules do. No query."""
    return [
        ServiceRules(
            id=f"rules-{row.pk}",
            name=row.name,
            sub=formatting.length(row.minutes),
            rules=rules_in_words(row, desk.policy, desk.reader),
            href=f"{reverse('availability_rules')}?{urlencode({'service': row.pk, 'change': 1})}",
        )
        for row in desk.services
    ]


def _day_row(desk: Desk, days: OtherDays, held: Iterable[Held]) -> Row:
    return Row(
        id=f"days-{days.first}",
        title=_days_words(desk, days),
        sub="Away" if not days.hours else _hours(desk, days),
        fields=[("from", days.first.isoformat()), ("until", days.last.isoformat())],
        held=_held_then(desk, _within(desk, days, held)),
    )


def _within(desk: Desk, days: OtherDays, held: Iterable[Held]) -> list[Held]:
    """What touches these days and is not inside the hours that they have."""
    since, until = desk.midnight(days.first), desk.midnight(days.last + _ONE_DAY)
    return [row for row in held if row.meets(since, until) and not _inside(desk, days, row)]


def _inside(desk: Desk, days: OtherDays, row: Held) -> bool:
    day = row.start.astimezone(desk.zone).date()
    spans = [
        (local_minute(day, opens, desk.zone), local_minute(day, closes, desk.zone)) for opens, closes in days.hours
    ]
    return any(opens <= row.start and row.end <= closes for opens, closes in spans)


def _held_then(desk: Desk, held: Sequence[Held]) -> HeldBox | None:
    text = f"{_stay(held).capitalize()}. Open one to move or cancel it{_or_decline(held)}."
    return _box(desk, held, "at that time", text)


def _box(desk: Desk, held: Sequence[Held], where: str, text: str) -> HeldBox | None:
    if not held:
        return None
    lines = [
        HeldLine(
            reverse("booking", args=[row.code]),
            f"{row.service} with {row.client}" + ("" if row.is_agreed else ", asked for"),
            desk.at(row.start, row.end),
        )
        for row in held[:NAMED_AT_MOST]
    ]
    more = f"And {len(held) - NAMED_AT_MOST} more." if len(held) > NAMED_AT_MOST else ""
    return HeldBox(f"{_counted(desk, held).capitalize()} {where}", text, lines, more)


def _counted(desk: Desk, held: Sequence[Held]) -> str:
    """ "2 agreed sessions and 1 request lie"."""
    agreed, asked = sum(row.is_agreed for row in held), sum(not row.is_agreed for row in held)
    words = desk.words
    parts = [f"{formatting.plural(agreed, f'agreed {words.session}', f'agreed {words.sessions}')}"] if agreed else []
    parts += [formatting.plural(asked, "time that is asked for", "times that are asked for")] if asked else []
    return f"{' and '.join(parts)} {'lies' if len(held) == 1 else 'lie'}"


def _stay(held: Sequence[Held]) -> str:
    return "it stays as it is" if len(held) == 1 else "they stay as they are"


def _or_decline(held: Iterable[Held]) -> str:
    return "" if all(row.is_agreed for row in held) else ", or to answer"


def _closed(desk: Desk, days: OtherDays) -> str:
    when = _days_words(desk, days)
    if not days.hours:
        return f"Nobody can ask you for {'that day' if days.first == days.last else 'any of these days'}: {when}."
    each = "" if days.first == days.last else " on each of these days"
    return f"On {when} you can be booked {_hours(desk, days)}{each}, in place of your weekly hours."


def _hours(desk: Desk, days: OtherDays) -> str:
    spans = [hours_words(opens, closes, desk.hour_cycle) for opens, closes in days.hours]
    return " and ".join(filter(None, [", ".join(spans[:-1]), spans[-1]]))


def days_words(desk: Desk, first: date, last: date) -> str:
    """ "Mon 21 Dec", "Mon 21 Dec to Sun 3 Jan 2027"."""
    words = formatting.day_words(first, desk.today)
    return words if first == last else f"{words} to {formatting.day_words(last, desk.today)}"


def _days_words(desk: Desk, days: OtherDays) -> str:
    return days_words(desk, days.first, days.last)


def _lost(service: Service, count: int, *, is_away: bool) -> str:
    if not count:
        return f"No time of “{service.name}” can be asked for then anyway."
    times = f"{formatting.plural(count, 'time')} of “{service.name}”"
    return f"{times} can't be asked for any more." if is_away else f"Until now {times} can be asked for then."


def _overlap(one: OtherDays, other: OtherDays) -> bool:
    return one.first <= other.last and other.first <= one.last
