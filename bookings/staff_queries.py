"""What staff watch over: bookings that need a person's attention (PG-80, PG-81)."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from .enums import ExplanationState, ProposalState, Status
from .models import Booking, BookingEvent, Explanation, Proposal, StandingReview

UNANSWERED_AFTER = timedelta(hours=24)
DUE_SOON = timedelta(hours=6)
STUCK_AFTER = timedelta(minutes=15)


def unanswered(now: datetime) -> QuerySet[Booking]:
    """Bookings whose open proposal nobody has answered for more than a day."""
    return _with_open_proposal(made_at__lt=now - UNANSWERED_AFTER)


def due_soon(now: datetime) -> QuerySet[Booking]:
    """Bookings that lapse within six hours unless somebody answers."""
    return _with_open_proposal(answer_by__gte=now, answer_by__lt=now + DUE_SOON)


def stuck(now: datetime) -> QuerySet[Booking]:
    """Agreed bookings that are still setting up after a quarter of an hour (decisions.md 7)."""
    moved = BookingEvent.objects.filter(booking=OuterRef("pk"), at__gte=now - STUCK_AFTER)
    return Booking.objects.filter(~Exists(moved), status=Status.CONFIRMING)


def explanations_waiting() -> QuerySet[Explanation]:
    """What providers said about late changes and staff have not decided on (PG-83)."""
    return Explanation.objects.filter(state=ExplanationState.OPEN)


def reviews_open() -> QuerySet[StandingReview]:
    """Providers with more late changes than the rules allow, into whom staff have not looked (PG-83)."""
    return StandingReview.objects.filter(closed_at=None)


NEEDS = {"unanswered": unanswered, "due_soon": due_soon, "stuck": stuck}


def for_staff(bookings: QuerySet[Booking]) -> QuerySet[Booking]:
    """The same bookings with all that a row of the staff's list shows, in three queries for any number of them."""
    proposals = Proposal.objects.prefetch_related("times").order_by("-number")
    return bookings.select_related("provider__calendar", "client__user", "service").prefetch_related(
        Prefetch("proposals", queryset=proposals, to_attr="table")
    )


def _with_open_proposal(**about: datetime) -> QuerySet[Booking]:
    return Booking.objects.filter(
        Exists(Proposal.objects.filter(booking=OuterRef("pk"), state=ProposalState.OPEN, **about))
    )
