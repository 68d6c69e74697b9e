from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel
from marketplace.models import Provider

from ..enums import ExplanationReason, ExplanationState
from ..evidence import FileKind, place_of
from .late_change import LateChange


def private_files() -> Storage:
    """Where members' files are kept: below no address (docs/operations.md)."""
    return storages["private"]


class StandingReview(TenantModel):
    """More late changes than the rules allow: staff look into it, once for each provider at a time (T43, PG-83)."""

    provider = TenantForeignKey(Provider, models.PROTECT, related_name="standing_reviews")
    late_change = TenantForeignKey(
        LateChange, models.PROTECT, related_name="+", help_text="The one that was more than the rules allow."
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was closed as it was.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "provider"], name="standing_one_open", condition=Q(closed_at__isnull=True)
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "opened_at"], name="standing_queue", condition=Q(closed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"Late changes of {self.provider}"


class Explanation(TenantModel):
    """What a provider says about a late change; staff decide whether it counts nevertheless (S1.17, T44)."""

    late_change = TenantForeignKey(LateChange, models.PROTECT, related_name="explanations")
    reason_code = models.CharField(max_length=10, choices=ExplanationReason)
    text = models.CharField(max_length=2000)
    state = models.CharField(max_length=8, choices=ExplanationState, default=ExplanationState.OPEN)
    made_at = models.DateTimeField()
    answer = models.CharField(
        max_length=500, blank=True, help_text="The reason of the decision; the provider reads it."
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "late_change"], name="explanation_once"),
            models.CheckConstraint(
                condition=Q(state=ExplanationState.OPEN) ^ Q(decided_at__isnull=False), name="explanation_decided"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "made_at"], name="explanation_queue", condition=Q(state=ExplanationState.OPEN)
            )
        ]

    def __str__(self) -> str:
        return f"{self.late_change}: {self.get_reason_code_display()}"


class EvidenceFile(TenantModel):
    """A file that goes with an explanation. Only its provider and staff ever get it, as a download (PG-49)."""

    explanation = TenantForeignKey(Explanation, models.PROTECT, related_name="files")
    name = models.CharField(max_length=100, help_text="As it was called; where it is kept has another name.")
    kind = models.CharField(max_length=4, choices=FileKind, help_text="Found in its content.")
    size = models.PositiveIntegerField(help_text="In bytes.")
    file = models.FileField(storage=private_files, upload_to=place_of, max_length=120)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
