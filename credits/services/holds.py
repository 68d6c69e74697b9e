"""Credits set aside for something, and what becomes of them (decisions.md 18; S4.11, S4.21, S4.32, S4.35, C18).

Whoever holds a member's two wallets locked decides about all of the member's holds: no other lock is needed.
"""

from datetime import datetime
from uuid import UUID

from accounts.compiled import CompiledQuery
from accounts.models import Membership

from ..enums import HoldState, TransferKind, WalletKind
from ..ledger import ISSUANCE, About, KeyUsed, Locked, Move, Purse, TooFewCredits, derived_id, lock, write
from ..models import Hold

_by_id = CompiledQuery(lambda pk: Hold.objects.filter(pk=pk), UUID)


def hold_id(reference: str, key: str) -> UUID:
    """The id that a hold for `reference` under `key` has, or will have."""
    return derived_id("hold", reference, key)


def queue(member: Membership) -> Locked:
    """Queue for the member's own two wallets until the transaction ends; what they hold is sure from then on. One statement."""
    return lock(_own(member.pk))


def available(locked: Locked, member: Membership) -> int:
    """Whole credits that the member may use, from wallets that `queue` has locked."""
    return locked.balance(Purse(WalletKind.AVAILABLE, member.pk))


def hold(
    *, member: Membership, amount: int, reference: str, key: str, now: datetime, locked: Locked | None = None
) -> Hold:
    """Set `amount` whole credits of the member aside for `reference` (at most one open hold each). The same key holds once.

    `locked` is what `queue` gave in this transaction. Raises TooFewCredits, and KeyUsed where the key held another amount or
    was somebody else's; then nothing has moved. Two statements, three without `locked`.
    """
    locked = locked or queue(member)
    wanted = Hold(
        id=hold_id(reference, key), member=member, amount=_positive(amount), reference=reference, opened_at=now
    )
    if before := _by_id.first(wanted.pk):
        if (before.member_id, before.amount) != (wanted.member_id, wanted.amount):
            raise KeyUsed(f"{key} held {before.amount} for {reference} before.")
        return before
    available, held = _own(member.pk)
    move = Move(TransferKind.HOLD, available, held, amount, (wanted.pk, "hold"), wanted.pk)
    write(locked, [move], About(now, reference), opens=wanted)
    wanted._state.adding = False
    return wanted


def release(*, member: Membership, hold_id: UUID, now: datetime) -> Hold:
    """Give the whole hold back. Releasing it again changes nothing; raises KeyUsed where it was spent."""
    return capture(member=member, hold_id=hold_id, earner=None, charged=0, earned=0, now=now)


def capture(
    *,
    member: Membership,
    hold_id: UUID,
    earner: Membership | None,
    now: datetime,
    charged: int | None = None,
    earned: int | None = None,
) -> Hold:
    """Spend `charged` of a hold, all of it unless said, and give the rest back.

    `earned` of what is spent goes to `earner`, all of it unless said; the marketplace keeps the difference. The same again
    changes nothing; raises KeyUsed where the hold ended otherwise, ValueError for amounts that do not fit into one another.
    """
    purses = list(_own(member.pk))
    if earner is not None:
        purses.append(Purse(WalletKind.EARNED, earner.pk))
    if charged != 0 and (earner is None or earned is not None):
        # All of a tenant queue at its own wallet, so only who may leave something there does.
        purses.append(ISSUANCE)
    locked = lock(purses, opens=earner is not None)
    found = _found(hold_id, member)
    ended = _ended(found, earner, charged, earned, now)
    if found.state != HoldState.BLOCKED:
        if (found.state, found.charged, found.earned) != (ended.state, ended.charged, ended.earned):
            raise KeyUsed(f"The hold for {found.reference} has ended as {found.state} with {found.charged} spent.")
        return found
    write(locked, _parts(ended), About(now, found.reference), settles=ended)
    return ended


