"""The one interface to whoever takes money: start a checkout, read what they tell us, pay back (decisions.md 19).

Only `read` may be called inside a transaction: the others go over the network. Amounts are in the currency's smallest unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Unreachable(Exception):
    """Nobody answered, or not as agreed: nothing is known of what happened there. Trying again with the same key is safe."""


class TurnedDown(Exception):
    """The provider will not do it, and has not. Its text is the reason, for staff."""


class Forged(Exception):
    """What came is not from the provider, too old, or can't be read. Its text is for the log."""


class What(StrEnum):
    """What an event is about."""

    PAID = "paid"
    PENDING = "pending"
    NOT_PAID = "not_paid"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody wants to pay. `key` makes the provider start one checkout however often it is asked."""

    key: str
    tenant: str
    purchase: str
    title: str
    price: int
    currency: str
    email: str
    return_url: str
    cancel_url: str


@dataclass(frozen=True)
class Checkout:
    """The provider's name for it, and where the payer goes."""

    reference: str
    url: str


@dataclass(frozen=True, kw_only=True)
class RefundOrder:
    """Money that goes back. `key` as in Order; `again` when an earlier try may have reached the provider."""

    key: str
    tenant: str
    refund: str
    payment: str
    price: int
    currency: str
    again: bool = False


@dataclass(frozen=True)
class RefundAnswer:
    """The provider's name for the refund, and whether the money has left; if not, an event will say so."""

    reference: str
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class Event:
    """What the provider tells. `purchase` and `refund` are our ids as it gave them back, empty where it named none."""

    id: str
    kind: str
    what: What
    tenant: str = ""
    purchase: str = ""
    refund: str = ""
    checkout: str = ""
    payment: str = ""
    price: int = 0
    currency: str = ""
    said: str = ""


class PaymentProvider(Protocol):
    """Somebody who takes money for a tenant."""

    name: str
    label: str

    def start(self, order: Order) -> Checkout:
        """Begin a checkout. Raises Unreachable, TurnedDown."""

    def read(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """What a message says whose signature holds. Raises Forged. No network."""

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Pay back to where the money came from. Raises Unreachable, TurnedDown."""
