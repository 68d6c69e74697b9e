from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from accounts.models import Membership, PolicyVersion
from accounts.policies import Policy
from accounts.tenancy import TenantForeignKey, TenantModel
from marketplace.models import Provider, Service

from ..enums import AGREED_ONCE, SIDES, CreditStatus, Status


class Booking(TenantModel):
    """A negotiation about one session (decisions.md 5). `starts_at` is the agreed start and stays empty until agreed."""

    code = models.CharField(max_length=12, help_text="What people call it: NW-7K4Q. Unique in the tenant.")
    provider = TenantForeignKey(Provider, models.PROTECT, related_name="bookings")
    client = TenantForeignKey(Membership, models.PROTECT, related_name="bookings")
    service = TenantForeignKey(Service, models.PROTECT, related_name="bookings")
    policy_version = TenantForeignKey(PolicyVersion, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status)
    credit_status = models.CharField(max_length=14, choices=CreditStatus, default=CreditStatus.NONE)
    starts_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField()
    price = models.PositiveIntegerField(default=0, help_text="In whole credits.")
    # A key of the database says that this is a hold in the state of `credit_status`, compared at the commit (B2).
    hold_id = models.UUIDField(null=True, blank=True, help_text="The hold of the client's credits for it.")
    pay_by = models.DateTimeField(null=True, blank=True, help_text="Until when the time is kept for too few credits.")
    notes = models.TextField(max_length=2000, blank=True)
    last_sequence = models.PositiveIntegerField(help_text="Number of the last timeline event.")
    calendar_sequence = models.PositiveIntegerField(default=0, help_text="SEQUENCE of the calendar file (R-MAIL-8).")
    earlier = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="later", help_text="The one this tries again (T30)."
    )
    cancel_asked_at = models.DateTimeField(null=True, blank=True, help_text="The provider asked the client to cancel.")
    held_by = models.CharField(
        max_length=8, choices=SIDES, blank=True, help_text="Who said first that it took place (D15)."
    )
    absent = models.CharField(max_length=8, choices=SIDES, blank=True, help_text="Who did not come to a no-show.")
    contested_at = models.DateTimeField(null=True, blank=True, help_text="Somebody disagrees with the outcome (T41).")
    request_key = models.CharField(
        max_length=64, blank=True, help_text="Key of the form it came from: sent twice, made once."
    )
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="booking_code_once"),
            models.UniqueConstraint(
                fields=["tenant", "client", "request_key"], name="booking_request_once", condition=~Q(request_key="")
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="booking_status"),
            models.CheckConstraint(
                condition=~Q(status__in=AGREED_ONCE) | Q(starts_at__isnull=False),
                name="booking_agreed_has_start",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.WAITING) ^ Q(pay_by__isnull=True), name="booking_waiting_has_end"
            ),
            models.CheckConstraint(
                condition=Q(credit_status=CreditStatus.NONE) ^ Q(hold_id__isnull=False),
                name="booking_credits_have_hold",
            ),
            models.CheckConstraint(condition=Q(status=Status.NOSHOW) ^ Q(absent=""), name="booking_noshow_says_who"),
            models.CheckConstraint(
                condition=Q(contested_at__isnull=True) | Q(status__in=[Status.NOSHOW, Status.COMPLETED]),
                name="booking_contested_is_over",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "provider", "status", "starts_at"], name="booking_of_provider"),
            models.Index(fields=["tenant", "client", "status", "starts_at"], name="booking_of_client"),
            models.Index(fields=["tenant", "-created_at"], name="booking_by_age"),
            models.Index(
                fields=["tenant", "starts_at"], name="booking_to_complete", condition=Q(status=Status.CONFIRMED)
            ),
            models.Index(fields=["tenant", "pay_by"], name="booking_waiting", condition=Q(status=Status.WAITING)),
            models.Index(
                fields=["tenant", "contested_at"], name="booking_contested", condition=Q(contested_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def policy(self) -> Policy:
        """The rules this booking was made under."""
        return self.policy_version.policy

    @property
    def ends_at(self) -> datetime:
        """The end of the agreed session (UTC). Raises LookupError where nothing is agreed."""
        if self.starts_at is None:
            raise LookupError(f"{self.code} has no agreed time.")
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def reference(self) -> str:
        """Its neutral name in the apps below."""
        return f"booking:{self.code}"
