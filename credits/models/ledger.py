"""The ledger. What follows from what is said by keys and checks, so that no code can break it (reliability.md, L1-L9).

A wallet's balance is that of its last entry, each entry begins where the one before it ended, and a transfer has exactly
its two entries: foreign keys in the migration. The runtime role can't change or delete a transfer or an entry.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import NullIf

from accounts.models import Membership, Tenant
from accounts.tenancy import TenantForeignKey, TenantModel, default_tenant_id

from ..enums import BY_STAFF, HoldState, TransferKind, WalletKind


def _implied_tenant() -> "models.ForeignKey[Tenant, Tenant]":
    """The tenant of a row that a key of its own leads to a wallet or a member of the same tenant, whose keys lead on to it.

    A key of its own would say that again, and everybody who writes would queue at the tenant's one row to lock it.
    """
    return models.ForeignKey(
        Tenant, models.PROTECT, default=default_tenant_id, editable=False, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip


class Wallet(TenantModel):
    """Whole credits of one person for one use. Its id follows from owner and kind (ledger.Purse)."""

    owner = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="wallets")
    kind = models.CharField(max_length=9, choices=WalletKind)
    balance = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=0, help_text="How many entries it has.")
    last_version = models.GeneratedField(
        expression=NullIf(F("version"), 0), output_field=models.IntegerField(), db_persist=True
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "owner", "kind"], name="wallet_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(kind=WalletKind.ISSUANCE, owner__isnull=True)
                | (~Q(kind=WalletKind.ISSUANCE) & Q(owner__isnull=False)),
                name="wallet_owner",
            ),
            models.CheckConstraint(
                condition=Q(kind=WalletKind.ISSUANCE) | Q(balance__gte=0), name="wallet_never_negative"
            ),
            models.CheckConstraint(condition=Q(version__gt=0) | Q(balance=0), name="wallet_begins_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.balance}"


class Hold(TenantModel):
    """Credits set aside for something, named by `reference`; settled once. Another amount is another hold (L5, L6, L8)."""

    tenant = _implied_tenant()
    member = TenantForeignKey(Membership, models.PROTECT, related_name="holds")
    amount = models.PositiveIntegerField()
    reference = models.CharField(max_length=60, help_text="What it is for: booking:NW-7K4Q.")
    state = models.CharField(max_length=14, choices=HoldState, default=HoldState.BLOCKED)
    charged = models.PositiveIntegerField(default=0, help_text="How much of it was spent.")
    earned = models.PositiveIntegerField(default=0, help_text="How much of that went to who earned it.")
    earner = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "reference"], name="hold_one_open", condition=Q(state=HoldState.BLOCKED)
            ),
            # With the state, so that what it is for can point at "this hold, which is returned" (B2).
            models.UniqueConstraint(fields=["tenant", "id", "state"], name="hold_says_state"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="hold_amount"),
            models.CheckConstraint(
                condition=Q(state=HoldState.BLOCKED, charged=0, settled_at__isnull=True)
                | Q(state=HoldState.RETURNED, charged=0, settled_at__isnull=False)
                | Q(state=HoldState.CHARGED, charged=F("amount"), settled_at__isnull=False)
                | Q(state=HoldState.PARTLY_CHARGED, charged__gt=0, charged__lt=F("amount"), settled_at__isnull=False),
                name="hold_state_says_amounts",
            ),
            models.CheckConstraint(
                condition=Q(earned=0, earner__isnull=True) | Q(earned__gt=0, earner__isnull=False), name="hold_earner"
            ),
            models.CheckConstraint(condition=Q(earned__lte=F("charged")), name="hold_earned_of_charged"),
        ]
        indexes = [
            models.Index(fields=["tenant", "member"], name="hold_open_of", condition=Q(state=HoldState.BLOCKED)),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.state} for {self.reference}"


class Transfer(TenantModel):
    """Credits that moved from one wallet to another. Append-only; its id follows from its cause, so nothing moves twice."""

    tenant = _implied_tenant()
    kind = models.CharField(max_length=10, choices=TransferKind)
    debit = TenantForeignKey(Wallet, models.PROTECT, related_name="+", help_text="Where they came from.")
    credit = TenantForeignKey(Wallet, models.PROTECT, related_name="+", help_text="Where they went.")
    amount = models.BigIntegerField()
    hold = TenantForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="transfers")
    reference = models.CharField(max_length=60, blank=True, help_text="What it was for: booking:NW-7K4Q.")
    reason = models.CharField(max_length=200, blank=True, help_text="Why staff did it; the member reads it.")
    by = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    second = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", help_text="Who agreed to it (L10)."
    )
    at = models.DateTimeField()
    taken = models.GeneratedField(expression=F("amount") * -1, output_field=models.BigIntegerField(), db_persist=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two"),
            models.CheckConstraint(
                condition=~Q(kind__in=BY_STAFF) | (Q(by__isnull=False) & ~Q(reason="")), name="transfer_staff_say_why"
            ),
            models.CheckConstraint(
                condition=Q(second__isnull=True) | (Q(by__isnull=False) & ~Q(second=F("by"))),
                name="transfer_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.amount:,}"


class Entry(TenantModel):
    """One line of a wallet: what a transfer did to it and what was there afterwards. Append-only."""

    tenant = _implied_tenant()
    wallet = TenantForeignKey(Wallet, models.PROTECT, related_name="entries")
    transfer = TenantForeignKey(Transfer, models.PROTECT, related_name="entries")
    version = models.PositiveIntegerField(help_text="Its number in the wallet.")
    amount = models.BigIntegerField()
    balance = models.BigIntegerField(help_text="Afterwards.")
    previous_version = models.GeneratedField(
        expression=NullIf(F("version") - 1, 0), output_field=models.IntegerField(), db_persist=True
    )
    previous_balance = models.GeneratedField(
        expression=F("balance") - F("amount"), output_field=models.BigIntegerField(), db_persist=True
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "wallet", "version"], name="entry_version_once"),
            # Wider than needed to be unique: keys point at a line and say what it holds.
            models.UniqueConstraint(fields=["tenant", "wallet", "version", "balance"], name="entry_says_balance"),
            models.UniqueConstraint(fields=["tenant", "transfer", "wallet", "amount"], name="entry_says_amount"),
            models.CheckConstraint(condition=Q(version__gt=1) | Q(balance=F("amount")), name="entry_first_from_zero"),
            models.CheckConstraint(condition=Q(version__gte=1) & ~Q(amount=0), name="entry_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.version}. {self.amount:+}"
