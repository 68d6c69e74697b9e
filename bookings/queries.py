"""Reads of bookings, always for one member: nobody sees a booking they are no party to (T2, X40)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

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
    prefetch_related_objects,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.compiled import CompiledQuery
from accounts.enums import Role
from accounts.models import Membership
from marketplace.models import Provider

from .enums import AGREED, Actor, ProposalState, Status
from .models import Booking, BookingEvent, Proposal, ProposalTime

SCOPES = ("needs-you", "waiting", "upcoming", "past", "all")
MOST_OF_A_DAY = 25
_MINUTE = timedelta(minutes=1)


def get_booking_for(member: Membership | None, code: str) -> Booking:
    """The booking with this code, if `member` is a party to it or staff. Raises Booking.DoesNotExist for all others.

    One statement; what is on its table is read when `proposals_of` is first asked.
    """
    if member is None:
        raise Booking.DoesNotExist
    is_staff = member.has(Role.STAFF, Role.OWNER)
    booking = _anybodys.first(code.upper()) if is_staff else _partys.first(code.upper(), member.pk)
    if booking is None:
        raise Booking.DoesNotExist
    return booking


def own(member: Membership) -> QuerySet[Booking]:
    """The bookings the member is client or provider of, in one common list (S4.1), with what a row shows."""
    rows = Booking.objects.filter(_is_party(member)).select_related(
        "provider__member__user", "provider__calendar", "client__user", "service"
    )
    # A list shows neither bio nor card, and both are long; the rules are the same for most rows.
    unseen = [f"provider__{field}" for field in ("bio", "on_card")]
    return _with_table(rows.defer(*unseen).prefetch_related("policy_version"))


def in_scope(member: Membership, scope: str, now: datetime) -> QuerySet[Booking]:
    """One of SCOPES of the member's own bookings, in the order that suits it (PG-31)."""
    orders: dict[str, tuple[str | Combinable, ...]] = {
        "needs-you": (_answer_by(), "code"),
        "upcoming": ("starts_at", "code"),
        "past": (Coalesce("starts_at", "created_at").desc(), "code"),
    }
    return own(member).filter(_scopes(member.pk, now)[scope]).order_by(*orders.get(scope, ("-created_at", "code")))


@dataclass(frozen=True)
class Counts:
    """How many of a member's own bookings each of SCOPES holds, and how many stand in each status (S1.6)."""

    by_scope: dict[str, int]
    by_status: dict[str, int]


def counts(member: Membership, now: datetime, text: str = "") -> Counts:
    """The numbers of the list, of bookings that match the text. One query."""
    if text:
        found = list(_counted(matching(Booking.objects.filter(_is_party(member)), text), member.pk, now))
    else:
        found = _counted_all(member.pk, now)
    return Counts(
        {scope: sum(row[_column(scope)] for row in found) for scope in SCOPES},
        {row["status"]: row[_column("all")] for row in found},
    )


def _counted(rows: QuerySet[Booking], member: UUID, now: datetime) -> QuerySet[Booking, dict[str, Any]]:
    held = {_column(scope): Count("pk", filter=held) for scope, held in _scopes(member, now).items()}
    return rows.order_by().values("status").annotate(**held)


def _column(scope: str) -> str:
    return f"in_{scope.replace('-', '_')}"


def needs_answer_count(member: Membership, now: datetime) -> int:
    """How many bookings wait for this member's answer: the number beside the navigation. They are few: all of them lapse."""
    return len(_waiting_for(member.pk))


def needs_answer(member: Membership) -> Q:
    """Bookings that wait for this member's answer, as a condition on rows of `own`."""
    return _needs_answer_of(member.pk)


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


def provider_of(member: Membership) -> Provider | None:
    """The provider that the member is, with calendar and this very member; None for all others."""
    provider = _provider_of.first(member.pk)
    if provider is not None:
        provider.member = member
    return provider


