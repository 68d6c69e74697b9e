from .getting import Adjustment, Programme, ProgrammeMember, Voucher
from .keys import RequestKey
from .ledger import Entry, Hold, Transfer, Wallet
from .purchases import PaymentEvent, Purchase, Refund
from .verification import Verification

__all__ = [
    "Adjustment",
    "Entry",
    "Hold",
    "PaymentEvent",
    "Programme",
    "ProgrammeMember",
    "Purchase",
    "Refund",
    "RequestKey",
    "Transfer",
    "Verification",
    "Voucher",
    "Wallet",
]
