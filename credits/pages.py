"""What the pages about credits show (PG-50): a member's own, in the tenant's words and the reader's clock.

A reference such as "booking:NW-7K4Q" names a page and what stands there, so a line leads to it without this app knowing it.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from django.core.paginator import Page, Paginator
from django.urls import NoReverseMatch, reverse

from accounts import formatting
from accounts.models import Membership
from accounts.money import money
from accounts.policies import Vocabulary

from . import queries
from .enums import TransferKind, WalletKind
from .models import Entry, Hold

PER_PAGE, RECENT = 50, 8
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SAYS = {
    TransferKind.GRANT: "Given by support",
    TransferKind.CORRECTION: "Taken back by support",
    TransferKind.VOUCHER: "Voucher",
    TransferKind.ALLOWANCE: "Allowance",
    TransferKind.PURCHASE: "Bought",
    TransferKind.REFUND: "Paid back to you",
    TransferKind.UNREFUND: "Came back, the money could not be paid back",
    TransferKind.HOLD: "Held",
    TransferKind.RETURN: "Came back",
    TransferKind.EARNING: "Spent",
    TransferKind.FEE: "Spent, kept by the marketplace",
    TransferKind.REVERSAL: "Held again",
}
SAYS_EARNED = {TransferKind.EARNING: "Earned", TransferKind.REVERSAL: "Taken back"}


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    text: str
    href: str = ""
    sub: str = ""
    number: bool = False


@dataclass(frozen=True)
class Column:
    """The head of a column."""

    label: str
    number: bool = False


@dataclass(frozen=True)
class Reader:
    """Whose page it is, and the zone (IANA name) and clock it speaks in."""

    member: Membership
    words: Vocabulary
    zone: str
    hour_cycle: int
    now: datetime

    def counted(self, amount: int) -> str:
        """ "30 credits"."""
        return formatting.plural(amount, self.words.credit, self.words.credits)

    def when(self, moment: datetime) -> str:
        """ "Tue 24 Nov, 3pm"."""
        return formatting.day_and_time(moment, self.zone, self.now, self.hour_cycle)


@dataclass(frozen=True)
class Wanted:
    """What the statement is narrowed to: a kind of line, or the earned ones, within [since, until)."""

    kind: str = ""
    earned: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Overview:
    """The first page: three numbers with words, what is held for what, what is not paid yet, and the last lines."""

    sums: Sequence[tuple[str, str]]
    held: Sequence[Sequence[Cell]]
    held_columns: Sequence[Column]
    lines: Sequence[Sequence[Cell]]
    columns: Sequence[Column]
    earned: str
    unpaid: Sequence[tuple[str, str]] = ()


def overview(reader: Reader) -> Overview:
    """What the member has, of which what is held, and what happened last. Four queries."""
    have, holds = queries.balances(reader.member), list(queries.open_holds(reader.member))
    for_what = f"held for {formatting.plural(len(holds), 'booking')}" if holds else "held"
    sums = [(str(have.available), "to use"), (str(have.held), for_what), (str(have.in_all), "in all")]
    return Overview(
        sums=sums,
        held=[_held(hold, reader) for hold in holds],
        held_columns=[Column("For"), Column("Since"), Column("Held", number=True)],
        lines=[_line(entry, reader) for entry in queries.statement(reader.member)[:RECENT]],
        columns=columns(earned=False),
        earned=reader.counted(have.earned) if have.earned else "",
        unpaid=[
            (
                f"{reader.counted(row.credits)} for {money(row.price, row.currency)}",
                reverse("purchase", args=[row.code]),
            )
            for row in queries.unpaid_purchases(reader.member)
        ],
    )


def columns(*, earned: bool) -> list[Column]:
    """The heads of the statement."""
    after = "Earned after" if earned else "To use after"
    return [Column("Date"), Column("What"), *(Column(label, number=True) for label in ("In", "Out", after))]


def statement(reader: Reader, wanted: Wanted, number: str | None) -> tuple[Page, list[list[Cell]]]:
    """One page of the lines that are wanted, the newest first."""
    page = Paginator(lines_of(reader.member, wanted), PER_PAGE).get_page(number)
    return page, [_line(entry, reader) for entry in page]


def lines_of(member: Membership, wanted: Wanted):
    """The lines that are wanted, as rows of the ledger."""
    if wanted.earned:
        return queries.earnings(member, since=wanted.since, until=wanted.until)
    kinds = [TransferKind(wanted.kind)] if wanted.kind else []
    return queries.statement(member, since=wanted.since, until=wanted.until, kinds=kinds)


def as_csv(entries: Iterable[Entry], reader: Reader) -> Iterator[str]:
    """The lines as CSV, moments in UTC; a text that a spreadsheet would run as a formula begins with an apostrophe (F104)."""
    yield _row(["Date (UTC)", "What", "For", "Why", "In", "Out", "To use after"])
    for entry in entries:
        moved = entry.transfer
        coming, going, after = _amounts(entry)
        yield _row(
            [
                f"{moved.at:%Y-%m-%d %H:%M}", _says(entry), moved.reference, moved.reason, coming, going, after
            ]
        )  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return out.getvalue()


def _held(hold: Hold, reader: Reader) -> list[Cell]:
    name, href = named(hold.reference)
    return [Cell(name, href), Cell(reader.when(hold.opened_at)), Cell(str(hold.amount), number=True)]


def _line(entry: Entry, reader: Reader) -> list[Cell]:
    moved = entry.transfer
    name, href = named(moved.reference)
    about = ": ".join(part for part in (_says(entry), name) if part)
    return [
        Cell(reader.when(moved.at)),
        Cell(about, href, moved.reason),
        *(Cell(text, number=True) for text in _amounts(entry)),
    ]


def _says(entry: Entry) -> str:
    kind = TransferKind(entry.transfer.kind)
    return (SAYS_EARNED if entry.wallet.kind == WalletKind.EARNED else SAYS)[kind]


def _amounts(entry: Entry) -> tuple[str, str, str]:
    """In, out, and what was there afterwards; nothing of the last where the line is one of what is held."""
    coming, going = (str(entry.amount), "") if entry.amount > 0 else ("", str(-entry.amount))
    return coming, going, "" if entry.wallet.kind == WalletKind.HELD else str(entry.balance)


def named(reference: str) -> tuple[str, str]:
    """What a reference is called, and the page of what it names, if that has one."""
    kind, _, name = reference.partition(":")
    try:
        return name, reverse(kind, args=[name]) if name else ""
    except NoReverseMatch:
        return name, ""
