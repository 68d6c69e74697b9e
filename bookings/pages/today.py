"""A provider's day: what runs out first, what comes next (PG-40, S0.3-S0.10, CK-23)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.http import urlencode

from accounts import formatting
from accounts.formatting import DeadlineWords, WhenWords
from accounts.policies import Vocabulary
from calendars.queries import meeting_url
from marketplace.models import Provider

from .. import clashes, queries
from ..context import Clash
from ..enums import AGREED, Action, Status
from ..models import Booking
from .answering import Choice, choices_of
from .asked import service_line
from .buttons import JOIN_AFTER_END, JOIN_BEFORE
from .parts import (
    Button,
    Person,
    Row,
    Viewer,
    answer_by,
    other_zone,
    person,
    row_of,
    side_of,
    table_of,
)
from .ways import context_from, href_of

QUOTE = 280


@dataclass(frozen=True)
class AskTime:
    """A time to accept with one press; one that overlaps something leads to the page with the tick, a lost one nowhere."""

    label: str
    other: str
    warning: str
    value: str = ""
    href: str = ""


@dataclass(frozen=True)
class Ask:
    """Somebody's request: who, what, when, why, until when (S0.7-S0.10)."""

    id: str
    href: str
    action: str
    seen: int
    back: str
    name: str
    initials: str
    tint: str
    sub: str
    deadline: DeadlineWords | None
    quote: str
    times: list[AskTime]
    buttons: list[Button]


@dataclass(frozen=True)
class NextSession:
    """The session that comes next, with its room."""

    href: str
    who: Person
    when: WhenWords
    starts: str
    join_href: str
    join_label: str


@dataclass(frozen=True)
class TodayPage:
    """Everything of PG-40. `version` changes when anything on it does; `newest` is when the last request came.

    `count` is the number beside the navigation; `more` of these are not on this page: what one is asked as a client.
    """

    area: str
    greeting: str
    clock: str
    asks: list[Ask]
    count: int
    more: int
    next_session: NextSession | None
    upcoming: list[Row]
    waiting: list[Row]
    over: list[Row]
    is_new: bool
    empty_text: str
    public_href: str
    version: str
    newest: str
    fresh: int
    standing: str = ""
    new_href: str = ""


def today_page(
    provider: Provider,
    viewer: Viewer,
    words: Vocabulary,
    *,
    known: str = "",
    standing: str = "",
    makes_bookings: bool = False,
) -> TodayPage:
    """The day of the viewer's own provider. `known` is `newest` of a page shown before, for counting what came since.

    `standing` is `pages.standing.short_line`; `makes_bookings`: the page leads to a new one (PG-39).
    """
    day = queries.today_of(provider, viewer.now)
    taken = clashes.at_many(table_of(day.to_answer))
    # The deadline that is shown sorts the rows; it moves when one of several times drops out.
    to_answer = sorted(day.to_answer, key=lambda booking: (answer_by(booking, viewer.now), booking.code))
    upcoming = [row_of(booking, viewer) for booking in day.upcoming]
    everything, since = [*to_answer, *day.upcoming, *day.waiting, *day.over], _moment(known)
    return TodayPage(
        area=words.area if words.area == words.sessions_tab else f"{words.area}: {words.sessions_tab}",
        greeting=f"{_part_of_day(viewer)}, {viewer.member.name}",
        clock=f"{viewer.at(viewer.now)} in {formatting.city_name(viewer.reader.zone)}",
        asks=[_ask(booking, viewer, taken) for booking in to_answer],
        count=day.needs,
        more=day.needs - len(to_answer) - len(day.over),
        next_session=_next_session(day.upcoming[0], viewer) if day.upcoming else None,
        upcoming=upcoming[1:],
        waiting=[row_of(booking, viewer) for booking in day.waiting],
        over=[row_of(booking, viewer) for booking in day.over],
        is_new=not everything,
        empty_text=f"Your next {words.session} is {upcoming[0].when}." if upcoming else "You are done for now.",
        public_href=reverse("provider", args=[provider.slug]) if provider.is_published else "",
        version=_version(everything, standing),
        newest=max((_asked_at(booking) for booking in to_answer), default=provider.joined_at).isoformat(),
        fresh=sum(_asked_at(booking) > since for booking in to_answer) if since else 0,
        standing=standing,
        new_href=reverse("new_booking") if makes_bookings else "",
    )


def _asked_at(booking: Booking) -> datetime:
    # Another time for something agreed is as new as a request.
    proposal = queries.open_proposal_of(booking)
    return proposal.made_at if proposal else booking.created_at