def today_of(provider: Provider, now: datetime) -> Today:
    """Everything the page of a provider's day shows, in a fixed number of queries. Requests by time left (CK-23)."""
    day = Today(
        to_answer=(to_answer := _to_answer(provider.pk)),
        to_answer_count=len(to_answer) if len(to_answer) < MOST_OF_A_DAY else _asked(provider.pk).count(),
        upcoming=_upcoming(provider.pk, now),
        waiting=_waiting(provider.pk),
    )
    everything = [*day.to_answer, *day.upcoming, *day.waiting]
    for booking in everything:
        booking.provider, booking.tenant = provider, provider.tenant
    prefetch_related_objects(everything, "policy_version", _table())
    return day


def timeline(booking: Booking) -> list[BookingEvent]:
    """What has happened, newest first."""
    return list(booking.events.select_related("by").order_by("-sequence"))


def proposals_of(booking: Booking) -> list[Proposal]:
    """Every set of times that was ever on the table, newest first, with its times. No query for rows of lists."""
    if not hasattr(booking, "table"):
        prefetch_related_objects([booking], _table())
    return list(booking.table)  # type: ignore[attr-defined] # Prefetch puts it there


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
    return _is_party_by_id(member.pk)


def _is_party_by_id(member: UUID) -> Q:
    # Not `provider__member`: an OR over a join reads all bookings of the tenant, this one two indexes. It is never negated,
    # since for who is no provider the second half is NULL.
    return Q(client_id=member) | Q(provider=Subquery(_own_provider(member)))


def _own_provider(member: UUID) -> QuerySet[Provider, UUID]:
    return Provider.objects.filter(member_id=member).values("pk")[:1]


def _needs_answer_of(member: UUID) -> Q:
    return Q(status=Status.PENDING) & (
        Q(provider__member_id=member) & Q(Exists(_open_proposals(made_by=Actor.CLIENT)))
        | Q(client_id=member) & Q(Exists(_open_proposals(made_by=Actor.PROVIDER)))
    )


def _scopes(member: UUID, now: datetime) -> dict[str, Q]:
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
    return rows.prefetch_related(_table())


def _table() -> Prefetch:
    proposals = Proposal.objects.order_by("-number").prefetch_related(
        Prefetch("times", queryset=ProposalTime.objects.order_by("position"))
    )
    return Prefetch("proposals", queryset=proposals, to_attr="table")


def _asked(provider: UUID) -> QuerySet[Booking]:
    return _of(provider).filter(_is_asked())


def _is_asked() -> Q:
    return Q(status=Status.PENDING) & Q(Exists(_open_proposals(made_by=Actor.CLIENT)))


def _of(provider: UUID) -> QuerySet[Booking]:
    return Booking.objects.filter(provider_id=provider).select_related("client__user", "service")


_anybodys = CompiledQuery(lambda code: _with_names(Booking.objects.filter(code=code)), str)
_partys = CompiledQuery(
    lambda code, member: _with_names(Booking.objects.filter(_is_party_by_id(member), code=code)), str, UUID
)
_waiting_for = CompiledQuery(
    lambda member: Booking.objects.filter(
        Q(provider=Subquery(_own_provider(member))) & Q(Exists(_open_proposals(made_by=Actor.CLIENT)))
        | Q(client_id=member) & Q(Exists(_open_proposals(made_by=Actor.PROVIDER))),
        status=Status.PENDING,
    ).only("pk"),
    UUID,
)
_counted_all = CompiledQuery(
    lambda member, now: _counted(Booking.objects.filter(_is_party_by_id(member)), member, now), UUID, datetime
)
_provider_of = CompiledQuery(
    lambda member: Provider.objects.filter(member_id=member).select_related("calendar").defer("bio", "on_card"),
    UUID,
)
_to_answer = CompiledQuery(lambda provider: _asked(provider).order_by(_answer_by(), "code")[:MOST_OF_A_DAY], UUID)
_upcoming = CompiledQuery(
    lambda provider, now: _of(provider).filter(_is_ahead(now)).order_by("starts_at", "code")[:MOST_OF_A_DAY],
    UUID,
    datetime,
)
_waiting = CompiledQuery(
    lambda provider: (
        _of(provider)
        .filter(Q(status__in=[Status.PENDING, Status.WAITING]) & ~_is_asked())
        .order_by("created_at", "code")[:MOST_OF_A_DAY]
    ),
    UUID,
)
