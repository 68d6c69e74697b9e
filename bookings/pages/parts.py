"""What all pages of bookings share: who looks at what, whose clock counts, which words are used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts import formatting
from accounts.enums import Role
from accounts.faces import initials, tint
from accounts.formatting import WhenWords
from accounts.models import Membership
from accounts.policies import Policy, Vocabulary

from .. import deadlines, links, queries, wording
from ..context import SUPPORT_ANSWERS_WITHIN, Consequence, Reader, TimeOnTable
from ..enums import OVER, Action, Actor, ProposalState, Status
from ..models import Booking, BookingEvent, ProposalTime
from ..permissions import actor_of

OUTSIDE_YOUR_HOURS = "This is outside your hours."


@dataclass(frozen=True)
class Viewer:
    """A member looking at a page at one moment, in a zone and clock of their own."""

    member: Membership
    reader: Reader
    now: datetime

    def when(self, start: datetime, minutes: int, other_zone: str = "") -> WhenWords:
        """A span from `start` (UTC) for this reader, and for the other party (R-TZ-1, R-TZ-6)."""
        end = start + timedelta(minutes=minutes)
        return formatting.when(start, end, self.reader.zone, other_zone, self.now, self.reader.hour_cycle)

    def at(self, moment: datetime) -> str:
        """A moment with its day: "Tue 24 Nov, 3pm"."""
        return self.reader.when(moment, self.now)

    def deadline(self, moment: datetime) -> formatting.DeadlineWords:
        """A deadline (UTC) in this reader's words (R-TZ-8)."""
        return formatting.deadline(moment, self.reader.zone, self.now, self.reader.hour_cycle)


@dataclass(frozen=True)
class Button:
    """A link or, without `href`, a button of a form; `hidden` goes on for those who only hear it."""

    label: str
    href: str = ""
    kind: str = ""
    icon: str = ""
    name: str = ""
    value: str = ""
    hidden: str = ""
    busy: str = ""
    id: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody with a face; `sub` says where they are."""

    name: str
    initials: str
    tint: str
    sub: str = ""
    href: str = ""


@dataclass(frozen=True)
class EffectLine:
    """A line of the effect box (D-7); `warn` marks one that may hurt."""

    icon: str
    text: str
    warn: bool = False


@dataclass(frozen=True)
class Row:
    """A booking in a list: when by both clocks, with whom, its state, what comes next (PG-31)."""

    code: str
    href: str
    title: str
    role: str
    when: str
    other: str
    datetime: str
    state: str
    state_label: str
    next: str
    price: str


def side_of(booking: Booking, viewer: Viewer) -> Actor:
    """On which side of a booking the viewer is. Raises Booking.DoesNotExist for strangers (T2)."""
    if actor := actor_of(viewer.member, booking):
        return actor
    raise Booking.DoesNotExist


def other_of(booking: Booking, actor: Actor) -> Membership:
    """Who sits across: the client for the provider, the provider for everybody else."""
    return booking.client if actor == Actor.PROVIDER else booking.provider.member


def other_zone(booking: Booking, actor: Actor) -> str:
    """The zone (IANA) of who sits across."""
    return links.zone_of(other_of(booking, actor), booking)


def person(name: str, *, sub: str = "", href: str = "") -> Person:
    """The face of somebody known by this name."""
    return Person(name, initials(name), tint(name), sub, href)


def title_of(booking: Booking, actor: Actor) -> str:
    """What and with whom: "Tax planning with Ana Nowak"."""
    if actor == Actor.STAFF:
        return f"{booking.service.name}, {booking.client.name} with {booking.provider.name}"
    return f"{booking.service.name} with {other_of(booking, actor).name}"


def times_of(booking: Booking) -> list[ProposalTime]:
    """The times last put on the table, in order of preference. No query for bookings of `queries`."""
    newest = next(iter(queries.proposals_of(booking)), None)
    return list(newest.times.all()) if newest else []


def table_of(bookings: Iterable[Booking]) -> list[tuple[Booking, TimeOnTable]]:
    """Each time on each of their tables beside its booking. No query for bookings of `queries`."""
    return [(booking, TimeOnTable.of(time)) for booking in bookings for time in times_of(booking)]


def answer_by(booking: Booking, now: datetime) -> datetime | None:
    """Until when all that is open can still be answered: the moment at which the next of its times drops out (PG-40)."""
    proposal = queries.open_proposal_of(booking)
    if proposal is None:
        return None
    starts = [time.starts_at for time in proposal.times.all()]
    return deadlines.answer_by(proposal.answer_by, starts, booking.policy, now)


def facts_of(
    booking: Booking, viewer: Viewer, *, has_room: bool = True, events: Sequence[BookingEvent] = ()
) -> wording.Facts:
    """A booking as `wording` wants it. `has_room`: whether its address to join is known; `events`: its timeline, newest first.

    Without the timeline, what only it knows is left out: who closed the booking, who said how it went. No query.
    """
    newest, proposal = next(iter(queries.proposals_of(booking)), None), queries.open_proposal_of(booking)
    policy, said = booking.policy, said_of(booking, events)
    closed = next((event for event in events if event.action in (Action.DECLINE, Action.CANCEL)), None)
    return wording.Facts(
        status=Status(booking.status),
        viewer=side_of(booking, viewer),
        provider_name=booking.provider.name,
        client_name=booking.client.name,
        session=booking.tenant.words.session,
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        awaits=queries.awaited_side(booking),
        asked_by=Actor(newest.made_by) if newest else None,
        times=len(newest.times.all()) if newest else 0,
        is_past=newest is not None and all(time.starts_at <= viewer.now for time in newest.times.all()),
        is_first=newest is None or newest.number == 1,
        is_taken=newest is not None and newest.state == ProposalState.VOID,
        answer_by=answer_by(booking, viewer.now),
        closes_at=proposal.answer_by if proposal else None,
        closed_by=Actor(closed.actor) if closed else None,
        place=booking.service.place,
        link="own" if policy.logistics == "manual" else "ready" if has_room else "coming",
        completion=policy.completion,
        completes_at=_completes_at(booking),
        held_by=Actor(booking.held_by) if booking.held_by else None,
        absent=Actor(booking.absent) if booking.absent else None,
        is_contested=booking.contested_at is not None,
        said_by=Actor(said.actor) if said else None,
        said_at=said.at if said else None,
        cancel_asked=booking.cancel_asked_at is not None,
        pay_by=booking.pay_by,
    )


def _completes_at(booking: Booking) -> datetime | None:
    # Where only the provider's word completes it, the clock never does (T40, D15).
    if booking.starts_at is None or booking.policy.completion == "provider":
        return None
    return booking.ends_at + timedelta(hours=booking.policy.complete_after_hours)


def said_of(booking: Booking, events: Sequence[BookingEvent]) -> BookingEvent | None:
    """The event that says how a session went that is over; None where nothing was said, or the timeline was not read."""
    if booking.status not in OVER:
        return None
    return next((event for event in events if event.action in (Action.COMPLETE, Action.NO_SHOW)), None)


def state_of(booking: Booking, viewer: Viewer) -> wording.State:
    """The state as this viewer sees it, in the tenant's word."""
    return wording.state_of(facts_of(booking, viewer), booking.policy, viewer.now)


