from django.db import models
from django.db.models import F, Q
from django.db.models.functions import NullIf

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel

from ..enums import SIDES, Action, Actor, Status
from .booking import Booking


class BookingEvent(TenantModel):
    """One line of the timeline. Append-only; `status` of the last one is the booking's status (B3)."""

    booking = TenantForeignKey(Booking, models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    action = models.CharField(max_length=20, choices=Action)
    name = models.CharField(max_length=60, help_text="The event's name in the source texts, such as Expert approval.")
    status_before = models.CharField(max_length=10, choices=Status, blank=True)
    status = models.CharField(max_length=10, choices=Status)
    actor = models.CharField(max_length=8, choices=Actor)
    by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    on_behalf_of = models.CharField(max_length=8, choices=SIDES, blank=True, help_text="For whom staff acted.")
    reason_code = models.CharField(max_length=40, blank=True)
    reason_text = models.CharField(max_length=500, blank=True)
    message = models.CharField(max_length=2000, blank=True)
    data = models.JSONField(default=dict, help_text="Old and new values, the rule and its numbers.")
    at = models.DateTimeField()
    previous_sequence = models.GeneratedField(
        expression=NullIf(F("sequence") - 1, 0), output_field=models.IntegerField(), db_persist=True
    )

    class Meta(TenantModel.Meta):
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "booking", "sequence"], name="event_sequence_once"),
            # With the status, so that a booking can point at "its event n, which says this status".
            models.UniqueConstraint(fields=["tenant", "booking", "sequence", "status"], name="event_says_status"),
            models.CheckConstraint(
                condition=Q(sequence=1, status_before="") | (Q(sequence__gt=1) & ~Q(status_before="")),
                name="event_first_has_no_before",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}. {self.name}"
