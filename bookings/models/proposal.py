from django.db import models
from django.db.models import Q

from accounts.tenancy import TenantForeignKey, TenantModel

from ..enums import SIDES, ProposalState
from .booking import Booking


class Proposal(TenantModel):
    """A set of times that one side puts on the table (decisions.md 5). A request is the client's first proposal."""

    booking = TenantForeignKey(Booking, models.PROTECT, related_name="proposals")
    number = models.PositiveSmallIntegerField()
    made_by = models.CharField(max_length=8, choices=SIDES)
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
    is_outside = models.BooleanField(default=False, db_default=False)
    is_chosen = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "proposal", "position"], name="proposal_position_once"),
            models.UniqueConstraint(fields=["tenant", "proposal", "starts_at"], name="proposal_time_once"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"
