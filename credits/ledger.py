"""The one writer of the ledger: balanced transfers between wallets, all of them or none (decisions.md 18, reliability.md 6.4).

Every movement takes three steps: lock its wallets in id order, look for what an earlier try has done already, write. Ids
follow from causes, so a try that comes again finds the first one. The steps are one function of the database, because the
ways there and back, and planning each statement anew, took longer than what they do.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.db import connection

from accounts.tenancy import active_tenant_id

from .enums import TransferKind, WalletKind
from .models import Hold

_IDS = UUID("0b0f7a51-8d3e-4c55-9f43-6a2b1d0c9e77")
LARGEST = 1_000_000_000


class TooFewCredits(Exception):
    """A wallet would go below zero. `available` is what it holds, `missing` how much more is needed; nothing has moved."""

    def __init__(self, kind: WalletKind, available: int, missing: int) -> None:
        super().__init__(f"{missing} credits are missing in the wallet '{kind}', which holds {available}.")
        self.kind, self.available, self.missing = kind, available, missing


class KeyUsed(Exception):
    """The key of something else: what it named before has other content (reliability.md 6.4)."""


def derived_id(*cause: object) -> UUID:
    """The id that follows from a cause, within the tenant of the scope."""
    return _id_that_follows(active_tenant_id(), *cause)


def _id_that_follows(*cause: object) -> UUID:
    return uuid5(_IDS, ":".join(map(str, cause)))


# Wallets are named again and again, their transfers once.
_wallet_id = lru_cache(maxsize=2048)(_id_that_follows)


class Purse(NamedTuple):
    """Which wallet: a member's for one use, or the tenant's own issuance, which has no owner."""

    kind: WalletKind
    owner_id: UUID | None = None

    @property
    def wallet_id(self) -> UUID:
        """The id of its row, which may not be there yet."""
        return _wallet_id(active_tenant_id(), "wallet", self.kind, self.owner_id)


ISSUANCE = Purse(WalletKind.ISSUANCE)


class Move(NamedTuple):
    """A transfer to be: `cause` makes its id. Without an amount it moves what is left of the hold that ends."""

    kind: TransferKind
    debit: Purse
    credit: Purse
    amount: int | None
    cause: tuple[object, ...]


class Ending(NamedTuple):
    """How a member's hold ends: `charged` of it is spent, and `earned` of that by the earner; all unless said."""

    hold_id: UUID
    member_id: UUID
    charged: int | None = None
    earned: int | None = None
    earner_id: UUID | None = None


@dataclass(frozen=True)
class About:
    """What transfers that belong together share: for what, why, by whom, when (UTC)."""

    now: datetime
    reference: str = ""
    reason: str = ""
    by_id: UUID | None = None
    second_id: UUID | None = None


class Posted(NamedTuple):
    """What became of it: `is_new` unless an earlier try did it; the hold that was opened or ended, now or then."""

    is_new: bool
    hold: Hold | None

    @property
    def hold_of_it(self) -> Hold:
        """The hold, where one was to open or to end."""
        if self.hold is None:
            raise LookupError("Neither opens nor ends a hold.")
        return self.hold


def lock(purses: Iterable[Purse]) -> dict[Purse, int]:
    """Queue for these wallets, in id order, until the transaction ends; what those that are there hold. One statement."""
    wanted = {purse.wallet_id: purse for purse in purses}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [active_tenant_id(), list(wanted)])
        return {wanted[wallet_id]: balance for wallet_id, balance in cursor.fetchall()}


def post(
    moves: Sequence[Move],
    about: About,
    *,
    opens: Hold | None = None,
    ends: Ending | None = None,
    locks: Iterable[Purse] = (),
    opening: Sequence[Purse] = (),
) -> Posted:
    """Move credits in this order, with a hold that opens or one that ends, or find that it was done before. One statement.

    The wallets of all moves are locked, and those of `locks` with them; those of `opening` are opened where they are not
    there yet. Raises TooFewCredits where a wallet but the tenant's own holds less than is taken, LookupError for the end of
    a hold that the member does not have, ValueError for an end that does not fit into it; then nothing has moved.
    """
    takes = _taken(moves)
    said = _said(moves, about, takes, {*locks, *opening}, opening)
    if opens:
        said["opens"] = {
            "id": opens.pk, "member_id": opens.member_id, "amount": opens.amount, "reference": opens.reference,
            "opened_at": opens.opened_at,
        }  # fmt: skip
    if ends:
        said["ends"] = {
            "id": ends.hold_id, "member_id": ends.member_id, "charged": ends.charged, "earned": ends.earned,
            "earner_id": ends.earner_id, "settled_at": about.now,
        }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_POST, [active_tenant_id(), json.dumps(said, default=str)])
        outcome, lacking, has, *hold = cursor.fetchone()
    if outcome == "short":
        purse = next(purse for purse in takes if purse.wallet_id == lacking)
        raise TooFewCredits(purse.kind, has, takes[purse] - has)
    if outcome == "unknown":
        raise LookupError(f"{ends} is not the end of a hold of this member.")
    found = Hold.from_db(connection.alias, _HOLD_FIELDS, hold) if opens or ends else None
    if outcome == "unfit":
        raise ValueError(f"{ends} can't be earned and spent of {found}.")
    return Posted(outcome == "done", found)


def _taken(moves: Sequence[Move]) -> dict[Purse, int]:
    """How much has to be there, by wallet."""
    takes: dict[Purse, int] = defaultdict(int)
    for move in moves:
        if move.debit.kind != WalletKind.ISSUANCE and move.amount:
            takes[move.debit] += move.amount
    return takes


def _said(
    moves: Sequence[Move], about: About, takes: dict[Purse, int], locks: set[Purse], opening: Sequence[Purse]
) -> dict[str, Any]:
    purses = locks.union(*((move.debit, move.credit) for move in moves))
    ids = {purse: str(purse.wallet_id) for purse in purses}
    said = {
        "wallets": f"{{{','.join(ids.values())}}}",
        "takes": {ids[purse]: amount for purse, amount in takes.items()},
        "moves": [
            {
                "id": derived_id("transfer", *move.cause), "kind": move.kind, "debit_id": ids[move.debit],
                "credit_id": ids[move.credit], "amount": move.amount,
            }
            for move in moves
        ],
        "about": {
            "at": about.now, "reference": about.reference, "reason": about.reason, "by_id": about.by_id,
            "second_id": about.second_id,
        },
    }  # fmt: skip
    if opening:
        said["opening"] = [{"id": ids[purse], "owner_id": purse.owner_id, "kind": purse.kind} for purse in opening]
    return said


_LOCK = """
SELECT id, balance FROM credits_wallet WHERE tenant_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
# As the model has them, in its order.
_HOLD_FIELDS = [field.attname for field in Hold._meta.concrete_fields]
_POST = """
SELECT outcome, lacking, lacking_has, (held).id, (held).tenant_id, (held).member_id, (held).amount, (held).reference,
    (held).state, (held).charged, (held).earned, (held).earner_id, (held).opened_at, (held).settled_at
FROM credits_post(%s, %s)
"""
