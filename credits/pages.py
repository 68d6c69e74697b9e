"""What the pages about credits show (PG-50): a member's own, in the tenant's words and the reader's clock."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.urls import reverse

from accounts import formatting
from accounts.models import Membership
from accounts.money import money
from accounts.policies import Vocabulary

from . import queries
from .enums import TransferKind, WalletKind
from .models import Entry, Hold
from .references import Asking, Named, names

PER_PAGE, RECENT = 50, 8
AMOUNTS, EARNED_AMOUNTS = ("In", "Out", "To use after"), ("In", "Out", "Earned after")
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
    """One cell of a table. On a narrow screen a `wide` one takes a line of its own, and a number says its `label`."""

    text: str
    href: str = ""
    sub: str = ""
    number: bool = False
    label: str = ""
    wide: bool = False
    is_head: bool = False


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

    @property
    def printed(self) -> str:
        """When and in whose clock a page is put on paper: "Mon 23 Nov 2026, 9:14am, Prague (GMT+1)" (ux.md 3.8)."""
        moment = formatting.day_and_time(self.now, self.zone, hour_cycle=self.hour_cycle)
        return f"{moment}, {formatting.zone_label(self.now, self.zone)}"

    def names(self, references: Iterable[str]) -> dict[str, Named]:
        """What each of them is called for the reader."""
        return names(references, Asking(self.member, self.zone, self.now))

    def named(self, reference: str) -> Named:
        """What one reference is called for the reader."""
        return self.names([reference])[reference]


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
    """What the member has, of which what is held, and what happened last. Five queries."""
    have, holds = queries.balances(reader.member), list(queries.open_holds(reader.member))
    last = list(queries.statement(reader.member)[:RECENT])
    named = reader.names([*(hold.reference for hold in holds), *(entry.transfer.reference for entry in last)])
    for_what = f"held for {formatting.plural(len(holds), 'booking')}" if holds else "held"
    said = ((have.available, "to use"), (have.held, for_what), (have.in_all, "in all"))
    sums = [(formatting.number(amount), what) for amount, what in said]
    return Overview(
        sums=sums,
        held=[_held(hold, reader, named) for hold in holds],
        held_columns=[Column("For"), Column("Since"), Column("Held", number=True)],
        lines=[_line(entry, reader, named) for entry in last],
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
    labels = EARNED_AMOUNTS if earned else AMOUNTS
    return [Column("Date"), Column("What"), *(Column(label, number=True) for label in labels)]


def statement(reader: Reader, wanted: Wanted, number: str | None) -> tuple[Page, list[list[Cell]]]:
    """One page of the lines that are wanted, the newest first."""
    page = Paginator(lines_of(reader.member, wanted), PER_PAGE).get_page(number)
    named = reader.names(entry.transfer.reference for entry in page)
    return page, [_line(entry, reader, named) for entry in page]


def months(reader: Reader, wanted: Wanted) -> list[tuple[str, str]]:
    """The months that the statement can be narrowed to, the newest first: ("2026-11", "November 2026"). One query."""
    here = ZoneInfo(reader.zone)
    first = queries.first_line_at(lines_of(reader.member, Wanted(earned=wanted.earned))) or reader.now
    begin, end = (_month(moment.astimezone(here)) for moment in (first, reader.now))
    numbers = list(range(end, begin - 1, -1))
    # An address may ask for any other month: it is chosen, too, so that the page says what it shows.
    if wanted.since and (other := _month(wanted.since)) not in numbers:
        numbers.append(other)
    return [
        (f"{number // 12:04}-{number % 12 + 1:02}", f"{formatting.MONTHS[number % 12]} {number // 12}")
        for number in numbers
    ]


def _month(moment: datetime) -> int:
    return moment.year * 12 + moment.month - 1


def lines_of(member: Membership, wanted: Wanted):
    """The lines that are wanted, as rows of the ledger."""
    if wanted.earned:
        return queries.earnings(member, since=wanted.since, until=wanted.until)
    kinds = [TransferKind(wanted.kind)] if wanted.kind else []
    return queries.statement(member, since=wanted.since, until=wanted.until, kinds=kinds)


def as_csv(entries: Sequence[Entry], reader: Reader) -> Iterator[str]:
    """The lines as CSV, moments in UTC; a text that a spreadsheet would run as a formula begins with an apostrophe (F104)."""
    yield _row(["Date (UTC)", "What", "For", "Reference", "Why", "In", "Out", "To use after"])
    named = reader.names(entry.transfer.reference for entry in entries)
    for entry in entries:
        moved = entry.transfer
        amounts = ("" if amount is None else str(amount) for amount in _amounts(entry))
        yield _row(
            [
                f"{moved.at:%Y-%m-%d %H:%M}", _says(entry), named[moved.reference].name, moved.reference, moved.reason,
                *amounts,
            ]
        )  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return out.getvalue()


def _held(hold: Hold, reader: Reader, named: dict[str, Named]) -> list[Cell]:
    what = named[hold.reference]
    return [
        Cell(what.name, what.href, wide=True, is_head=True),
        Cell(reader.when(hold.opened_at), label="Since"),
        Cell(formatting.number(hold.amount), number=True, label="Held"),
    ]


def _line(entry: Entry, reader: Reader, named: dict[str, Named]) -> list[Cell]:
    moved, earned = entry.transfer, entry.wallet.kind == WalletKind.EARNED
    what = named[moved.reference]
    about = ": ".join(part for part in (_says(entry), what.name) if part)
    return [
        Cell(reader.when(moved.at), wide=True),
        Cell(about, what.href, moved.reason, wide=True, is_head=True),
        *(
            Cell("" if amount is None else formatting.number(amount), number=True, label=label)
            for amount, label in zip(_amounts(entry), EARNED_AMOUNTS if earned else AMOUNTS, strict=True)
        ),
    ]


def _says(entry: Entry) -> str:
    kind = TransferKind(entry.transfer.kind)
    return (SAYS_EARNED if entry.wallet.kind == WalletKind.EARNED else SAYS)[kind]


def _amounts(entry: Entry) -> tuple[int | None, int | None, int | None]:
    """In, out, and what was there afterwards; nothing of the last where the line is one of what is held."""
    coming, going = (entry.amount, None) if entry.amount > 0 else (None, -entry.amount)
    return coming, going, None if entry.wallet.kind == WalletKind.HELD else entry.balance
