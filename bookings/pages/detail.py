"""One booking for one viewer: state, what comes next, what can be done, the times on the table, what has happened (PG-32)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.urls import reverse

from accounts import formatting
from accounts.formatting import WhenWords
from accounts.models import Membership
from calendars.queries import meeting_url

from .. import links, queries, wording
from ..context import Context, Outcome
from ..enums import AGREED, Action, Actor, CreditStatus, Status
from ..models import Booking, BookingEvent, SupportRequest
from .buttons import JOIN_AFTER_END, JOIN_BEFORE, Desk, offered
from .history import Item, Sent, sent_about, timeline_of
from .parts import (
    Button,
    Person,
    Viewer,
    facts_of,
    other_of,
    other_zone,
    person,
    price_in_words,
    said_of,
    side_of,
    support_answers,
    times_of,
    title_of,
)
from .tables import Table, table_for
from .ways import context_from

SETTING_UP_TAKES = timedelta(minutes=2)
POLL_SETTING_UP, POLL_OTHER_SIDE = 3, 60
HANDS = ("needs_you", "ended")


@dataclass(frozen=True)
class Fact:
    """A line of the details."""

    label: str
    value: str
    sub: str = ""
    href: str = ""


@dataclass(frozen=True)
class Notice:
    """Something that waits beside the negotiation: a wish, an objection. `quote` are the words of who has it."""

    title: str
    text: str
    quote: str


@dataclass(frozen=True)
class BookingPage:
    """Everything of PG-32. `poll`: ask again after so many seconds, 0 for never; `seen` is the newest line shown."""

    code: str
    href: str
    title: str
    states: list[wording.State]
    when: WhenWords | None
    other_name: str
    next_icon: str
    next: str
    is_stuck: bool
    notices: list[Notice]
    buttons: list[Button]
    answers: list[Button]
    blocked: list[str]
    table: Table | None
    facts: list[Fact]
    people: list[Person]
    timeline: list[Item]
    sent: list[Sent]
    poll: int
    seen: int


def booking_page(booking: Booking, viewer: Viewer) -> BookingPage:
    """The page of a booking read by `queries.get_booking_for`."""
    actor, events = side_of(booking, viewer), queries.timeline(booking)
    wish, room = queries.open_wish(booking), room_of(booking, viewer)
    is_stuck = booking.status == Status.CONFIRMING and viewer.now - events[0].at > SETTING_UP_TAKES
    facts = facts_of(booking, viewer, has_room=bool(room), events=events)
    context = _context(booking, viewer, events, wish)
    table = table_for(booking, viewer, context)
    desk = Desk(booking, viewer, facts, context, room, is_stuck)
    buttons = offered(desk, accept=table.accept if table else None)
    states = wording.states_of(facts, booking.policy, viewer.now)
    return BookingPage(
        code=booking.code,
        href=reverse("booking", args=[booking.code]),
        title=title_of(booking, actor),
        states=states,
        when=_when(booking, viewer),
        other_name=other_of(booking, actor).name,
        next_icon=_next_icon(facts, states),
        next=wording.next_line(facts, viewer.reader, viewer.now),
        is_stuck=is_stuck,
        notices=_notices(booking, viewer, events, wish),
        buttons=buttons.top,
        answers=buttons.answers,
        blocked=buttons.blocked,
        table=table,
        facts=_facts(booking, viewer, facts, room, begun_by=events[-1].actor),
        people=_people(booking, viewer),
        timeline=timeline_of(booking, viewer, events),
        sent=sent_about(booking, viewer),
        poll=_poll(booking, viewer, is_stuck=is_stuck),
        seen=booking.last_sequence,
    )


def _context(booking: Booking, viewer: Viewer, events: Sequence[BookingEvent], wish: SupportRequest | None) -> Context:
    """The facts for every button of the page; what was said about how it went comes from the timeline."""
    said = said_of(booking, events)
    outcome = Outcome(Actor(said.actor), said.at, booking.contested_at is not None) if said else None
    return replace(context_from(booking, viewer, Action.ACCEPT), support_asked=wish is not None, outcome=outcome)


def _next_icon(facts: wording.Facts, states: Sequence[wording.State]) -> str:
    if facts.awaits and facts.awaits == facts.viewer:
        return "hand"
    if states[0].key in HANDS and facts.is_to_say():
        return "hand"
    return "hourglass" if facts.awaits else "arrow-right"


def _notices(
    booking: Booking, viewer: Viewer, events: Sequence[BookingEvent], wish: SupportRequest | None
) -> list[Notice]:
    notices = []
    if booking.cancel_asked_at and booking.status in AGREED and viewer.now < booking.starts_at:
        asked = next((event for event in events if event.action == Action.ASK_TO_CANCEL), None)
        whom = "you" if side_of(booking, viewer) == Actor.CLIENT else booking.client.name
        title = f"{_name(booking.provider.member, viewer)} asked {whom} to cancel"
        notices.append(
            Notice(
                title,
                f"It takes place unless {whom} cancel{'' if whom == 'you' else 's'}.",
                asked.message if asked else "",
            )
        )
    if wish:
        by = booking.client if wish.made_by == Actor.CLIENT else booking.provider.member
        times = " or ".join(viewer.at(start) for start in wish.starts)
        wanted = f" Wanted: {times}." if times else ""
        promise = support_answers(booking, viewer, wish.made_at)
        notices.append(Notice(f"{_name(by, viewer)} asked support to change this", f"{promise}{wanted}", wish.reason))
    if booking.contested_at:
        contest = next((event for event in events if event.action == Action.CONTEST), None)
        who = _name(contest.by, viewer) if contest and contest.by else "Somebody"
        disagrees = "disagree" if who == "You" else "disagrees"
        notices.append(
            Notice(
                f"{who} {disagrees}",
                "Support decides what happened and tells you both by mail.",
                contest.message if contest else "",
            )
        )
    return notices


def _name(member: Membership, viewer: Viewer) -> str:
    return "You" if member == viewer.member else member.name


def _poll(booking: Booking, viewer: Viewer, *, is_stuck: bool) -> int:
    if booking.status == Status.CONFIRMING and not is_stuck:
        return POLL_SETTING_UP
    awaited = queries.awaited_side(booking)
    return POLL_OTHER_SIDE if awaited and awaited != side_of(booking, viewer) else 0


def _when(booking: Booking, viewer: Viewer) -> WhenWords | None:
    times = times_of(booking)
    start = booking.starts_at or (times[0].starts_at if len(times) == 1 else None)
    if start is None:
        return None
    return viewer.when(start, booking.minutes, other_zone(booking, side_of(booking, viewer)))


def room_of(booking: Booking, viewer: Viewer) -> str:
    """The address to join, for the two alone, from the agreement until a while after the end (S4.7, X12)."""
    is_over = booking.starts_at and viewer.now >= booking.ends_at + JOIN_AFTER_END
    if booking.status != Status.CONFIRMED or is_over or side_of(booking, viewer) == Actor.STAFF:
        return ""
    return meeting_url(booking.reference)


def _facts(booking: Booking, viewer: Viewer, about: wording.Facts, room: str, *, begun_by: str) -> list[Fact]:
    actor, words = about.viewer, booking.tenant.words
    facts = [
        Fact(words.kind.capitalize(), f"{booking.service.name}, {formatting.length(booking.minutes)}"),
        Fact("Where", booking.service.get_place_display(), _where(booking, viewer, room, actor)),
    ]
    if booking.notes:
        # Whoever began it wrote them.
        facts.append(Fact("Your notes" if actor == begun_by else "Notes", booking.notes))
    if price := price_in_words(booking.price, booking.policy, words):
        facts.append(Fact("Price", price))
    if state := wording.credit_state(CreditStatus(booking.credit_status), booking.policy):
        facts.append(Fact(words.credits.capitalize(), state))
    if booking.status in AGREED and (
        terms := wording.cancel_terms(about, booking.price, booking.policy, words, viewer.reader, viewer.now)
    ):
        facts.append(Fact("Cancelling", terms))
    for linked in queries.linked_to(booking, viewer.member):
        label = "Tries again" if linked.pk == booking.earlier_id else "Tried again"
        facts.append(Fact(label, linked.code, href=reverse("booking", args=[linked.code])))
    return facts


def _where(booking: Booking, viewer: Viewer, room: str, actor: Actor) -> str:
    if booking.policy.logistics == "manual":
        return (
            f"{booking.client.name} and {booking.provider.name} arrange it between them"
            if actor == Actor.STAFF
            else (f"You and {other_of(booking, actor).name} arrange it between you")
        )
    if booking.service.place != "video" or actor == Actor.STAFF:
        return ""
    if room:
        opens = booking.starts_at - JOIN_BEFORE
        return "Join with the button above" if viewer.now >= opens else f"Opens on {viewer.at(opens)}"
    if booking.status in AGREED and viewer.now < booking.ends_at:
        return "The link is being made"
    return "The link comes when a time is agreed" if booking.status == Status.PENDING else ""


def _people(booking: Booking, viewer: Viewer) -> list[Person]:
    actor = side_of(booking, viewer)
    provider, client = booking.provider.member, booking.client
    sides = {Actor.CLIENT: [provider], Actor.PROVIDER: [client], Actor.STAFF: [client, provider]}[actor]
    return [_across(member, booking, viewer) for member in sides]


def _across(member: Membership, booking: Booking, viewer: Viewer) -> Person:
    zone = links.zone_of(member, booking)
    city = formatting.city_name(zone)
    sub = city
    if formatting.offsets_differ(viewer.now, viewer.reader.zone, zone):
        distance = formatting.ahead(viewer.now, viewer.reader.zone, zone)
        sub = f"{city}, {distance} of you" if distance.endswith("ahead") else f"{city}, {distance} you"
    is_public = member == booking.provider.member and booking.provider.is_published
    return person(member.name, sub=sub, href=reverse("provider", args=[booking.provider.slug]) if is_public else "")
