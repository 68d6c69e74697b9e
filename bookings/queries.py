"""Reads of bookings, always for one member: nobody sees a booking they are no party to (T2, X40)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.enums import Role
from accounts.models import Membership
from marketplace.models import Provider

from .enums import AGREED, Actor, ProposalState, Status
from .models import Booking, BookingEvent, Proposal, ProposalTime

SCOPES = ("needs-you", "waiting", "upcoming", "past", "all")
_MINUTE = timedelta(minutes=1)


def get_booking_for(member: Membership | None, code: str) -> Booking:
    """The booking with this code, if `member` is a party to it or staff. Raises Booking.DoesNotExist for all others."""
    if member is None:
        raise Booking.DoesNotExist
    return visible_to(member).get(code=code.upper())


def visible_to(member: Membership) -> QuerySet[Booking]:
    """Every booking the member may open: own ones; for staff and owners all of the tenant's."""
    rows = _with_table(_with_names(Booking.objects.all()))
    if member.has(Role.STAFF, Role.OWNER):
        return rows
    return rows.filter(_is_party(member))


def own(member: Membership) -> QuerySet[Booking]:
    """The bookings the member is client or provider of, in one common list (S4.1), with what a row shows."""
    return _with_table(_with_names(Booking.objects.filter(_is_party(member))))


def in_scope(member: Membership, scope: str, now: datetime) -> QuerySet[Booking]:
    """One of SCOPES of the member's own bookings, in the order that suits it (PG-31)."""
    orders: dict[str, tuple[str | Combinable, ...]] = {
        "needs-you": (_answer_by(), "code"),
        "upcoming": ("starts_at", "code"),
        "past": (Coalesce("starts_at", "created_at").desc(), "code"),
    }
    return own(member).filter(_scopes(member, now)[scope]).order_by(*orders.get(scope, ("-created_at", "code")))


def scope_counts(member: Membership, now: datetime) -> dict[str, int]:
    """How many of the member's own bookings each of SCOPES holds. One query."""
    counts = {scope.replace("-", "_"): Count("pk", filter=held) for scope, held in _scopes(member, now).items()}
    found = Booking.objects.filter(_is_party(member)).order_by().aggregate(**counts)
    return {scope: found[scope.replace("-", "_")] for scope in SCOPES}


def needs_answer_count(member: Membership, now: datetime) -> int:
    """How many bookings wait for this member's answer: the number beside the navigation."""
    return Booking.objects.filter(_is_party(member)).filter(_needs_answer_of(member)).count()


def needs_answer(member: Membership) -> Q:
    """Bookings that wait for this member's answer, as a condition on rows of `own`."""
    return _needs_answer_of(member)


def status_counts(rows: QuerySet[Booking]) -> dict[str, int]:
    """How many of these bookings stand in each status, for the filter's labels (S1.6)."""
    return dict(rows.order_by().values_list("status").annotate(Count("pk", distinct=True)))


def matching(rows: QuerySet[Booking], text: str) -> QuerySet[Booking]:
    """Those whose code or one of whose people's names holds the text, in any case (PG-31)."""
    return rows.filter(
        Q(code__icontains=text) | Q(provider__member__name__icontains=text) | Q(client__name__icontains=text)
    )


@dataclass(frozen=True)
class Today:
    """A provider's day: what runs out first, what comes next (PG-40, S0.5, S0.6)."""

    to_answer: list[Booking]
    to_answer_count: int
    upcoming: list[Booking]
    waiting: list[Booking]


def today_of(provider: Provider, now: datetime, *, most: int = 25) -> Today:
    """Everything the page of a provider's day shows, in a fixed number of queries. Requests by time left (CK-23)."""
    rows = _with_table(_with_names(Booking.objects.filter(provider=provider)))
    asked = Q(status=Status.PENDING) & Q(Exists(_open_proposals(made_by=Actor.CLIENT)))
    undecided = Q(status__in=[Status.PENDING, Status.WAITING])
    return Today(
        to_answer=list(rows.filter(asked).order_by(_answer_by(), "code")[:most]),
        to_answer_count=Booking.objects.filter(asked, provider=provider).count(),
        upcoming=list(rows.filter(_is_ahead(now)).order_by("starts_at", "code")[:most]),
        waiting=list(rows.filter(undecided & ~asked).order_by("created_at", "code")[:most]),
    )


def timeline(booking: Booking) -> list[BookingEvent]:
    """What has happened, newest first."""
    return list(booking.events.select_related("by").order_by("-sequence"))


def proposals_of(booking: Booking) -> list[Proposal]:
    """Every set of times that was ever on the table, newest first, with its times. No query for bookings read here."""
    return list(booking.table)  # type: ignore[attr-defined] # prefetched by _with_table


def open_proposal_of(booking: Booking) -> Proposal | None:
    """The proposal that waits for an answer; at most one (decisions.md 5). No query for bookings read here."""
    return next((proposal for proposal in proposals_of(booking) if proposal.state == ProposalState.OPEN), None)


def awaited_side(booking: Booking) -> Actor | None:
    """Who has to answer the open proposal: the side that did not make it."""
    proposal = open_proposal_of(booking)
    if proposal is None:
        return None
    return Actor.PROVIDER if proposal.made_by == Actor.CLIENT else Actor.CLIENT


def _is_party(member: Membership) -> Q:
    # Not `provider__member`: an OR over a join reads all bookings of the tenant, this one two indexes. It is never negated,
    # since for who is no provider the second half is NULL.
    own_provider = Provider.objects.filter(member=member).values("pk")[:1]
    return Q(client=member) | Q(provider=Subquery(own_provider))


def _needs_answer_of(member: Membership) -> Q:
    return Q(status=Status.PENDING) & (
        Q(provider__member=member) & Q(Exists(_open_proposals(made_by=Actor.CLIENT)))
        | Q(client=member) & Q(Exists(_open_proposals(made_by=Actor.PROVIDER)))
    )


def _scopes(member: Membership, now: datetime) -> dict[str, Q]:
    needs_you, undecided = _needs_answer_of(member), Q(status__in=[Status.PENDING, Status.WAITING])
    return {
        "needs-you": needs_you,
        "waiting": undecided & ~needs_you,
        "upcoming": _is_ahead(now),
        "past": ~undecided & ~_is_ahead(now),
        "all": Q(pk__isnull=False),
    }


def _is_ahead(now: datetime) -> Q:
    # Agreed and not over: a session that is on belongs to what is ahead.
    over_since = ExpressionWrapper(
        Value(now, DateTimeField())
        - ExpressionWrapper(F("minutes") * Value(_MINUTE, DurationField()), DurationField()),
        DateTimeField(),
    )
    return Q(status__in=AGREED, starts_at__gt=over_since)


def _open_proposals(**extra: object) -> QuerySet[Proposal]:
    return Proposal.objects.filter(booking=OuterRef("pk"), state=ProposalState.OPEN, **extra)


def _answer_by() -> Subquery:
    return Subquery(_open_proposals().values("answer_by")[:1])


def _with_names(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    return rows.select_related(
        "provider__member__user", "provider__calendar", "client__user", "service", "policy_version", "tenant"
    )


def _with_table(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    proposals = Proposal.objects.order_by("-number").prefetch_related(
        Prefetch("times", queryset=ProposalTime.objects.order_by("position"))
    )
    return rows.prefetch_related(Prefetch("proposals", queryset=proposals, to_attr="table"))
