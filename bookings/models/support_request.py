from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel

from ..enums import SIDES, SupportState
from .booking import Booking


class SupportRequest(TenantModel):
    """A wish to have staff change what is agreed, since the rules leave it to them (PG-35b, S1.18-S1.20)."""

    booking = TenantForeignKey(Booking, models.PROTECT, related_name="support_requests")
    made_by = models.CharField(max_length=8, choices=SIDES)
    by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    starts = ArrayField(models.DateTimeField(), default=list, help_text="The times that were asked for (UTC).")
    reason = models.CharField(max_length=2000)
    state = models.CharField(max_length=8, choices=SupportState, default=SupportState.OPEN)
    answer = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "booking"], name="support_one_open", condition=Q(state=SupportState.OPEN)
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "made_at"], name="support_queue", condition=Q(state=SupportState.OPEN))
        ]

    def __str__(self) -> str:
        return f"{self.booking} by {self.made_by}"
