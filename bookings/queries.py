"""Reads of bookings, always for one member: nobody sees a booking they are no party to (T2, X40)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
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
    When,
    prefetch_related_objects,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.compiled import CompiledQuery
from accounts.enums import Role
from accounts.models import Membership
from marketplace.models import Provider

from .enums import AGREED, Actor, ProposalState, Status, SupportState
from .models import Booking, BookingEvent, Proposal, ProposalTime, SupportRequest
from .wording import DISPLAY

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


def called(codes: Iterable[str], member: Membership) -> QuerySet[Booking]:
    """The member's own bookings with these codes, with what names them and what is on their tables."""
    rows = Booking.objects.filter(_is_party(member), code__in=list(codes))
    return _with_table(
        rows.select_related("provider__member", "client", "service").defer("provider__bio", "provider__on_card")
    )


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
    """How many of a member's own bookings each of SCOPES holds, and how many they see in each display state (S1.6)."""

    by_scope: dict[str, int]
    by_state: dict[str, int]


def counts(member: Membership, now: datetime, text: str = "") -> Counts:
    """The numbers of the list, of bookings that match the text. One query."""
    if text:
        found = list(_counted(matching(Booking.objects.filter(_is_party(member)), text), member.pk, now))
    else:
        found = _counted_all(member.pk, now)
    return Counts(
        {scope: sum(row[_column(scope)] for row in found) for scope in SCOPES},
        {row["state"]: row[_column("all")] for row in found},
    )


def _counted(rows: QuerySet[Booking], member: UUID, now: datetime) -> QuerySet[Any, Any]:
    held = {_column(scope): Count("pk", filter=held) for scope, held in _scopes(member, now).items()}
    return rows.order_by().annotate(state=_state(member, now)).values("state").annotate(**held)


def _column(scope: str) -> str:
    return f"in_{scope.replace('-', '_')}"


def needs_answer_count(member: Membership, now: datetime) -> int:
    """How many bookings wait for this member: the number beside the navigation."""
    return sum(row["number"] for row in _waiting_for(member.pk, now))


def in_states(rows: QuerySet[Booking], states: Iterable[str], member: Membership, now: datetime) -> QuerySet[Booking]:
    """Those of the member's bookings that they see in one of these display states (`wording.WORDS`)."""
    return rows.annotate(state=_state(member.pk, now)).filter(state__in=states)


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
        rows = rows.filter(_is_party(member))
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


def _is_party(member: Membership) -> Q:
    return _is_party_by_id(member.pk)


def _is_party_by_id(member: UUID) -> Q:
    # Not `provider__member`: an OR over a join reads all bookings of the tenant, this one two indexes. It is never negated,
    # since for who is no provider the second half is NULL.
    return Q(client_id=member) | Q(provider=Subquery(_own_provider(member)))


def _own_provider(member: UUID) -> QuerySet[Any, Any]:
    return Provider.objects.filter(member_id=member).values("pk")[:1]


def _needs(member: UUID, now: datetime) -> Q:
    """Whatever waits for this member: an answer, or the provider's word on how it went."""
    mine = Q(provider=Subquery(_own_provider(member)))
    return _is_negotiated(now) & _is_asked(member) | mine & _needs_providers_word(now)


def _is_asked(member: UUID) -> Q:
    return _opposite(member, Actor.CLIENT, Actor.PROVIDER)


def _is_asking(member: UUID) -> Q:
    return _opposite(member, Actor.PROVIDER, Actor.CLIENT)


def _opposite(member: UUID, asks_provider: Actor, asks_client: Actor) -> Q:
    own = Q(provider=Subquery(_own_provider(member)))
    return own & Q(Exists(_open_proposals(made_by=asks_provider))) | Q(client_id=member) & Q(
        Exists(_open_proposals(made_by=asks_client))
    )


def _is_negotiated(now: datetime) -> Q:
    # What began is not negotiated any more, even where the clock has not yet closed what was open (S4.42).
    return Q(status=Status.PENDING) | Q(status__in=AGREED, starts_at__gt=now)


def _needs_providers_word(now: datetime) -> Q:
    # Where the clock completes it, the provider's word is welcome and not awaited (D15).
    said = Q(held_by=Actor.PROVIDER)
    return (
        Q(status=Status.CONFIRMED, starts_at__lte=_over_since(now))
        & Q(policy_version__settings__completion__in=["provider", "both"])
        & ~said
    )


