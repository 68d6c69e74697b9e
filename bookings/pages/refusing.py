"""What to say when an action came too late, is somebody else's, or is not how it is done here (ux.md 2.0, 409)."""

from dataclasses import dataclass

from django.urls import reverse

from .. import wording
from ..context import Refusal
from ..models import Booking
from . import ways
from .alternatives import Free, free_near
from .parts import Button, Viewer, facts_of, side_of, state_of, title_of

HEADINGS = {"not_yours": "This is not yours to answer", "not_your_turn": "It is not your turn"}
STAFF_ACT_ELSEWHERE = Refusal(
    "not_yours", "Staff act in the administration, where each step asks for a reason and shows what it does."
)


@dataclass(frozen=True)
class RefusedPage:
    """What is so instead. `typed` is what somebody had written, `instead` the way to what is possible."""

    code: str
    href: str
    heading: str
    title: str
    sentence: str
    state: wording.State
    next: str
    typed: str
    free: list[Free]
    instead: Button | None


def refused_page(booking: Booking, viewer: Viewer, refusal: Refusal, *, typed: str = "") -> RefusedPage:
    """The current truth for somebody whose action is not possible; what they had written is shown again."""
    heading = HEADINGS.get(refusal.code, "This is not possible here")
    return RefusedPage(
        code=booking.code,
        href=reverse("booking", args=[booking.code]),
        heading="Something changed in the meantime" if refusal.is_conflict else heading,
        title=title_of(booking, side_of(booking, viewer)),
        sentence=refusal.sentence,
        state=state_of(booking, viewer),
        next=wording.next_line(facts_of(booking, viewer), viewer.reader, viewer.now),
        typed=typed,
        free=free_near(booking, viewer, None) if refusal.is_conflict else [],
        instead=ways.button_to(booking, viewer, refusal.instead, kind="primary"),
    )


def staff_page(booking: Booking, viewer: Viewer) -> RefusedPage:
    """Staff act on a booking in the administration, never on these pages (decisions.md 17)."""
    page = refused_page(booking, viewer, STAFF_ACT_ELSEWHERE)
    href = reverse("admin:bookings_booking_change", args=[booking.pk])
    return RefusedPage(
        **{
            **page.__dict__,
            "heading": "Go to the administration",
            "instead": Button("Open in the administration", href=href, kind="primary"),
        }
    )
