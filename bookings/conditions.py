"""What is true of a booking, as SQL: who takes part, whom it waits for, in which state it is seen. Queries combine these."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from accounts.models import Membership
from marketplace.models import Provider

from .enums import AGREED, Actor, ProposalState, Status
from .models import Proposal
from .wording import DISPLAY

_MINUTE = timedelta(minutes=1)


def is_party(member: Membership) -> Q:
    """The member is its client or its provider."""
    return is_party_by_id(member.pk)


def is_party_by_id(member: UUID) -> Q:
    """The same, of the membership with this id."""
    # Not `provider__member`: an OR over a join reads all bookings of the tenant, this one two indexes. It is never negated,
    # since for who is no provider the second half is NULL.
    return Q(client_id=member) | Q(provider=Subquery(own_provider(member)))


def own_provider(member: UUID) -> QuerySet[Any, Any]:
    """The id of the provider that the member is; no row where they are none."""
    return Provider.objects.filter(member_id=member).values("pk")[:1]


def needs(member: UUID, now: datetime) -> Q:
    """Whatever waits for this member: an answer, or the provider's word on how it went."""
    mine = Q(provider=Subquery(own_provider(member)))
    return is_negotiated(now) & is_asked(member) | mine & needs_providers_word(now)


def is_asked(member: UUID) -> Q:
    """The other side made what is on the table."""
    return _opposite(member, Actor.CLIENT, Actor.PROVIDER)


def is_asking(member: UUID) -> Q:
    """The member made what is on the table."""
    return _opposite(member, Actor.PROVIDER, Actor.CLIENT)


def _opposite(member: UUID, asks_provider: Actor, asks_client: Actor) -> Q:
    own = Q(provider=Subquery(own_provider(member)))
    return own & Q(Exists(open_proposals(made_by=asks_provider))) | Q(client_id=member) & Q(
        Exists(open_proposals(made_by=asks_client))
    )


def is_negotiated(now: datetime) -> Q:
    """An answer to what is on the table would still count."""
    # What began is not negotiated any more, even where the clock has not yet closed what was open (S4.42).
    return Q(status=Status.PENDING) | Q(status__in=AGREED, starts_at__gt=now)


def needs_providers_word(now: datetime) -> Q:
    """It is over, and its provider has to say how it went."""
    # Where the clock completes it, the provider's word is welcome and not awaited (D15).
    said = Q(held_by=Actor.PROVIDER)
    return (
        Q(status=Status.CONFIRMED, starts_at__lte=over_since(now))
        & Q(policy_version__settings__completion__in=["provider", "both"])
        & ~said
    )


def scopes(member: UUID, now: datetime) -> dict[str, Q]:
    """What each scope of the member's list holds (PG-31)."""
    undecided = Q(status__in=[Status.PENDING, Status.WAITING])
    return {
        "needs-you": needs(member, now),
        "waiting": (is_negotiated(now) & is_asking(member)) | Q(status=Status.WAITING),
        "upcoming": is_ahead(now),
        "past": ~undecided & ~is_ahead(now),
        "all": Q(pk__isnull=False),
    }


def seen_state(member: UUID, now: datetime) -> Case:
    """`wording.state_key` in SQL."""
    by_provider, is_first = Q(Exists(open_proposals(made_by=Actor.PROVIDER))), Q(Exists(open_proposals(number=1)))
    agreed, asks = Q(status__in=AGREED), is_asked(member)
    return Case(
        *(When(status=status, then=Value(key)) for status, key in DISPLAY.items() if status not in AGREED),
        When(Q(status=Status.PENDING) & asks & Q(Exists(open_proposals(answer_by__gt=now))), then=Value("needs_you")),
        When(Q(status=Status.PENDING) & ~by_provider, then=Value("requested")),
        When(Q(status=Status.PENDING) & is_first, then=Value("invited")),
        When(status=Status.PENDING, then=Value("suggested")),
        When(agreed & Q(starts_at__lte=over_since(now)), then=Value("ended")),
        When(agreed & Q(starts_at__lte=now), then=Value("in_progress")),
        When(agreed & Q(Exists(open_proposals())), then=Value("change_proposed")),
        *(When(status=status, then=Value(DISPLAY[status])) for status in AGREED),
        output_field=CharField(),
    )


def is_ahead(now: datetime) -> Q:
    """It is agreed and not over."""
    # A session that is on belongs to what is ahead.
    return Q(status__in=AGREED, starts_at__gt=over_since(now))


def over_since(now: datetime) -> ExpressionWrapper:
    """What started then or before is over at `now`, whatever its length."""
    # `starts_at + minutes <= now`, with the column alone on its side.
    minutes = ExpressionWrapper(F("minutes") * Value(_MINUTE, DurationField()), DurationField())
    return ExpressionWrapper(Value(now, DateTimeField()) - minutes, DateTimeField())


def open_proposals(**extra: object) -> QuerySet[Proposal]:
    """What is on its table and waits for an answer."""
    return Proposal.objects.filter(booking=OuterRef("pk"), state=ProposalState.OPEN, **extra)


def answer_by() -> Subquery:
    """Until when what is on its table can be answered."""
    return Subquery(open_proposals().values("answer_by")[:1])
