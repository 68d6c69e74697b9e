"""What staff watch over: bookings that need a person's attention (PG-80, PG-81)."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from .enums import ExplanationState, ProposalState, Status, SupportState
from .models import Booking, BookingEvent, Explanation, LateChange, Proposal, StandingReview, SupportRequest

UNANSWERED_AFTER = timedelta(hours=24)
DUE_SOON = timedelta(hours=6)
STUCK_AFTER = timedelta(minutes=2)


def support_asked(now: datetime) -> QuerySet[Booking]:
    """Bookings that one side asked staff to change (PG-35b, S1.18)."""
    wishes = SupportRequest.objects.filter(booking=OuterRef("pk"), state=SupportState.OPEN)
    return Booking.objects.filter(Exists(wishes))


def contested(now: datetime) -> QuerySet[Booking]:
    """Bookings of which one side disagrees with what was said about the outcome (T41)."""
    return Booking.objects.filter(contested_at__isnull=False)


def unanswered(now: datetime) -> QuerySet[Booking]:
    """Bookings whose open proposal nobody has answered for more than a day."""
    return _with_open_proposal(made_at__lt=now - UNANSWERED_AFTER)


def due_soon(now: datetime) -> QuerySet[Booking]:
    """Bookings that lapse within six hours unless somebody answers."""
    return _with_open_proposal(answer_by__gte=now, answer_by__lt=now + DUE_SOON)


def stuck(now: datetime) -> QuerySet[Booking]:
    """Agreed bookings that are still setting up after two minutes (decisions.md 7, PG-80)."""
    moved = BookingEvent.objects.filter(booking=OuterRef("pk"), at__gte=now - STUCK_AFTER)
    return Booking.objects.filter(~Exists(moved), status=Status.CONFIRMING)


def explanations_waiting() -> QuerySet[Explanation]:
    """What providers said about late changes and staff have not decided on (PG-83)."""
    return Explanation.objects.filter(state=ExplanationState.OPEN)


def reviews_open() -> QuerySet[StandingReview]:
    """Providers with more late changes than the rules allow, into whom staff have not looked (PG-83)."""
    return StandingReview.objects.filter(closed_at=None)


NEEDS = {
    "support": support_asked,
    "contested": contested,
    "stuck": stuck,
    "unanswered": unanswered,
    "due_soon": due_soon,
}


def open_wish(booking: Booking) -> SupportRequest | None:
    """What staff were asked to change about the booking and have not answered."""
    return booking.support_requests.filter(state=SupportState.OPEN).first()


def with_late_change() -> QuerySet[LateChange]:
    """Late changes, for the bookings that have any: use it with Exists (S1.16)."""
    return LateChange.objects.filter(booking=OuterRef("pk"))


def for_staff(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """The same bookings with all that a row of the staff's list shows, in three queries for any number of them."""
    proposals = Proposal.objects.prefetch_related("times").order_by("-number")
    people = ("provider__calendar", "provider__member__user", "client__user", "service")
    return bookings.select_related(*people).prefetch_related(Prefetch("proposals", queryset=proposals, to_attr="table"))


def _with_open_proposal(**about: datetime) -> QuerySet[Booking]:
    return Booking.objects.filter(
        Exists(Proposal.objects.filter(booking=OuterRef("pk"), state=ProposalState.OPEN, **about))
    )
