"""One booking for one viewer: state, what comes next, the times on the table, what has happened, what was sent (PG-32)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.http import urlencode

from accounts import formatting
from accounts.formatting import WhenWords
from accounts.models import Membership
from calendars.queries import meeting_url
from notifications.models import EmailMessage
from notifications.queries import mails_about

from .. import clashes, deadlines, links, queries, wording, workflow
from ..context import Context
from ..enums import AGREED, Action, Actor, Status
from ..models import Booking, BookingEvent
from .answering import Offer, choices_of, context_from, decline_button, offers_of
from .parts import (
    Button,
    Person,
    Viewer,
    answer_by,
    facts_of,
    other_of,
    other_zone,
    person,
    price_in_words,
    side_of,
    state_of,
    table_of,
    times_of,
    title_of,
)

# The address to join stays on the page a while after the end: sessions run over (C23).
JOIN_AFTER_END = timedelta(hours=1)
SETTING_UP_TAKES = timedelta(minutes=2)
POLL_SETTING_UP, POLL_OTHER_SIDE = 3, 60
SOMETHING_ELSE = {Status.DECLINED, Status.EXPIRED, Status.CANCELLED}


@dataclass(frozen=True)
class BadgeState:
    """A badge at the head of the page."""

    state: str
    label: str


@dataclass(frozen=True)
class Table:
    """The times on the table. With `buttons` the viewer answers; otherwise `times` only say what was asked."""

    action: str
    title: str
    sub: str
    legend: str
    who: Person
    offers: list[Offer]
    times: list["AskedTime"]
    buttons: list[Button]


@dataclass(frozen=True)
class AskedTime:
    """A time as it was asked for, with the deadline of its answer in `other`."""

    label: str
    other: str


@dataclass(frozen=True)
class Fact:
    """A line of the details."""

    label: str
    value: str
    sub: str = ""


@dataclass(frozen=True)
class Item:
    """A line of the timeline; `rule` is the rule that applied, with its numbers of then (D-5)."""

    state: str
    icon: str
    actor: str
    text: str
    at: str
    datetime: str
    quote: str
    rule: str


@dataclass(frozen=True)
class Sent:
    """A mail about the booking that the viewer may know of."""

    subject: str
    to: str
    state: str
    at: str
    datetime: str


@dataclass(frozen=True)
class BookingPage:
    """Everything of PG-32. `poll`: ask again after so many seconds, 0 for never; `seen` is the newest line shown."""

    code: str
    href: str
    title: str
    states: list[BadgeState]
    when: WhenWords | None
    other_name: str
    next_icon: str
    next: str
    is_stuck: bool
    buttons: list[Button]
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
    state, room = state_of(booking, viewer), _room(booking, viewer)
    is_stuck = booking.status == Status.CONFIRMING and viewer.now - events[0].at > SETTING_UP_TAKES
    table = _table(booking, viewer)
    return BookingPage(
        code=booking.code,
        href=reverse("booking", args=[booking.code]),
        title=title_of(booking, actor),
        states=[BadgeState(state.key, state.label)],
        when=_when(booking, viewer),
        other_name=other_of(booking, actor).name,
        next_icon="hand" if state.key == "needs_you" else "hourglass" if state.key == "requested" else "arrow-right",
        next=wording.next_line(facts_of(booking, viewer, has_room=bool(room)), viewer.reader, viewer.now),
        is_stuck=is_stuck,
        buttons=_buttons(booking, viewer, room),
        blocked=_blocked(booking, viewer),
        table=table,
        facts=_facts(booking, viewer, room),
        people=_people(booking, viewer),
        timeline=[_item(event, viewer, booking) for event in events],
        sent=_sent(booking, viewer),
        poll=_poll(booking, viewer, is_stuck=is_stuck),
        seen=booking.last_sequence,
    )


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


def _room(booking: Booking, viewer: Viewer) -> str:
    # The address to join is for the two, from the agreement on (S4.7, X12).
    is_over = (
        booking.starts_at and viewer.now >= booking.starts_at + timedelta(minutes=booking.minutes) + JOIN_AFTER_END
    )
    if booking.status != Status.CONFIRMED or is_over or side_of(booking, viewer) == Actor.STAFF:
        return ""
    return meeting_url(booking.reference)


def _buttons(booking: Booking, viewer: Viewer, room: str) -> list[Button]:
    buttons = []
    if room:
        buttons.append(Button("Join", href=room, kind="primary", icon="video", id="join"))
    actor = side_of(booking, viewer)
    if booking.status == Status.CONFIRMED and actor != Actor.STAFF and viewer.now < booking.starts_at:
        ics = reverse("booking_ics", args=[booking.code])
        buttons.append(Button("Add to calendar", href=ics, icon="calendar-plus", id="ics"))
    withdraw = context_from(booking, viewer, Action.WITHDRAW)
    if workflow.exists_for(withdraw) and workflow.check(withdraw) is None:
        href = reverse("booking_withdraw", args=[booking.code])
        buttons.append(Button("Withdraw request", href=href, icon="undo-2", id="withdraw"))
    if actor == Actor.CLIENT and booking.status in SOMETHING_ELSE and booking.provider.is_published:
        buttons.append(
            Button("Ask for another time", href=_again(booking), kind="primary", icon="calendar", id="again")
        )
    return buttons


def _again(booking: Booking) -> str:
    # The same service is chosen already (C3, S0.22).
    return f"{reverse('provider', args=[booking.provider.slug])}?{urlencode({'service': booking.service_id})}"


def _blocked(booking: Booking, viewer: Viewer) -> list[str]:
    """Sentences in place of buttons that the rules take away now (PG-32)."""
    context = context_from(booking, viewer, Action.WITHDRAW)
    if not workflow.exists_for(context):
        return []
    refusal = workflow.check(context)
    return [refusal.sentence] if refusal else []


def _table(booking: Booking, viewer: Viewer) -> Table | None:
    context = context_from(booking, viewer, Action.ACCEPT)
    if workflow.exists_for(context):
        return _to_answer(booking, viewer, context)
    if booking.starts_at is None and len(times_of(booking)) > 1:
        return _to_read(booking, viewer)
    return None


def _to_answer(booking: Booking, viewer: Viewer, context: Context) -> Table:
    choices = choices_of(booking, context, clashes.at_many(table_of([booking])))
    possible = [choice for choice in choices if choice.refusal is None]
    best = possible[0].time.starts_at if possible else None
    several = len(choices) > 1
    buttons = []
    if best:
        label = "Accept this time" if several else f"Accept {viewer.at(best)}"
        buttons.append(Button(label, kind="primary", busy="Sending…", id="accept"))
    if workflow.check(replace(context, action=Action.DECLINE, reason_code=_any_reason(context))) is None:
        buttons.append(decline_button(booking))
    deadline = viewer.deadline(answer_by(booking, viewer.now))
    how_many = formatting.plural(len(choices), "time") if several else "this time"
    return Table(
        action=reverse("booking_accept", args=[booking.code]),
        title=f"{context.other_name} asks for {how_many}",
        sub=f"Answer by {deadline.label} ({deadline.distance})" if not deadline.over else "The time to answer is over",
        legend="Choose the time that suits you",
        who=person(context.other_name),
        offers=offers_of(booking, viewer, choices, best),
        times=[],
        buttons=buttons,
    )


def _any_reason(context: Context) -> str:
    # Whether declining is possible at all; which reason is a matter of its page.
    listed = [reason.code for reason in context.policy.decline_reasons if not reason.asks_text]
    return listed[0] if listed else ""


def _to_read(booking: Booking, viewer: Viewer) -> Table:
    proposal = queries.proposals_of(booking)[0]
    zone, times = other_zone(booking, side_of(booking, viewer)), times_of(booking)
    asker = booking.client if proposal.made_by == Actor.CLIENT else booking.provider.member
    mine, answerer = asker == viewer.member, other_name_to(booking, asker)
    asked = []
    for time in times:
        when = viewer.when(time.starts_at, time.minutes, zone)
        until = viewer.deadline(min(proposal.answer_by, deadlines.latest_answer(time.starts_at, booking.policy)))
        answers = f"{answerer} answers by {until.label}" if queries.open_proposal_of(booking) and not until.over else ""
        asked.append(AskedTime(when.label, ". ".join(part for part in (when.other, answers) if part)))
    return Table(
        action="",
        title="Times you asked for" if mine else f"Times {asker.name} asked for",
        sub=viewer.at(proposal.made_at),
        legend="",
        who=person(asker.name),
        offers=[],
        times=asked,
        buttons=[],
    )


def other_name_to(booking: Booking, member: Membership) -> str:
    """The name of the side that `member` is not."""
    return booking.provider.name if member == booking.client else booking.client.name


def _facts(booking: Booking, viewer: Viewer, room: str) -> list[Fact]:
    actor = side_of(booking, viewer)
    facts = [
        Fact(booking.tenant.words.kind.capitalize(), f"{booking.service.name}, {formatting.length(booking.minutes)}"),
        Fact("Where", booking.service.get_place_display(), _where(booking, room, actor)),
    ]
    if booking.notes:
        facts.append(Fact("Your notes" if actor == Actor.CLIENT else "Notes", booking.notes))
    if price := price_in_words(booking.price, booking.policy, booking.tenant.words):
        facts.append(Fact("Price", price))
    return facts


def _where(booking: Booking, room: str, actor: Actor) -> str:
    if booking.policy.logistics == "manual":
        return (
            f"{booking.client.name} and {booking.provider.name} arrange it between them"
            if actor == Actor.STAFF
            else (f"You and {other_of(booking, actor).name} arrange it between you")
        )
    if booking.service.place != "video" or actor == Actor.STAFF:
        return ""
    if room:
        return "Join with the button above"
    if booking.status in AGREED:
        return "The link is being made"
    return "The link comes when a time is agreed" if queries.open_proposal_of(booking) else ""


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


def _item(event: BookingEvent, viewer: Viewer, booking: Booking) -> Item:
    happened = wording.what_happened(
        Action(event.action),
        by_name=event.by.name if event.by else "",
        by_viewer=event.by_id == viewer.member.pk,
        data=event.data,
        reader=viewer.reader,
        now=viewer.now,
        reason=event.reason_text,
    )
    rule = event.data.get("rule")
    return Item(
        state=wording.DISPLAY.get(Status(event.status), "requested"),
        icon="",
        actor=happened.actor,
        text=happened.text,
        at=viewer.at(event.at),
        datetime=formatting.iso(event.at),
        quote=event.message,
        rule=wording.rule_in_words(rule, provider_name=booking.provider.name) if rule else "",
    )


def _sent(booking: Booking, viewer: Viewer) -> list[Sent]:
    mails: Sequence[EmailMessage] = mails_about(booking.reference)
    if side_of(booking, viewer) != Actor.STAFF:
        mails = [mail for mail in mails if mail.recipient_id == viewer.member.pk]
    return [_mail(mail, viewer) for mail in mails]


def _mail(mail: EmailMessage, viewer: Viewer) -> Sent:
    at: datetime = mail.sent_at or mail.created_at
    mine = mail.recipient_id == viewer.member.pk
    return Sent(
        subject=mail.subject or wording.MAIL_NAMES.get(mail.kind, "Mail"),
        to="you" if mine else mail.recipient.name,
        state=mail.get_state_display(),
        at=viewer.at(at),
        datetime=formatting.iso(at),
    )
