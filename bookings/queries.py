"""Reads of bookings, always for one member: nobody sees a booking they are no party to (T2, X40)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.enums import Role
from accounts.models import Membership
from marketplace.models import Provider

from .enums import AGREED, Actor, ProposalState, Status
from .models import Booking, BookingEvent, Proposal, ProposalTime

SCOPES = ("needs-you", "waiting", "upcoming", "past", "all")


def get_booking_for(member: Membership | None, code: str) -> Booking:
    """The booking with this code, if `member` is a party to it or staff. Raises Booking.DoesNotExist for all others."""
    if member is None:
        raise Booking.DoesNotExist
    return visible_to(member).get(code=code.upper())


def visible_to(member: Membership) -> QuerySet[Booking]:
    """Every booking the member may open: own ones; for staff and owners all of the tenant's."""
    rows = _with_names(Booking.objects.all())
    if member.has(Role.STAFF, Role.OWNER):
        return rows
    return rows.filter(_is_party(member))


def own(member: Membership) -> QuerySet[Booking]:
    """The bookings the member is client or provider of, in one common list (S4.1), with what a row shows."""
    return _with_open_proposal(_with_names(Booking.objects.filter(_is_party(member))))


def in_scope(member: Membership, scope: str, now: datetime) -> QuerySet[Booking]:
    """One of SCOPES of the member's own bookings, in the order that suits it (PG-31)."""
    rows = own(member)
    match scope:
        case "needs-you":
            return rows.filter(_needs_answer_of(member)).order_by("proposals__answer_by", "code")
        case "waiting":
            return (
                rows.filter(status__in=[Status.PENDING, Status.WAITING])
                .exclude(_needs_answer_of(member))
                .order_by("-created_at")
            )
        case "upcoming":
            return rows.filter(status__in=AGREED, starts_at__gte=now - timedelta(hours=8)).order_by("starts_at")
        case "past":
            ended = Q(status__in=AGREED, starts_at__lt=now) | ~Q(status__in=[*AGREED, Status.PENDING, Status.WAITING])
            return rows.filter(ended).order_by(Coalesce("starts_at", "created_at").desc())
        case _:
            return rows.order_by("-created_at")


def needs_answer_count(member: Membership, now: datetime) -> int:
    """How many bookings wait for this member's answer: the number beside the navigation."""
    return Booking.objects.filter(_is_party(member)).filter(_needs_answer_of(member)).count()


def status_counts(member: Membership) -> dict[str, int]:
    """How many of the member's own bookings stand in each status, for the filter's labels (S1.6)."""
    rows = Booking.objects.filter(_is_party(member)).order_by().values_list("status")
    return dict(rows.annotate(Count("pk")))


@dataclass(frozen=True)
class Today:
    """A provider's day: what runs out first, what comes next (PG-40, S0.5, S0.6)."""

    to_answer: list[Booking]
    next_session: Booking | None
    upcoming: list[Booking]
    waiting: list[Booking]


def today_of(provider: Provider, now: datetime, *, most: int = 25) -> Today:
    """Everything the page of a provider's day shows, in a fixed number of queries. Requests by time left (CK-23)."""
    rows = _with_open_proposal(_with_names(Booking.objects.filter(provider=provider)))
    pending = list(
        rows.filter(
            status=Status.PENDING, proposals__state=ProposalState.OPEN, proposals__made_by=Actor.CLIENT
        ).order_by("proposals__answer_by", "code")[:most]
    )
    upcoming = list(
        rows.filter(status__in=AGREED, starts_at__gte=now - timedelta(hours=1)).order_by("starts_at")[:most]
    )
    waiting = list(
        rows.filter(status__in=[Status.PENDING, Status.WAITING])
        .exclude(Exists(_open_proposals(made_by=Actor.CLIENT)))
        .order_by("created_at")[:most]
    )
    return Today(pending, upcoming[0] if upcoming else None, upcoming, waiting)


def timeline(booking: Booking) -> list[BookingEvent]:
    """What has happened, newest first."""
    return list(booking.events.select_related("by").order_by("-sequence"))


def proposals_of(booking: Booking) -> list[Proposal]:
    """Every set of times that was ever on the table, newest first, with its times."""
    return list(booking.proposals.prefetch_related("times").order_by("-number"))


def open_proposal_of(booking: Booking) -> Proposal | None:
    """The proposal prefetched by `own` and `today_of`; at most one (decisions.md 5)."""
    return next(iter(booking.open_proposals), None)


def awaited_side(booking: Booking) -> Actor | None:
    """Who has to answer the open proposal: the side that did not make it."""
    proposal = open_proposal_of(booking)
    if proposal is None:
        return None
    return Actor.PROVIDER if proposal.made_by == Actor.CLIENT else Actor.CLIENT


def _is_party(member: Membership) -> Q:
    return Q(client=member) | Q(provider__member=member)


def _needs_answer_of(member: Membership) -> Q:
    is_open = Q(status=Status.PENDING, proposals__state=ProposalState.OPEN)
    return is_open & (
        Q(provider__member=member, proposals__made_by=Actor.CLIENT)
        | Q(client=member, proposals__made_by=Actor.PROVIDER)
    )


def _open_proposals(**extra: object) -> QuerySet[Proposal]:
    return Proposal.objects.filter(booking=OuterRef("pk"), state=ProposalState.OPEN, **extra)


def _with_names(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    return rows.select_related(
        "provider__member__user", "provider__calendar", "client__user", "service", "policy_version", "tenant"
    )


def _with_open_proposal(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    opened = Proposal.objects.filter(state=ProposalState.OPEN).prefetch_related(
        Prefetch("times", queryset=ProposalTime.objects.order_by("position"))
    )
    return rows.prefetch_related(Prefetch("proposals", queryset=opened, to_attr="open_proposals"))
