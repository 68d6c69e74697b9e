"""How credits come to people besides money: staff, vouchers, programmes (decisions.md 19)."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel

from ..enums import AdjustmentState, Period


class Adjustment(TenantModel):
    """Credits that staff give or take, with a reason; above the tenant's limit a second person agrees first (L10, PG-84)."""

    member = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    amount = models.IntegerField(help_text="Whole credits; below zero takes them.")
    reason = models.CharField(max_length=200, help_text="The member reads it.")
    reference = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=7, choices=AdjustmentState)
    asked_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    request_key = models.CharField(max_length=64, help_text="Key of the form it came from: sent twice, done once.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "asked_by", "request_key"], name="adjustment_once"),
            models.CheckConstraint(condition=~Q(amount=0) & ~Q(reason=""), name="adjustment_says_why"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")), name="adjustment_two_people"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "asked_at"], name="adjustment_waiting", condition=Q(state=AdjustmentState.WAITING)
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount:+,}: {self.get_state_display()}"


class Voucher(TenantModel):
    """A code that gives its amount to the first member who enters it, until a day (tenant's zone)."""

    code = models.CharField(max_length=24)
    amount = models.PositiveIntegerField()
    note = models.CharField(max_length=120, blank=True, help_text="What it is for. Members don't see it.")
    expires_on = models.DateField(null=True, blank=True, help_text="The last day on which it can be used.")
    made_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    used_by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", Upper("code"), name="voucher_code_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="voucher_amount"),
            models.CheckConstraint(
                condition=Q(used_by__isnull=True, used_at__isnull=True)
                | Q(used_by__isnull=False, used_at__isnull=False),
                name="voucher_used_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Programme(TenantModel):
    """An employer, programme or hub that sponsors its people: so many credits for each member and period (F83, F84)."""

    name = models.CharField(max_length=80)
    amount = models.PositiveIntegerField(help_text="Whole credits for each member and period.")
    period = models.CharField(max_length=7, choices=Period, default=Period.MONTH)
    is_active = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="programme_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="programme_amount"),
        ]

    def __str__(self) -> str:
        return self.name


class ProgrammeMember(TenantModel):
    """Somebody whom a programme sponsors, until they leave it."""

    programme = TenantForeignKey(Programme, models.PROTECT, related_name="places")
    member = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "programme", "member"],
                name="programme_member_once",
                condition=Q(left_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.programme}"
