"""Credits set aside for something, and what becomes of them (decisions.md 18; S4.11, S4.21, S4.32, S4.35, C18).

Whoever holds a member's two wallets locked decides about all of the member's holds: no other lock is needed.
"""

from datetime import datetime
from uuid import UUID

from accounts.compiled import CompiledQuery
from accounts.models import Membership

from ..enums import HoldState, TransferKind, WalletKind
from ..ledger import ISSUANCE, About, Ending, KeyUsed, Move, Purse, TooFewCredits, derived_id, lock, post
from ..models import Hold

_by_id = CompiledQuery(lambda pk: Hold.objects.filter(pk=pk), UUID)


def hold_id(reference: str, key: str) -> UUID:
    """The id that a hold for `reference` under `key` has, or will have."""
    return derived_id("hold", reference, key)


def queue(member: Membership) -> int:
    """Queue for the member's two wallets; how many whole credits may be used, until the transaction ends. One statement."""
    own = _own(member.pk)
    return lock(own).get(own[0], 0)


def hold(*, member: Membership, amount: int, reference: str, key: str, now: datetime) -> Hold:
    """Set `amount` whole credits of the member aside for `reference` (at most one open hold each). The same key holds once.

    Raises TooFewCredits, and KeyUsed where the key held another amount or was somebody else's; then nothing has moved.
    One statement.
    """
    wanted = Hold(
        id=hold_id(reference, key), member=member, amount=_positive(amount), reference=reference, opened_at=now
    )
    available, held = _own(member.pk)
    move = Move(TransferKind.HOLD, available, held, amount, (wanted.pk, "hold"))
    found = post([move], About(now, reference), opens=wanted).hold_of_it
    if (found.member_id, found.amount) != (member.pk, amount):
        raise KeyUsed(f"{key} held {found.amount} for {reference} before.")
    return found


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
    share = 0 if earner is None and earned is None else earned
    if share and earner is None:
        raise ValueError(f"{share} can't be earned by nobody.")
    ending = Ending(hold_id, member.pk, charged, share, earner.pk if earner else None)
    # Opened by the first who earns something: an earner has no wallet before.
    earning = [Purse(WalletKind.EARNED, earner.pk)] if earner and share != 0 else []
    posted = post(_parts(ending), About(now), ends=ending, locks=_own(member.pk), opening=earning)
    found = posted.hold_of_it
    if not posted.is_new and (found.charged, found.earned) != _meant(ending, found.amount):
        raise KeyUsed(f"The hold for {found.reference} has ended as {found.state} with {found.charged} spent.")
    return found


def change(*, member: Membership, hold_id: UUID, amount: int, key: str, now: datetime) -> Hold:
    """Hold another amount for the same thing: the old hold comes back and a new one is taken, or neither (F88).

    Raises TooFewCredits when the member has too few even with what comes back.
    """
    usable, before = queue(member), _found(hold_id, member)
    if before.state == HoldState.BLOCKED:
        funds = usable + before.amount
        if funds < _positive(amount):
            raise TooFewCredits(WalletKind.AVAILABLE, funds, amount - funds)
        release(member=member, hold_id=before.pk, now=now)
    return hold(member=member, amount=amount, reference=before.reference, key=key, now=now)


def reopen(*, member: Membership, hold_id: UUID, key: str, now: datetime) -> Hold:
    """Take back how a hold ended: what was spent, kept and returned is held again, as a new hold.

    Raises TooFewCredits where part of it is somewhere else by now. The same key does it once.
    """
    before = _found(hold_id, member)
    earned, own = Purse(WalletKind.EARNED, before.earner_id), _own(member.pk)
    again = Hold(
        id=derived_id("hold", before.reference, key),
        member=member,
        amount=before.amount,
        reference=before.reference,
        opened_at=now,
    )
    sources = [
        (earned, before.earned),
        (ISSUANCE, before.charged - before.earned),
        (own[0], before.amount - before.charged),
    ]
    moves = [
        Move(TransferKind.REVERSAL, purse, own[1], amount, (again.pk, "reversal", purse.kind))
        for purse, amount in sources
        if amount
    ]
    return post(moves, About(now, before.reference), opens=again, locks=own).hold_of_it


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


def _meant(ending: Ending, amount: int) -> tuple[int, int]:
    """How much of a hold of this amount is spent, and earned."""
    charged = amount if ending.charged is None else ending.charged
    return charged, charged if ending.earned is None else ending.earned


def _parts(ending: Ending) -> list[Move]:
    """Where an ending hold goes: to who earned it, to the marketplace, back to its member. The last part is what is left."""
    available, held = _own(ending.member_id)
    earned, fee = ending.earned, None
    if ending.charged is not None:
        earned = ending.charged if earned is None else earned
        fee = ending.charged - earned
    parts: list[tuple[TransferKind, Purse, int | None]] = [
        (TransferKind.EARNING, Purse(WalletKind.EARNED, ending.earner_id), earned)
    ]
    if earned is not None:
        parts.append((TransferKind.FEE, ISSUANCE, fee))
    if ending.charged is not None:
        parts.append((TransferKind.RETURN, available, None))
    # All of a tenant queue at its own wallet, so only who leaves something there does.
    return [Move(kind, held, to, amount, (ending.hold_id, kind.value)) for kind, to, amount in parts if amount != 0]
