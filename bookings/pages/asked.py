"""What an action is about, on top of each page on which somebody acts: who, what, how long, for how much, until when."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts import formatting
from accounts.formatting import DeadlineWords, WhenWords

from .. import queries
from ..context import TimeOnTable
from ..enums import AGREED, Action, Actor
from ..models import Booking
from .parts import (
    Person,
    Viewer,
    answer_by,
    other_of,
    other_zone,
    person,
    price_in_words,
    side_of,
    times_of,
    title_of,
)

REQUEST, INVITATION, SUGGESTION = "request", "invitation", "suggestion"


@dataclass(frozen=True)
class Asked:
    """The card on top. `changed` says what somebody changed about length or price (S4.14), `said` what they wrote with it."""

    code: str
    href: str
    title: str
    who: Person
    service: str
    changed: str
    notes: str
    are_notes_own: bool
    said: str
    deadline: DeadlineWords | None
    seen: int


def asked_of(booking: Booking, viewer: Viewer, *, with_deadline: bool = True) -> Asked:
    """Everything for the card; the deadline only for who has to answer. One query at most for bookings of `queries`."""
    actor = side_of(booking, viewer)
    is_theirs = with_deadline and queries.awaited_side(booking) == actor
    until = answer_by(booking, viewer.now) if is_theirs else None
    city = formatting.city_name(other_zone(booking, actor))
    return Asked(
        code=booking.code,
        href=reverse("booking", args=[booking.code]),
        title=title_of(booking, actor),
        who=person(other_of(booking, actor).name, sub=f"In {city}"),
        service=_line_with_price(booking),
        changed=_changed(booking),
        notes=booking.notes,
        are_notes_own=bool(booking.notes) and actor == _began(booking),
        said=_said(booking) if is_theirs else "",
        deadline=viewer.deadline(until) if until else None,
        seen=booking.last_sequence,
    )


def _began(booking: Booking) -> Actor:
    """Who began it, so that the notes are theirs. One query at most for bookings of `queries`."""
    proposals = queries.proposals_of(booking)
    if proposals and proposals[-1].made_at == booking.created_at:
        return Actor(proposals[-1].made_by)
    return Actor(booking.events.values_list("actor", flat=True).get(sequence=1))


def kind_of_table(booking: Booking) -> str:
    """What lies on the table: the client's first word, the provider's, or an answer to what lay there before."""
    proposals = queries.proposals_of(booking)
    sides = {proposal.made_by for proposal in proposals}
    if booking.status in AGREED or len(sides) > 1:
        return SUGGESTION
    return INVITATION if sides == {Actor.PROVIDER} else REQUEST


def terms_of(booking: Booking) -> TimeOnTable:
    """Length and price as they stand: of what is agreed, else of what was put on the table last.

    Its start is that of the same time. No query for bookings of `queries`.
    """
    if booking.starts_at is not None:
        return TimeOnTable(booking.starts_at, booking.minutes, booking.price)
    return TimeOnTable.of(times_of(booking)[0])


def service_line(booking: Booking) -> str:
    """What, how long, where (S0.9): "Tax planning, 30 minutes, video"."""
    length = formatting.length(terms_of(booking).minutes)
    return f"{booking.service.name}, {length}, {booking.service.get_place_display().lower()}"


def _line_with_price(booking: Booking) -> str:
    price = price_in_words(terms_of(booking).price, booking.policy, booking.tenant.words)
    return ", ".join(part for part in (service_line(booking), price.replace("No charge", "no charge")) if part)


def _changed(booking: Booking) -> str:
    """What the provider changed against what the booking began with, as long as it is not agreed."""
    if booking.starts_at is not None:
        return ""
    terms, words = terms_of(booking), booking.tenant.words
    parts = []
    if terms.minutes != booking.minutes:
        parts.append(f"{formatting.length(terms.minutes)} instead of {formatting.length(booking.minutes)}")
    if terms.price != booking.price and booking.policy.price_unit != "none":
        before = price_in_words(booking.price, booking.policy, words).lower()
        parts.append(f"{formatting.plural(terms.price, words.credit, words.credits)} instead of {before}")
    return f"{booking.provider.name} suggests {' and '.join(parts)}." if parts else ""


def _said(booking: Booking) -> str:
    """What the other side wrote with the times on the table; a request says it in its notes."""
    newest = queries.proposals_of(booking)[0]
    if newest.number == 1 and newest.made_by == Actor.CLIENT:
        return ""
    said = booking.events.filter(action__in=[Action.SUGGEST, Action.INVITE], at=newest.made_at).exclude(message="")
    return said.values_list("message", flat=True).first() or ""


def whens_of(booking: Booking, viewer: Viewer, times: Sequence[TimeOnTable]) -> list[WhenWords]:
    """Times by both clocks."""
    zone = other_zone(booking, side_of(booking, viewer))
    return [viewer.when(time.starts_at, time.minutes, zone) for time in times]
