"""Reads of the ledger, always of one member or of the tenant in scope. Amounts are whole credits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from accounts.compiled import CompiledQuery
from accounts.models import Membership

from .enums import HoldState, PurchaseState, RefundState, TransferKind, WalletKind
from .ledger import ISSUANCE, Purse
from .models import Adjustment, Entry, Hold, Purchase, Refund, Verification, Wallet


@dataclass(frozen=True)
class Balances:
    """What a member has: to use, held for something, earned."""

    available: int = 0
    held: int = 0
    earned: int = 0

    @property
    def in_all(self) -> int:
        """To use and held together."""
        return self.available + self.held


_wallets_of = CompiledQuery(lambda owner: Wallet.objects.filter(owner_id=owner), UUID)


def balances(member: Membership) -> Balances:
    """What the member has in this tenant. One statement."""
    return Balances(**{wallet.kind: wallet.balance for wallet in _wallets_of(member.pk)})


def is_spent_elsewhere(hold_id: UUID) -> bool:
    """Whether part of what came back of a hold is used by now, so that it can't be held again. Raises Hold.DoesNotExist.

    What was earned of it stays with who earned it: nothing but taking it back moves it. Two statements at most.
    """
    hold = Hold.objects.select_related("member").get(pk=hold_id)
    came_back = hold.amount - hold.charged
    return came_back > 0 and came_back > balances(hold.member).available


def issued() -> int:
    """How many credits are in people's hands: what the tenant gave out and has not got back."""
    wallet = Wallet.objects.filter(pk=ISSUANCE.wallet_id).first()
    return -wallet.balance if wallet else 0


def open_holds(member: Membership) -> QuerySet[Hold]:
    """What is held of the member's and for what, the newest first."""
    return Hold.objects.filter(member=member, state=HoldState.BLOCKED).order_by("-opened_at", "-pk")


def statement(
    member: Membership,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Iterable[TransferKind] = (),
) -> QuerySet[Entry]:
    """Each transfer that touched the member's credits, once, the newest first; [since, until) are aware.

    A line of the wallet to use says what could be used afterwards; spending what was held does not change that.
    """
    own, held = (Purse(kind, member.pk).wallet_id for kind in (WalletKind.AVAILABLE, WalletKind.HELD))
    elsewhere = Q(wallet=held) & ~Q(transfer__debit=own) & ~Q(transfer__credit=own)
    return _lines(Q(wallet=own) | elsewhere, since, until, kinds)


def earnings(member: Membership, *, since: datetime | None = None, until: datetime | None = None) -> QuerySet[Entry]:
    """What the member earned, and what was taken back of it, the newest first (F90); [since, until) are aware."""
    return _lines(Q(wallet=Purse(WalletKind.EARNED, member.pk).wallet_id), since, until, ())


def _lines(of: Q, since: datetime | None, until: datetime | None, kinds: Iterable[TransferKind]) -> QuerySet[Entry]:
    lines = Entry.objects.filter(of).select_related("transfer__hold", "transfer__by", "wallet")
    if since:
        lines = lines.filter(transfer__at__gte=since)
    if until:
        lines = lines.filter(transfer__at__lt=until)
    if wanted := list(kinds):
        lines = lines.filter(transfer__kind__in=wanted)
    # Of several at one moment, the wallet's own order; what comes back is the last part of what was held.
    return lines.order_by("-transfer__at", "wallet__kind", "-version")


def first_line_at(lines: QuerySet[Entry]) -> datetime | None:
    """When the oldest of some lines was written (UTC)."""
    return lines.order_by().aggregate(first=Min("transfer__at"))["first"]


def last_verification() -> Verification | None:
    """When the tenant's books were looked through last, and what did not hold."""
    return Verification.objects.order_by("-at", "-pk").first()


def adjustments_waiting() -> QuerySet[Adjustment]:
    """What staff asked for above the limit, the oldest first (L10)."""
    return Adjustment.objects.filter(state="waiting").select_related("member", "asked_by").order_by("asked_at", "pk")


def unpaid_purchases(member: Membership) -> QuerySet[Purchase]:
    """What the member began to buy and has not paid, the newest first."""
    return Purchase.objects.filter(member=member, state=PurchaseState.OPEN).order_by("-asked_at", "-pk")


def failed_refunds() -> QuerySet[Refund]:
    """Money that could not be paid back and waits for staff, the oldest first."""
    return Refund.objects.filter(state=RefundState.FAILED).order_by("asked_at", "pk")
