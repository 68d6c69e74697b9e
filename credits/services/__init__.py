"""The door to credits: nothing else moves them. Each needs an open tenant scope, which is one transaction (L1-L10)."""

from ..ledger import KeyUsed, Locked, TooFewCredits
from ..refusals import Refused
from .adjustments import adjust, approve, check_adjustment, refuse
from .allowances import give_allowances, join_programme, leave_programme
from .arrivals import ADDED_TOPIC, arrive
from .holds import available, capture, change, hold, hold_id, queue, release, reopen
from .vouchers import make_voucher, redeem

__all__ = [
    "ADDED_TOPIC",
    "KeyUsed",
    "Locked",
    "Refused",
    "TooFewCredits",
    "adjust",
    "approve",
    "arrive",
    "available",
    "capture",
    "change",
    "check_adjustment",
    "give_allowances",
    "hold",
    "hold_id",
    "join_programme",
    "leave_programme",
    "make_voucher",
    "queue",
    "redeem",
    "refuse",
    "release",
    "reopen",
]
