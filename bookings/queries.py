"""Reads of bookings, always for one member: nobody sees a booking they are no party to (T2, X40)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)

from accounts.compiled import CompiledQuery
from accounts.enums import Role
from accounts.models import Membership
from marketplace.models import Provider

from . import conditions, ordering
from .enums import AGREED, Actor, ProposalState, Status, SupportState
from .models import Booking, BookingEvent, Proposal, ProposalTime, SupportRequest

SCOPES = ("needs-you", "waiting", "upcoming", "past", "all")
MOST_OF_A_DAY = 25


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
    rows = Booking.objects.filter(conditions.is_party(member)).select_related(
        "provider__member__user", "provider__calendar", "client__user", "service"
    )
    # A list shows neither bio nor card, and both are long; the rules are the same for most rows.
    unseen = [f"provider__{field}" for field in ("bio", "on_card")]
    return _with_table(rows.defer(*unseen).prefetch_related("policy_version"))


def called(codes: Iterable[str], member: Membership) -> QuerySet[Booking]:
    """The member's own bookings with these codes, with what names them and what is on their tables."""
    rows = Booking.objects.filter(conditions.is_party(member), code__in=list(codes))
    return _with_table(
        rows.select_related("provider__member", "client", "service").defer("provider__bio", "provider__on_card")
    )


def in_scope(member: Membership, scope: str, now: datetime, order: str = "") -> QuerySet[Booking]:
    """One of SCOPES of the member's own bookings, in the order that suits it, or by one of `ordering.ORDERS` (PG-31)."""
    rows = own(member).filter(conditions.scopes(member.pk, now)[scope])
    natural = ordering.of_scope(scope)
    return rows.order_by(*ordering.by_heading(order, member.pk, now), *natural) if order else rows.order_by(*natural)


@dataclass(frozen=True)
class Counts:
    """How many of a member's own bookings each of SCOPES holds, and how many they see in each display state (S1.6)."""

    by_scope: dict[str, int]
    by_state: dict[str, int]


def counts(member: Membership, now: datetime, text: str = "") -> Counts:
    """The numbers of the list, of bookings that match the text. One query."""
    if text:
        found = list(_counted(matching(Booking.objects.filter(conditions.is_party(member)), text), member.pk, now))
    else:
        found = _counted_all(member.pk, now)
    return Counts(
        {scope: sum(row[_column(scope)] for row in found) for scope in SCOPES},
        {row["state"]: row[_column("all")] for row in found},
    )


def _counted(rows: QuerySet[Booking], member: UUID, now: datetime) -> QuerySet[Any, Any]:
    held = {_column(scope): Count("pk", filter=held) for scope, held in conditions.scopes(member, now).items()}
    return rows.order_by().annotate(state=conditions.seen_state(member, now)).values("state").annotate(**held)


def _column(scope: str) -> str:
    return f"in_{scope.replace('-', '_')}"


def needs_answer_count(member: Membership, now: datetime) -> int:
    """How many bookings wait for this member: the number beside the navigation."""
    return sum(row["number"] for row in _waiting_for(member.pk, now))


def in_states(rows: QuerySet[Booking], states: Iterable[str], member: Membership, now: datetime) -> QuerySet[Booking]:
    """Those of the member's bookings that they see in one of these display states (`wording.WORDS`)."""
    return rows.annotate(state=conditions.seen_state(member.pk, now)).filter(state__in=states)


def matching(rows: QuerySet[Booking], text: str) -> QuerySet[Booking]:
    """Those whose code or one of whose people's names holds the text, in any case (PG-31)."""
    return rows.filter(
        Q(code__icontains=text) | Q(provider__member__name__icontains=text) | Q(client__name__icontains=text)
    )


@dataclass(frozen=True)
class Today:
    """A provider's day: what runs out first, what comes next, what is over without a word (PG-40, S0.5, S0.6).

    `needs` is how much waits for this person in all: also what they are asked as a client, and what a page leaves out.
    """

    to_answer: list[Booking]
    needs: int
    upcoming: list[Booking]
    waiting: list[Booking]
    over: list[Booking]


def provider_of(member: Membership) -> Provider | None:
    """The provider that the member is, with calendar and this very member; None for all others."""
    provider = _provider_of.first(member.pk)
    if provider is not None:
        provider.member = member
    return provider


def today_of(provider: Provider, now: datetime) -> Today:
    """Everything the page of a provider's day shows, in a fixed number of queries. Requests by time left (CK-23)."""
    day = Today(
        to_answer=_to_answer(provider.pk, now),
        needs=needs_answer_count(provider.member, now),
        upcoming=_upcoming(provider.pk, now),
        waiting=_waiting(provider.pk, now),
        over=_over(provider.pk, now),
    )
    everything = [*day.to_answer, *day.upcoming, *day.waiting, *day.over]
    for booking in everything:
        booking.provider, booking.tenant = provider, provider.tenant
    prefetch_related_objects(everything, "policy_version", _table())
    return day


def timeline(booking: Booking) -> list[BookingEvent]:
    """What has happened, newest first."""
    return list(booking.events.select_related("by").order_by("-sequence"))


