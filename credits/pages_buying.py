"""What the pages about buying credits show (PG-50): packs with prices, and one purchase with what is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from accounts.money import money
from accounts.policies import Selling

from . import queries
from .enums import PurchaseState, RefundState
from .forms.buying import OWN, BuyForm
from .models import Purchase, Refund
from .pages import Reader
from .payments import provider_of

POLL_SECONDS = 3
# Whoever comes back later than this from the provider's page may look by themselves.
POLLS_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Choice:
    """One pack, or a number of one's own."""

    value: str
    label: str
    price: str
    sub: str
    checked: bool


@dataclass(frozen=True)
class Fact:
    """A line of a receipt."""

    label: str
    value: str
    href: str = ""
    sub: str = ""


@dataclass(frozen=True)
class PurchasePage:
    """One purchase. `kind` and `title` make the notice on top; `pay` is where it can be paid; `poll` 0 asks no more."""

    kind: str
    title: str
    text: str
    facts: Sequence[Fact]
    pay: str = ""
    pay_label: str = ""
    can_start: bool = False
    poll: int = 0
    back: str = ""
    back_label: str = ""
    note: str = ""


def choices(selling: Selling, form: BuyForm, reader: Reader) -> list[Choice]:
    """The packs, with what one credit of each costs, and a number of one's own where any is sold."""
    chosen = form["pack"].value()
    found = []
    for pack in selling.packs:
        each = money(round(pack.price / pack.credits), selling.currency)
        sub = f"{each} each" if len(selling.packs) > 1 or selling.credit_price else ""
        value = str(pack.credits)
        price = money(pack.price, selling.currency)
        found.append(Choice(value, reader.counted(pack.credits), price, sub, chosen == value))
    if selling.credit_price and selling.packs:
        each = f"{money(selling.credit_price, selling.currency)} each"
        found.append(Choice(OWN, "Another number", each, "", chosen == OWN))
    return found


def purchase_page(purchase: Purchase, reader: Reader, *, came_back: bool, note: str) -> PurchasePage:
    """What is known of a purchase. `came_back`: the provider sent the member here after paying, which proves nothing yet.

    `note` is what the seller says on receipts.
    """
    back_label, back = reader.named(purchase.reference)
    facts = _facts(purchase, reader)
    if purchase.state == PurchaseState.PAID:
        have = reader.counted(queries.balances(reader.member).available)
        text = f"You can use {have} now." + (f" {back_label} goes on by itself." if back else "")
        title = f"{reader.counted(purchase.credits)} added"
        return PurchasePage("ok", title, text, facts, back=back, back_label=back_label, note=note)
    if purchase.state == PurchaseState.LAPSED:
        text = "The payment was declined or not finished. Nothing was taken from you."
        return PurchasePage("warn", "Not paid", text, facts, back=back, back_label=back_label)
    return _open(purchase, reader, facts, came_back, back, back_label)


def _open(
    purchase: Purchase, reader: Reader, facts: Sequence[Fact], came_back: bool, back: str, back_label: str
) -> PurchasePage:
    provider = provider_of(reader.member.tenant, purchase.provider)
    where = provider.label if provider else "the payment page"
    price = money(purchase.price, purchase.currency)
    if not purchase.checkout_url:
        text = f"We could not reach {where}. Nothing was taken. Try again in a moment."
        return PurchasePage("warn", "Not paid yet", text, facts, can_start=True, back=back, back_label=back_label)
    if came_back:
        text = (
            f"We are waiting for {where} to confirm your payment. The {reader.words.credits} come by themselves; "
            "you don't have to stay here. If you did not pay, nothing was taken."
        )
        fresh = reader.now - purchase.asked_at < POLLS_FOR
        return PurchasePage(
            "info", "Being confirmed", text, facts, pay=purchase.checkout_url, pay_label="Back to paying",
            poll=POLL_SECONDS if fresh else 0, back=back, back_label=back_label,
        )  # fmt: skip
    text = f"You pay {price} on {where}. The {reader.words.credits} are yours once it confirms the payment."
    return PurchasePage(
        "info", "Not paid yet", text, facts, pay=purchase.checkout_url, pay_label=f"Pay {price}", back=back,
        back_label=back_label,
    )  # fmt: skip


def _facts(purchase: Purchase, reader: Reader) -> list[Fact]:
    facts = [
        Fact("What", reader.counted(purchase.credits)),
        Fact("Price", money(purchase.price, purchase.currency)),
        Fact("Receipt number", purchase.code),
        Fact("For", reader.member.name, sub=reader.member.user.email),
    ]
    if purchase.paid_at:
        facts.append(Fact("Paid", reader.when(purchase.paid_at)))
    return [*facts, *(_refund(refund, purchase, reader) for refund in purchase.refunds.order_by("asked_at", "pk"))]


def _refund(refund: Refund, purchase: Purchase, reader: Reader) -> Fact:
    price, counted = money(refund.price, purchase.currency), reader.counted(refund.credits)
    said = {
        RefundState.ASKED: f"{price} for {counted}, on its way",
        RefundState.DONE: f"{price} for {counted}, on {reader.when(refund.done_at)}" if refund.done_at else "",
        RefundState.FAILED: f"{price} for {counted}: it did not get through, and our staff look into it",
        RefundState.WITHDRAWN: f"{counted} came back to you: the {price} could not be paid back",
    }
    return Fact("Paid back", said[RefundState(refund.state)], sub=refund.reason)
