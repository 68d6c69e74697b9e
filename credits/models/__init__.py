from .getting import Adjustment, Programme, ProgrammeMember, Voucher
from .ledger import Entry, Hold, Transfer, Wallet
from .verification import Verification

__all__ = [
    "Adjustment",
    "Entry",
    "Hold",
    "Programme",
    "ProgrammeMember",
    "Transfer",
    "Verification",
    "Voucher",
    "Wallet",
]