def _part_of_day(viewer: Viewer) -> str:
    hour = viewer.now.astimezone(ZoneInfo(viewer.reader.zone)).hour
    if hour < 5:
        return "Hello"
    if hour < 12:
        return "Good morning"
    return "Good afternoon" if hour < 18 else "Good evening"


def _ask(booking: Booking, viewer: Viewer, taken: Mapping[clashes.Key, tuple[Clash, ...]]) -> Ask:
    who, zone = person(booking.client.name), other_zone(booking, side_of(booking, viewer))
    context = context_from(booking, viewer, Action.ACCEPT)
    until = answer_by(booking, viewer.now)
    about = service_line(booking)
    if booking.status in AGREED:
        about = f"{about}. Another time instead of {viewer.at(booking.starts_at)}"
    return Ask(
        id=f"ask-{booking.code}",
        href=reverse("booking", args=[booking.code]),
        action=reverse("booking_accept", args=[booking.code]),
        seen=booking.last_sequence,
        back="today",
        name=who.name,
        initials=who.initials,
        tint=who.tint,
        sub=". ".join(part for part in (about, f"{who.name} is in {formatting.city_name(zone)}") if part),
        deadline=viewer.deadline(until),
        quote=_cut(booking.notes),
        times=[_ask_time(booking, viewer, choice, zone) for choice in choices_of(booking, context, taken)],
        buttons=_other_answers(booking),
    )


def _other_answers(booking: Booking) -> list[Button]:
    """Other times, or none of them: on what is agreed already, declining keeps the time that stands (S4.25)."""
    whose = f"the request of {booking.client.name}"
    declines = "Keep the original time" if booking.status in AGREED else "Decline"
    return [
        Button(
            "Suggest",
            href=href_of(booking, Action.SUGGEST),
            hidden=f"other times to {booking.client.name}",
            id=f"suggest-{booking.code}",
        ),
        Button(declines, href=href_of(booking, Action.DECLINE), hidden=whose, id=f"decline-{booking.code}"),
    ]


def _ask_time(booking: Booking, viewer: Viewer, choice: Choice, zone: str) -> AskTime:
    when = viewer.when(choice.time.starts_at, choice.time.minutes, zone)
    value = formatting.iso(choice.time.starts_at)
    if choice.refusal:
        return AskTime(when.label, when.other, choice.warning)
    if choice.overlap:
        href = f"{reverse('booking_accept', args=[booking.code])}?{urlencode({'time': value})}"
        return AskTime(when.label, when.other, choice.warning, href=href)
    return AskTime(when.label, when.other, choice.warning, value=value)


def _next_session(booking: Booking, viewer: Viewer) -> NextSession:
    ends_at = booking.starts_at + timedelta(minutes=booking.minutes)
    when = viewer.when(booking.starts_at, booking.minutes, other_zone(booking, side_of(booking, viewer)))
    is_on = booking.starts_at <= viewer.now < ends_at
    return NextSession(
        href=reverse("booking", args=[booking.code]),
        who=person(booking.client.name, sub=service_line(booking)),
        when=when,
        starts="On now" if is_on else f"Starts {formatting.relative(booking.starts_at, viewer.now)}",
        join_href=_join_href(booking, viewer, ends_at),
        join_label=_join_label(booking, viewer),
    )


def _join_label(booking: Booking, viewer: Viewer) -> str:
    opens = booking.starts_at - JOIN_BEFORE
    clock = formatting.clock(opens, viewer.reader.zone, viewer.reader.hour_cycle)
    return "Join" if viewer.now >= opens else f"Join from {clock}"


def _join_href(booking: Booking, viewer: Viewer, ends_at: datetime) -> str:
    """Into the room while it is open; before, to the page that says when; nothing where there is no room (PG-36b)."""
    room = meeting_url(booking.reference) if booking.status == Status.CONFIRMED else ""
    if room and booking.starts_at - JOIN_BEFORE <= viewer.now < ends_at + JOIN_AFTER_END:
        return room
    return reverse("booking_join", args=[booking.code]) if room else ""


def _cut(text: str) -> str:
    return text if len(text) <= QUOTE else f"{text[:QUOTE].rsplit(' ', 1)[0]}…"


def _version(bookings: list[Booking], standing: str) -> str:
    seen = [*(f"{row.code}:{row.last_sequence}" for row in bookings), standing]
    return f"{crc32(' '.join(seen).encode()):08x}"


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
