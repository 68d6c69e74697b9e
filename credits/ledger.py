"""The one writer of the ledger: balanced transfers between wallets, all of them or none (decisions.md 18, reliability.md 6.4).

Every movement takes three steps: lock its wallets in id order, look for what an earlier try has done already, write. Ids
follow from causes, so a try that comes again finds the first one. The SQL is written out: the ORM would take longer to
write it than the database to run it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.db import connection

from accounts.tenancy import active_tenant_id

from .enums import TransferKind, WalletKind
from .models import Hold, Wallet

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
    return uuid5(_IDS, ":".join(map(str, (active_tenant_id(), *cause))))


class Purse(NamedTuple):
    """Which wallet: a member's for one use, or the tenant's own issuance, which has no owner."""

    kind: WalletKind
    owner_id: UUID | None = None

    @property
    def wallet_id(self) -> UUID:
        """The id of its row, which may not be there yet."""
        return derived_id("wallet", self.kind, self.owner_id)


ISSUANCE = Purse(WalletKind.ISSUANCE)


class Move(NamedTuple):
    """A transfer to be: `cause` makes its id."""

    kind: TransferKind
    debit: Purse
    credit: Purse
    amount: int
    cause: tuple[object, ...]
    hold_id: UUID | None = None


@dataclass(frozen=True)
class About:
    """What transfers that belong together share: for what, why, by whom, when (UTC)."""

    now: datetime
    reference: str = ""
    reason: str = ""
    by_id: UUID | None = None
    second_id: UUID | None = None


@dataclass
class Locked:
    """Wallets under their locks, by id: (version, balance). A wallet that is not there yet is empty."""

    state: dict[UUID, tuple[int, int]] = field(default_factory=dict)

    def balance(self, purse: Purse) -> int:
        """Whole credits in one of the locked wallets."""
        return self.state.get(purse.wallet_id, (0, 0))[1]


def lock(purses: Iterable[Purse], *, opens: bool = False) -> Locked:
    """Queue for these wallets, in id order, until the transaction ends. One statement; with `opens` two, three for new ones.

    They are opened before the first is locked: who held one and waited for a new one could wait in a ring.
    """
    wanted = {purse.wallet_id: purse for purse in purses}
    if opens:
        there = set(Wallet.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        rows = [
            Wallet(id=wallet_id, owner_id=purse.owner_id, kind=purse.kind)
            for wallet_id, purse in sorted(wanted.items())
            if wallet_id not in there
        ]
        Wallet.objects.bulk_create(rows, ignore_conflicts=True)
    return Locked(_locked(sorted(wanted)))


def _locked(ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [active_tenant_id(), ids])
        return {wallet_id: (version, balance) for wallet_id, version, balance in cursor.fetchall()}


def write(
    locked: Locked, moves: Sequence[Move], about: About, *, opens: Hold | None = None, settles: Hold | None = None
) -> None:
    """Write the transfers in order, with their entries and the new balances, a hold that opens and one that ends. One statement.

    The wallets of all moves are locked. Raises TooFewCredits, and writes nothing, where a wallet but the tenant's own would
    end below zero.
    """
    tenant_id, state = active_tenant_id(), dict(locked.state)
    purses = {purse.wallet_id: purse for move in moves for purse in (move.debit, move.credit)}
    transfers: list[Any] = []
    entries: list[Any] = []
    for move in moves:
        transfer_id = derived_id("transfer", *move.cause)
        transfers += [
            tenant_id, transfer_id, move.kind.value, move.debit.wallet_id, move.credit.wallet_id, move.amount,
            move.hold_id, about.reference, about.reason, about.by_id, about.second_id, about.now,
        ]  # fmt: skip
        for purse, amount in ((move.debit, -move.amount), (move.credit, move.amount)):
            version, balance = state.get(purse.wallet_id, (0, 0))
            state[purse.wallet_id] = version + 1, balance + amount
            entry_id = derived_id("entry", transfer_id, amount)
            entries += [tenant_id, entry_id, purse.wallet_id, transfer_id, version + 1, amount, balance + amount]
    for wallet_id, purse in purses.items():
        if purse.kind != WalletKind.ISSUANCE and state[wallet_id][1] < 0:
            raise TooFewCredits(purse.kind, locked.balance(purse), -state[wallet_id][1])
    wallets = [value for wallet_id in purses for value in (wallet_id, *state[wallet_id])]
    holds = [*_opening(opens, tenant_id), *_ending(settles, tenant_id)]
    sql = _statement(len(moves), len(purses), opens is not None, settles is not None)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*holds, *transfers, *entries, *wallets, tenant_id])
    locked.state.update(state)


def _opening(hold: Hold | None, tenant_id: int | None) -> list[Any]:
    return [tenant_id, hold.pk, hold.member_id, hold.amount, hold.reference, hold.opened_at] if hold else []


def _ending(hold: Hold | None, tenant_id: int | None) -> list[Any]:
    if hold is None:
        return []
    return [str(hold.state), hold.charged, hold.earned, hold.earner_id, hold.settled_at, tenant_id, hold.pk]


_LOCK = """
SELECT id, version, balance FROM credits_wallet WHERE tenant_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""
_OPENS = """opened AS (
    INSERT INTO credits_hold (tenant_id, id, member_id, amount, reference, opened_at, state, charged, earned)
    VALUES (%s, %s, %s, %s, %s, %s, 'blocked', 0, 0)
),"""
_SETTLES = """settled AS (
    UPDATE credits_hold SET state = %s, charged = %s, earned = %s, earner_id = %s, settled_at = %s
    WHERE tenant_id = %s AND id = %s
),"""
_WRITE = """
WITH {holds} transfers AS (
    INSERT INTO credits_transfer (
        tenant_id, id, kind, debit_id, credit_id, amount, hold_id, reference, reason, by_id, second_id, at
    ) VALUES {transfers}
), entries AS (
    INSERT INTO credits_entry (tenant_id, id, wallet_id, transfer_id, version, amount, balance) VALUES {entries}
)
UPDATE credits_wallet SET version = written.version, balance = written.balance
FROM (VALUES {wallets}) AS written (id, version, balance)
WHERE credits_wallet.tenant_id = %s AND credits_wallet.id = written.id
"""


@cache
def _statement(moves: int, wallets: int, opens: bool, settles: bool) -> str:
    return _WRITE.format(
        holds=(_OPENS if opens else "") + (_SETTLES if settles else ""),
        transfers=", ".join([_row(12)] * moves),
        entries=", ".join([_row(7)] * moves * 2),
        wallets=", ".join([_row(3)] * wallets),
    )


def _row(columns: int) -> str:
    return f"({', '.join(['%s'] * columns)})"
