"""Reads of a provider's standing: late changes that count, what was said about them, what is paused (PG-49, PG-83)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.enums import Role
from accounts.models import Membership
from accounts.policies import Policy
from marketplace import queries as marketplace
from marketplace.models import Provider

from . import late_changes
from .enums import LateChangeKind, LateChangeState
from .models import EvidenceFile, Explanation, LateChange, StandingReview


@dataclass(frozen=True)
class Standing:
    """What stands for and against a provider at one moment. `counted` holds the moments (UTC) of what counts, by kind."""

    counted: dict[LateChangeKind, list[datetime]]
    limit: int
    paused: list[str]
    now: datetime

    def number(self, kind: LateChangeKind) -> int:
        """How many of a kind count."""
        return len(self.counted[kind])

    @property
    def is_over(self) -> bool:
        """Whether one kind happened more often than the rules allow."""
        return late_changes.is_over(self.counted, self.limit, self.now)

    @property
    def within_limit_from(self) -> datetime | None:
        """When it is within the rules again by itself (UTC); None where it is."""
        return late_changes.within_limit_from(self.counted, self.limit, self.now)

    def counts_until(self, kind: LateChangeKind) -> datetime | None:
        """When the next one of a kind stops counting (UTC); None where none counts."""
        return late_changes.counts_until(self.counted[kind][0]) if self.counted[kind] else None


def standing_of(provider: Provider, policy: Policy, now: datetime) -> Standing:
    """The provider's standing under the rules of `policy`. Two queries."""
    rows = LateChange.objects.filter(
        provider=provider, state=LateChangeState.COUNTED, at__gt=now - late_changes.COUNTS_FOR
    )
    counted: dict[LateChangeKind, list[datetime]] = {kind: [] for kind in LateChangeKind}
    for kind, at in rows.order_by("at").values_list("kind", "at"):
        counted[LateChangeKind(kind)].append(at)
    paused = marketplace.paused_topics(provider, late_changes.REFERENCE)
    return Standing(counted, policy.late_change_limit, paused, now)


def incidents_of(provider: Provider) -> list[LateChange]:
    """Every late change of a provider, newest first, each with its booking and `said`: what was explained, if anything."""
    return list(with_said(LateChange.objects.filter(provider=provider)).order_by("-at", "-pk"))


def with_said(rows: QuerySet[LateChange]) -> QuerySet[LateChange]:
    """The same with all that their sentences need, and `said`: what was explained, if anything."""
    said = Explanation.objects.prefetch_related("files")
    return with_names(rows).prefetch_related(Prefetch("explanations", queryset=said, to_attr="said"))


def with_names(rows: QuerySet[LateChange]) -> QuerySet[LateChange]:
    """The same with all that is said about them in a sentence."""
    return rows.select_related(
        "provider__member__user",
        "provider__calendar",
        "booking__service",
        "booking__client__user",
        "booking__policy_version",
        "booking__tenant",
    )


def late_change_of(provider: Provider, key: UUID) -> LateChange:
    """One late change of this provider, with `said`. Raises LateChange.DoesNotExist for everybody else's."""
    return with_said(LateChange.objects.filter(provider=provider)).get(pk=key)


def open_review_of(provider: Provider) -> StandingReview | None:
    """The review that staff have before them, if there is one."""
    return StandingReview.objects.filter(provider=provider, closed_at=None).first()


def file_for(member: Membership | None, key: UUID) -> EvidenceFile:
    """A file, for the provider who handed it in and for staff. Raises EvidenceFile.DoesNotExist for all others (T2)."""
    if member is None:
        raise EvidenceFile.DoesNotExist
    files = EvidenceFile.objects.all()
    if not member.has(Role.STAFF, Role.OWNER):
        files = files.filter(explanation__late_change__provider__member=member)
    return files.get(pk=key)
