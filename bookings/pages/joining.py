"""The address to join that never goes stale: too early, now, or over (PG-36b)."""

from dataclasses import dataclass

from django.urls import reverse

from accounts import formatting
from accounts.formatting import WhenWords

from .. import wording
from ..enums import AGREED, Actor, Status
from ..models import Booking
from .buttons import JOIN_AFTER_END, JOIN_BEFORE
from .detail import room_of
from .parts import Button, Viewer, facts_of, other_of, other_zone, side_of, title_of


@dataclass(frozen=True)
class JoinPage:
    """Where the two meet. `room` is there while it is open; else `text` says when, or how else."""

    code: str
    href: str
    title: str
    heading: str
    text: str
    when: WhenWords | None
    other_name: str
    room: str
    buttons: list[Button]


def join_page(booking: Booking, viewer: Viewer) -> JoinPage:
    """What there is to join at this moment. Nothing is recorded: mail scanners open every address."""
    actor, href = side_of(booking, viewer), reverse("booking", args=[booking.code])
    heading, text, room, more = _now(booking, viewer)
    is_agreed = booking.starts_at is not None
    return JoinPage(
        code=booking.code,
        href=href,
        title=title_of(booking, actor),
        heading=heading,
        text=text,
        when=viewer.when(booking.starts_at, booking.minutes, other_zone(booking, actor)) if is_agreed else None,
        other_name=other_of(booking, actor).name,
        room=room,
        buttons=[*more, Button(f"See the {booking.tenant.words.session}", href=href)],
    )


def _now(booking: Booking, viewer: Viewer) -> tuple[str, str, str, list[Button]]:
    if booking.status not in AGREED:
        facts = facts_of(booking, viewer)
        return "There is nothing to join", wording.next_line(facts, viewer.reader, viewer.now), "", []
    if viewer.now >= booking.ends_at + JOIN_AFTER_END:
        return "It is over", "Did it happen?", "", _outcome(booking, viewer)
    room = room_of(booking, viewer)
    if not room:
        return "How you meet", _without_room(booking, viewer), "", []
    opens = booking.starts_at - JOIN_BEFORE
    if viewer.now < opens:
        clock = formatting.clock(opens, viewer.reader.zone, viewer.reader.hour_cycle)
        return (
            f"Opens at {clock}",
            f"Come back on {viewer.at(opens)} ({formatting.relative(opens, viewer.now)}).",
            "",
            [],
        )
    return "You can join now", "", room, _outcome(booking, viewer) if viewer.now >= booking.ends_at else []


def _outcome(booking: Booking, viewer: Viewer) -> list[Button]:
    if booking.status != Status.CONFIRMED or side_of(booking, viewer) == Actor.STAFF:
        return []
    return [Button("Say how it went", href=reverse("booking_outcome", args=[booking.code]), kind="primary")]


def _without_room(booking: Booking, viewer: Viewer) -> str:
    if side_of(booking, viewer) == Actor.STAFF:
        return "The address to join is for the two alone."
    other = other_of(booking, side_of(booking, viewer)).name
    if booking.policy.logistics == "manual":
        return f"You and {other} arrange the details yourselves."
    if booking.service.place == "video":
        return "The link is being made. You both get it by mail."
    return "You talk by phone." if booking.service.place == "phone" else "You meet in person."
