"""What was sent, or booked at once, and what happens next (PG-06)."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts import formatting
from accounts.formatting import WhenWords

from .. import queries
from ..enums import Actor, Status
from ..models import Booking
from .parts import Button, Viewer, other_zone, times_of


@dataclass(frozen=True)
class Line:
    """What happens next, with the day it happens."""

    title: str
    text: str


@dataclass(frozen=True)
class SentPage:
    """Everything of PG-06."""

    code: str
    title: str
    service: str
    times_title: str
    times: list[WhenWords]
    lines: list[Line]
    buttons: list[Button]


def sent_page(booking: Booking, viewer: Viewer) -> SentPage:
    """What was sent and the dated lines of what happens next (CK-18). For the booking's client."""
    href = reverse("booking", args=[booking.code])
    see = Button(f"See this {booking.tenant.words.session}", href=href, kind="primary")
    if booking.starts_at is not None:
        return _booked_page(booking, viewer, booking.starts_at, see)
    name, zone = booking.provider.name, other_zone(booking, Actor.CLIENT)
    times = [viewer.when(time.starts_at, time.minutes, zone) for time in times_of(booking)]
    return SentPage(
        code=booking.code,
        title=f"We sent your request to {name}",
        service=_service_of(booking),
        times_title="Times you asked for" if len(times) > 1 else "Time you asked for",
        times=times,
        lines=[
            Line(
                _answer_title(booking, viewer),
                f"{name} answers. If not, the request closes by itself and you get a mail.",
            ),
            Line(f"If {name} accepts", "You get a mail with a calendar file. Only then is it booked."),
            Line(
                f"If {name} can't",
                f"You get a mail, and you can ask for another time or another {booking.tenant.words.provider}.",
            ),
        ],
        buttons=[see, Button("Withdraw request", href=reverse("booking_withdraw", args=[booking.code]))],
    )


def _booked_page(booking: Booking, viewer: Viewer, start: datetime, see: Button) -> SentPage:
    """What was booked at once (T7b)."""
    zone = other_zone(booking, Actor.CLIENT)
    if booking.status == Status.CONFIRMING:
        now = Line("Setting up", "In a moment you get a confirmation by mail, with a calendar file.")
    else:
        now = Line("Confirmed", "You get a confirmation by mail, with a calendar file.")
    return SentPage(
        code=booking.code,
        title=f"You booked {viewer.at(start)} with {booking.provider.name}",
        service=_service_of(booking),
        times_title=f"Your {booking.tenant.words.session}",
        times=[viewer.when(start, booking.minutes, zone)],
        lines=[now, Line("If you can't come", "Cancel it on its page, so that somebody else can have the time.")],
        buttons=[see],
    )


def _service_of(booking: Booking) -> str:
    return f"{booking.service.name}, {formatting.length(booking.minutes)}"


def _answer_title(booking: Booking, viewer: Viewer) -> str:
    proposal = queries.open_proposal_of(booking)
    return f"By {viewer.deadline(proposal.answer_by).label}" if proposal else "Now"
