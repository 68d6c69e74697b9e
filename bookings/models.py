"""The booking aggregate: a booking, the proposals on its table, its timeline. Only bookings.services writes it (B10)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import NullIf

from accounts.models import Membership, PolicyVersion
from accounts.policies import Policy
from accounts.tenancy import TenantForeignKey, TenantModel
from marketplace.models import Provider, Service

from .enums import AGREED_ONCE, Action, Actor, CreditStatus, ProposalState, Status


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
    notes = models.TextField(max_length=2000, blank=True)
    last_sequence = models.PositiveIntegerField(help_text="Number of the last timeline event.")
    calendar_sequence = models.PositiveIntegerField(default=0, help_text="SEQUENCE of the calendar file (R-MAIL-8).")
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
        ]
        indexes = [
            models.Index(fields=["tenant", "provider", "status", "starts_at"], name="booking_of_provider"),
            models.Index(fields=["tenant", "client", "status", "starts_at"], name="booking_of_client"),
            models.Index(fields=["tenant", "-created_at"], name="booking_by_age"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def policy(self) -> Policy:
        """The rules this booking was made under."""
        return self.policy_version.policy

    @property
    def reference(self) -> str:
        """Its neutral name in the apps below."""
        return f"booking:{self.code}"


class Proposal(TenantModel):
    """A set of times that one side puts on the table (decisions.md 5). A request is the client's first proposal."""

    booking = TenantForeignKey(Booking, models.PROTECT, related_name="proposals")
    number = models.PositiveSmallIntegerField()
    made_by = models.CharField(max_length=8, choices=[(Actor.CLIENT, "client"), (Actor.PROVIDER, "provider")])
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    answer_by = models.DateTimeField()
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "booking", "number"], name="proposal_number_once"),
            models.UniqueConstraint(
                fields=["tenant", "booking"], name="proposal_one_open", condition=Q(state=ProposalState.OPEN)
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "answer_by"], name="proposal_due", condition=Q(state=ProposalState.OPEN))
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} no. {self.number}"


class ProposalTime(TenantModel):
    """One time of a proposal, in order of preference."""

    proposal = TenantForeignKey(Proposal, models.CASCADE, related_name="times")
    position = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    price = models.PositiveIntegerField(default=0)
    is_chosen = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "proposal", "position"], name="proposal_position_once"),
            models.UniqueConstraint(fields=["tenant", "proposal", "starts_at"], name="proposal_time_once"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


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