def open_wish(booking: Booking) -> SupportRequest | None:
    """What staff were asked to change about something agreed, as long as they have not answered (PG-35b)."""
    if booking.status not in AGREED:
        return None
    return booking.support_requests.filter(state=SupportState.OPEN).first()


def linked_to(booking: Booking, member: Membership) -> list[Booking]:
    """The booking that this one tries again and those that try this one again, as far as `member` may open them (T30)."""
    rows = Booking.objects.filter(Q(pk=booking.earlier_id) | Q(earlier=booking))
    if not member.has(Role.STAFF, Role.OWNER):
        rows = rows.filter(conditions.is_party(member))
    return list(rows.order_by("created_at"))


def closed_of(client: Membership, code: str) -> Booking | None:
    """The client's own booking with this code that came to nothing, so that it can be tried again (T30); else None."""
    nothing = (Status.DECLINED, Status.EXPIRED, Status.CANCELLED)
    return Booking.objects.filter(client=client, code=code.upper(), status__in=nothing).first()


def proposals_of(booking: Booking) -> list[Proposal]:
    """Every set of times that was ever on the table, newest first, with its times. No query for rows of lists."""
    if not hasattr(booking, "table"):
        vars(booking)["table"] = _table_of(booking)  # where Prefetch puts it, too
    return list(vars(booking)["table"])


def _table_of(booking: Booking) -> list[Proposal]:
    """As `_table` reads it for many, in one statement."""
    table = []
    for _, times in groupby(times_by_age(booking.pk), key=attrgetter("proposal_id")):
        rows = list(times)
        proposal = rows[0].proposal
        proposal.booking = booking
        kept: Any = proposal.times.all()
        kept._result_cache = rows
        vars(proposal)["_prefetched_objects_cache"] = {"times": kept}
        table.append(proposal)
    return table


# Every time that was ever on a booking's table, the newest proposal first, each time with its proposal.
times_by_age = CompiledQuery(
    lambda booking: (
        ProposalTime.objects.filter(proposal__booking_id=booking)
        .select_related("proposal")
        .order_by("-proposal__number", "position")
    ),
    UUID,
)


def open_proposal_of(booking: Booking) -> Proposal | None:
    """The proposal that waits for an answer; at most one (decisions.md 5). No query for bookings read here."""
    return next((proposal for proposal in proposals_of(booking) if proposal.state == ProposalState.OPEN), None)


def awaited_side(booking: Booking) -> Actor | None:
    """Who has to answer the open proposal: the side that did not make it."""
    proposal = open_proposal_of(booking)
    if proposal is None:
        return None
    return Actor.PROVIDER if proposal.made_by == Actor.CLIENT else Actor.CLIENT


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


def _asked(provider: UUID, now: datetime) -> QuerySet[Booking]:
    return _of(provider).filter(
        conditions.is_negotiated(now) & Q(Exists(conditions.open_proposals(made_by=Actor.CLIENT)))
    )


def _offered(provider: UUID, now: datetime) -> QuerySet[Booking]:
    offered = conditions.is_negotiated(now) & Q(Exists(conditions.open_proposals(made_by=Actor.PROVIDER)))
    return _of(provider).filter(offered | Q(status=Status.WAITING))


def _of(provider: UUID) -> QuerySet[Booking]:
    return Booking.objects.filter(provider_id=provider).select_related("client__user", "service")


_anybodys = CompiledQuery(lambda code: _with_names(Booking.objects.filter(code=code)), str)
_partys = CompiledQuery(
    lambda code, member: _with_names(Booking.objects.filter(conditions.is_party_by_id(member), code=code)), str, UUID
)
_waiting_for: CompiledQuery[Any] = CompiledQuery(
    lambda member, now: (
        Booking.objects.filter(conditions.needs(member, now)).order_by().values("tenant").annotate(number=Count("pk"))
    ),
    UUID,
    datetime,
)
_counted_all = CompiledQuery(
    lambda member, now: _counted(Booking.objects.filter(conditions.is_party_by_id(member)), member, now), UUID, datetime
)
_provider_of = CompiledQuery(
    lambda member: Provider.objects.filter(member_id=member).select_related("calendar").defer("bio", "on_card"),
    UUID,
)
_to_answer = CompiledQuery(
    lambda provider, now: _asked(provider, now).order_by(conditions.answer_by(), "code")[:MOST_OF_A_DAY], UUID, datetime
)
_upcoming = CompiledQuery(
    lambda provider, now: _of(provider).filter(conditions.is_ahead(now)).order_by("starts_at", "code")[:MOST_OF_A_DAY],
    UUID,
    datetime,
)
_waiting = CompiledQuery(
    lambda provider, now: _offered(provider, now).order_by("created_at", "code")[:MOST_OF_A_DAY], UUID, datetime
)
_over = CompiledQuery(
    lambda provider, now: (
        _of(provider).filter(conditions.needs_providers_word(now)).order_by("starts_at", "code")[:MOST_OF_A_DAY]
    ),
    UUID,
    datetime,
)