def _scopes(member: UUID, now: datetime) -> dict[str, Q]:
    undecided = Q(status__in=[Status.PENDING, Status.WAITING])
    return {
        "needs-you": _needs(member, now),
        "waiting": (_is_negotiated(now) & _is_asking(member)) | Q(status=Status.WAITING),
        "upcoming": _is_ahead(now),
        "past": ~undecided & ~_is_ahead(now),
        "all": Q(pk__isnull=False),
    }


def _state(member: UUID, now: datetime) -> Case:
    """`wording.state_key` in SQL."""
    by_provider, is_first = Q(Exists(_open_proposals(made_by=Actor.PROVIDER))), Q(Exists(_open_proposals(number=1)))
    agreed, asks = Q(status__in=AGREED), _is_asked(member)
    return Case(
        *(When(status=status, then=Value(key)) for status, key in DISPLAY.items() if status not in AGREED),
        When(Q(status=Status.PENDING) & asks & Q(Exists(_open_proposals(answer_by__gt=now))), then=Value("needs_you")),
        When(Q(status=Status.PENDING) & ~by_provider, then=Value("requested")),
        When(Q(status=Status.PENDING) & is_first, then=Value("invited")),
        When(status=Status.PENDING, then=Value("suggested")),
        When(agreed & Q(starts_at__lte=_over_since(now)), then=Value("ended")),
        When(agreed & Q(starts_at__lte=now), then=Value("in_progress")),
        When(agreed & Q(Exists(_open_proposals())), then=Value("change_proposed")),
        *(When(status=status, then=Value(DISPLAY[status])) for status in AGREED),
        output_field=CharField(),
    )


def _is_ahead(now: datetime) -> Q:
    # Agreed and not over: a session that is on belongs to what is ahead.
    return Q(status__in=AGREED, starts_at__gt=_over_since(now))


def _over_since(now: datetime) -> ExpressionWrapper:
    # What started then or before is over, whatever its length: `starts_at + minutes <= now`.
    minutes = ExpressionWrapper(F("minutes") * Value(_MINUTE, DurationField()), DurationField())
    return ExpressionWrapper(Value(now, DateTimeField()) - minutes, DateTimeField())


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


def _asked(provider: UUID, now: datetime) -> QuerySet[Booking]:
    return _of(provider).filter(_is_negotiated(now) & Q(Exists(_open_proposals(made_by=Actor.CLIENT))))


def _offered(provider: UUID, now: datetime) -> QuerySet[Booking]:
    offered = _is_negotiated(now) & Q(Exists(_open_proposals(made_by=Actor.PROVIDER)))
    return _of(provider).filter(offered | Q(status=Status.WAITING))


def _of(provider: UUID) -> QuerySet[Booking]:
    return Booking.objects.filter(provider_id=provider).select_related("client__user", "service")


_anybodys = CompiledQuery(lambda code: _with_names(Booking.objects.filter(code=code)), str)
_partys = CompiledQuery(
    lambda code, member: _with_names(Booking.objects.filter(_is_party_by_id(member), code=code)), str, UUID
)
_waiting_for: CompiledQuery[Any] = CompiledQuery(
    lambda member, now: (
        Booking.objects.filter(_needs(member, now)).order_by().values("tenant").annotate(number=Count("pk"))
    ),
    UUID,
    datetime,
)
_counted_all = CompiledQuery(
    lambda member, now: _counted(Booking.objects.filter(_is_party_by_id(member)), member, now), UUID, datetime
)
_provider_of = CompiledQuery(
    lambda member: Provider.objects.filter(member_id=member).select_related("calendar").defer("bio", "on_card"),
    UUID,
)
_to_answer = CompiledQuery(
    lambda provider, now: _asked(provider, now).order_by(_answer_by(), "code")[:MOST_OF_A_DAY], UUID, datetime
)
_upcoming = CompiledQuery(
    lambda provider, now: _of(provider).filter(_is_ahead(now)).order_by("starts_at", "code")[:MOST_OF_A_DAY],
    UUID,
    datetime,
)
_waiting = CompiledQuery(
    lambda provider, now: _offered(provider, now).order_by("created_at", "code")[:MOST_OF_A_DAY], UUID, datetime
)
_over = CompiledQuery(
    lambda provider, now: (
        _of(provider).filter(_needs_providers_word(now)).order_by("starts_at", "code")[:MOST_OF_A_DAY]
    ),
    UUID,
    datetime,
)
