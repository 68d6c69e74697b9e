from django.db import models

from accounts.tenancy import TenantForeignKey, TenantModel
from marketplace.models import Provider

from ..enums import LateChangeKind, LateChangeState
from .booking import Booking


class LateChange(TenantModel):
    """A cancellation or move that a provider caused close to the start (decisions.md 13, S1.16, S1.21, T43)."""

    provider = TenantForeignKey(Provider, models.PROTECT, related_name="late_changes")
    booking = TenantForeignKey(Booking, models.PROTECT, related_name="late_changes")
    kind = models.CharField(max_length=10, choices=LateChangeKind)
    state = models.CharField(max_length=8, choices=LateChangeState, default=LateChangeState.COUNTED)
    starts_at = models.DateTimeField(help_text="The start that stood then (UTC).")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "provider", "booking", "kind"], name="late_change_once"),
        ]
        indexes = [models.Index(fields=["tenant", "provider", "kind", "at"], name="late_change_window")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.booking}"
