"""Credits bought with money, money paid back, and what payment providers told of either (decisions.md 19, F91).

Amounts of money are whole numbers of a currency's smallest unit. Cards and accounts are the provider's: none of it is here.
"""

from django.db import models
from django.db.models import F, Q

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel

from ..enums import EventOutcome, PurchaseState, RefundState
from .ledger import Transfer


class Purchase(TenantModel):
    """Credits that a member buys, at the price of that moment. Written before the provider hears of it."""

    code = models.CharField(max_length=12, help_text="Number of the receipt.")
    member = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    credits = models.PositiveIntegerField()
    price = models.PositiveIntegerField(help_text="In the currency's smallest unit.")
    currency = models.CharField(max_length=3, help_text="ISO 4217, such as EUR.")
    provider = models.CharField(max_length=12, help_text="Who takes the money.")
    reference = models.CharField(max_length=60, blank=True, help_text="What it is for: booking:NW-7K4Q.")
    state = models.CharField(max_length=6, choices=PurchaseState, default=PurchaseState.OPEN)
    checkout = models.CharField(max_length=120, blank=True, help_text="The provider's name for the checkout.")
    checkout_url = models.CharField(max_length=2000, blank=True, help_text="Where the member pays.")
    payment = models.CharField(max_length=120, blank=True, help_text="The provider's name for the payment.")
    arrival = TenantForeignKey(Transfer, models.PROTECT, null=True, blank=True, related_name="+")
    refunded = models.PositiveIntegerField(default=0, help_text="How many of the credits were taken back.")
    refunded_price = models.PositiveIntegerField(default=0, help_text="How much money goes back, or went.")
    asked_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="purchase_code_once"),
            models.UniqueConstraint(
                fields=["tenant", "provider", "checkout"], name="purchase_checkout_once", condition=~Q(checkout="")
            ),
            # A transfer belongs to one purchase, and a purchase is paid once its credits are there.
            models.UniqueConstraint(fields=["tenant", "arrival"], name="purchase_arrives_once"),
            models.CheckConstraint(
                condition=Q(state=PurchaseState.PAID, arrival__isnull=False, paid_at__isnull=False)
                | (~Q(state=PurchaseState.PAID) & Q(arrival__isnull=True, paid_at__isnull=True)),
                name="purchase_paid_is_there",
            ),
            models.CheckConstraint(condition=Q(credits__gt=0, price__gt=0), name="purchase_amounts"),
            models.CheckConstraint(
                condition=Q(refunded__lte=F("credits"), refunded_price__lte=F("price")), name="purchase_refunds_fit"
            ),
            models.CheckConstraint(
                condition=Q(refunded=0, refunded_price=0) | Q(state=PurchaseState.PAID), name="purchase_refunds_paid"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-asked_at"], name="purchase_by_time"),
            models.Index(fields=["tenant", "asked_at"], name="purchase_open", condition=Q(state=PurchaseState.OPEN)),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def named(self) -> str:
        """The neutral name of it in the ledger and in mails."""
        return f"purchase:{self.code}"


class Refund(TenantModel):
    """Credits that staff take back and the money that goes back for them, to where it came from (F91)."""

    purchase = TenantForeignKey(Purchase, models.PROTECT, related_name="refunds")
    credits = models.PositiveIntegerField()
    price = models.PositiveIntegerField(help_text="In the currency's smallest unit.")
    reason = models.CharField(max_length=200, help_text="The member reads it.")
    by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=RefundState, default=RefundState.ASKED)
    tries = models.PositiveSmallIntegerField(default=1, help_text="Each try that the provider refused begins another.")
    payment = models.CharField(max_length=120, blank=True, help_text="The provider's name for the refund.")
    trouble = models.CharField(max_length=300, blank=True, help_text="What the provider said when it failed.")
    departure = TenantForeignKey(Transfer, models.PROTECT, related_name="+", help_text="The credits that left.")
    comeback = TenantForeignKey(Transfer, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "departure"], name="refund_departs_once"),
            models.UniqueConstraint(fields=["tenant", "comeback"], name="refund_comes_back_once"),
            models.CheckConstraint(condition=Q(credits__gt=0) & ~Q(reason=""), name="refund_says_why"),
            models.CheckConstraint(
                condition=Q(state=RefundState.WITHDRAWN, comeback__isnull=False)
                | (~Q(state=RefundState.WITHDRAWN) & Q(comeback__isnull=True)),
                name="refund_withdrawn_comes_back",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "asked_at"], name="refund_failed", condition=Q(state=RefundState.FAILED))
        ]

    def __str__(self) -> str:
        return f"{self.credits} of {self.purchase}"


class PaymentEvent(TenantModel):
    """What a provider told us, once for each event of theirs. Append-only; the same event again changes nothing."""

    provider = models.CharField(max_length=12)
    event = models.CharField(max_length=120, help_text="The provider's name for it.")
    kind = models.CharField(max_length=60)
    purchase = TenantForeignKey(Purchase, models.PROTECT, null=True, blank=True, related_name="events")
    outcome = models.CharField(max_length=8, choices=EventOutcome)
    said = models.CharField(max_length=300, blank=True, help_text="What of it does not fit.")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "provider", "event"], name="payment_event_once")]
        indexes = [models.Index(fields=["tenant", "-at"], name="payment_event_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.event}"