def change(*, member: Membership, hold_id: UUID, amount: int, key: str, now: datetime) -> Hold:
    """Hold another amount for the same thing: the old hold comes back and a new one is taken, or neither (F88).

    Raises TooFewCredits when the member has too few even with what comes back.
    """
    locked = queue(member)
    before = _found(hold_id, member)
    if before.state == HoldState.BLOCKED:
        funds = available(locked, member) + before.amount
        if funds < _positive(amount):
            raise TooFewCredits(WalletKind.AVAILABLE, funds, amount - funds)
        ended = _ended(before, None, 0, 0, now)
        write(locked, _parts(ended), About(now, before.reference), settles=ended)
    return hold(member=member, amount=amount, reference=before.reference, key=key, now=now, locked=locked)


def reopen(*, member: Membership, hold_id: UUID, key: str, now: datetime) -> Hold:
    """Take back how a hold ended: what was spent, kept and returned is held again, as a new hold.

    Raises TooFewCredits where part of it is somewhere else by now. The same key does it once.
    """
    before = _found(hold_id, member)
    earned, own = Purse(WalletKind.EARNED, before.earner_id), _own(member.pk)
    locked = lock([*own, ISSUANCE, *([earned] if before.earner_id else [])])
    again = Hold(
        id=derived_id("hold", before.reference, key),
        member=member,
        amount=before.amount,
        reference=before.reference,
        opened_at=now,
    )
    if made := _by_id.first(again.pk):
        return made
    sources = [
        (earned, before.earned),
        (ISSUANCE, before.charged - before.earned),
        (own[0], before.amount - before.charged),
    ]
    moves = [
        Move(TransferKind.REVERSAL, purse, own[1], amount, (again.pk, "reversal", purse.kind), again.pk)
        for purse, amount in sources
        if amount
    ]
    write(locked, moves, About(now, before.reference), opens=again)
    again._state.adding = False
    return again


def _found(hold_id: UUID, member: Membership) -> Hold:
    found = _by_id.first(hold_id)
    if found is None or found.member_id != member.pk:
        raise LookupError(f"{member} has no hold {hold_id}.")
    return found


def _own(member_id: UUID) -> tuple[Purse, Purse]:
    return Purse(WalletKind.AVAILABLE, member_id), Purse(WalletKind.HELD, member_id)


def _positive(amount: int) -> int:
    if amount <= 0:
        raise ValueError(f"Only one credit or more can be held, not {amount}.")
    return amount


def _ended(hold: Hold, earner: Membership | None, charged: int | None, earned: int | None, now: datetime) -> Hold:
    """The hold as it ends."""
    spent = hold.amount if charged is None else charged
    share = (spent if earner else 0) if earned is None else earned
    if not 0 <= share <= spent <= hold.amount or (share and earner is None):
        raise ValueError(f"{share} of {spent} of {hold.amount} can't be earned.")
    state = HoldState.PARTLY_CHARGED
    if spent in (0, hold.amount):
        state = HoldState.CHARGED if spent else HoldState.RETURNED
    return Hold(
        id=hold.pk,
        member_id=hold.member_id,
        amount=hold.amount,
        reference=hold.reference,
        opened_at=hold.opened_at,
        state=state,
        charged=spent,
        earned=share,
        earner_id=earner.pk if earner and share else None,
        settled_at=now,
    )


def _parts(ended: Hold) -> list[Move]:
    """Where an ending hold goes: to who earned it, to the marketplace, back to its member."""
    available, held = _own(ended.member_id)
    parts = [
        (TransferKind.EARNING, Purse(WalletKind.EARNED, ended.earner_id), ended.earned),
        (TransferKind.FEE, ISSUANCE, ended.charged - ended.earned),
        (TransferKind.RETURN, available, ended.amount - ended.charged),
    ]
    return [Move(kind, held, to, amount, (ended.pk, kind.value), ended.pk) for kind, to, amount in parts if amount]