def price_in_words(price: int, policy: Policy, words: Vocabulary) -> str:
    """A price in the tenant's credits; nothing where prices don't exist (R-LOC-6)."""
    if policy.price_unit == "none":
        return ""
    return formatting.plural(price, words.credit, words.credits) if price else "No charge"


def effect_lines(consequences: Iterable[Consequence]) -> list[EffectLine]:
    """What `workflow.preview` foretells, for the effect box."""
    return [EffectLine(line.icon, line.sentence, warn=line.icon == "triangle-alert") for line in consequences]


def support_answers(booking: Booking, viewer: Viewer, asked_at: datetime) -> str:
    """What is promised to who asks support, and what holds where the session starts before that (PG-35b)."""
    until = asked_at + SUPPORT_ANSWERS_WITHIN
    by = viewer.deadline(until).label
    if until <= viewer.now:
        return f"Support should have answered by {by} and has not done so yet."
    said = f"Support answers you both by {by}."
    if booking.starts_at is None or not viewer.now < booking.starts_at < until:
        return said
    session = booking.tenant.words.session
    return f"{said} That is after the {session} starts: unless an answer comes sooner, it takes place as agreed."


def row_of(booking: Booking, viewer: Viewer) -> Row:
    """A booking as a row of a list. No query for bookings of `queries`."""
    actor, state = side_of(booking, viewer), state_of(booking, viewer)
    times = times_of(booking)
    start = booking.starts_at or times[0].starts_at
    when = viewer.when(start, booking.minutes, other_zone(booking, actor))
    more = 0 if booking.starts_at else len(times) - 1
    return Row(
        code=booking.code,
        href=reverse("booking", args=[booking.code]),
        title=title_of(booking, actor),
        role=_role_mark(booking, viewer, actor),
        when=when.label,
        other=". ".join(
            part for part in (when.other, f"Or {formatting.plural(more, 'other time')}" if more else "") if part
        ),
        datetime=when.datetime,
        state=state.key,
        state_label=state.label,
        next=wording.next_in_short(facts_of(booking, viewer), viewer.reader, viewer.now),
        price=str(booking.price),
    )


def _role_mark(booking: Booking, viewer: Viewer, actor: Actor) -> str:
    # One list holds both roles (S4.1); who only ever is a client need not be told.
    if not viewer.member.has(Role.PROVIDER):
        return ""
    words = booking.tenant.words
    return f"You are the {words.provider if actor == Actor.PROVIDER else words.client}"
