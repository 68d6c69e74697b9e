"""Credits that come to a member, or leave them, from or to the tenant's own wallet."""

from datetime import datetime
from uuid import UUID

from accounts.models import Membership
from notifications import outbox

from ..enums import TransferKind, WalletKind
from ..ledger import ISSUANCE, LARGEST, About, KeyUsed, Move, Purse, derived_id, post
from ..models import Transfer
from ..refusals import Refused

ADDED_TOPIC = "credits.added"


def arrive(
    *,
    member: Membership,
    amount: int,
    kind: TransferKind,
    cause: tuple[object, ...],
    now: datetime,
    reference: str = "",
    reason: str = "",
    by: Membership | None = None,
    second: Membership | None = None,
) -> Transfer:
    """Move `amount` whole credits to the member, or away from them where it is below zero. The same cause moves once.

    Who waits for credits hears of it after the commit (topic `credits.added`). Raises TooFewCredits when more is taken than
    the member may use, KeyUsed where the cause moved something else before.
    """
    own = Purse(WalletKind.AVAILABLE, member.pk)
    # Both of the member's wallets are there from the first credit on.
    opening = [own, Purse(WalletKind.HELD, member.pk), ISSUANCE]
    debit, credit = (ISSUANCE, own) if amount > 0 else (own, ISSUANCE)
    about = About(now, reference, reason, by.pk if by else None, second.pk if second else None)
    posted = post([Move(kind, debit, credit, abs(amount), cause)], about, opening=opening)
    moved = Transfer.objects.get(pk=transfer_id(*cause))
    if (moved.debit_id, moved.credit_id, moved.amount) != (debit.wallet_id, credit.wallet_id, abs(amount)):
        raise KeyUsed(f"{cause} moved {moved.amount} before.")
    if posted.is_new and amount > 0:
        outbox.enqueue(topic=ADDED_TOPIC, dedupe_key=str(moved.pk), payload={"member_id": str(member.pk)}, due_at=now)
    return moved


def transfer_id(*cause: object) -> UUID:
    """The id of the transfer that follows from a cause."""
    return derived_id("transfer", *cause)


def check_amount(amount: int, *, takes: bool = False) -> None:
    """Raise Refused for an amount that nobody means: nothing, too much, or less than nothing where only giving is meant."""
    if amount == 0 or (amount < 0 and not takes):
        raise Refused("amount", "Enter a whole number above 0, like 30.", "amount")
    if abs(amount) > LARGEST:
        raise Refused("amount", f"Enter {LARGEST:,} at most.", "amount")
