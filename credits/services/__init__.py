"""The door to credits: nothing else moves them. Each needs an open tenant scope, which is one transaction (L1-L10)."""

from ..ledger import KeyUsed, TooFewCredits
from ..refusals import Refused
from .adjustments import adjust, approve, check_adjustment, refuse
from .allowances import give_allowances, join_programme, leave_programme
from .arrivals import ADDED_TOPIC, arrive
from .holds import capture, change, hold, hold_id, queue, release, reopen
from .purchases import begin_purchase, lapse_overdue, price_of, selling_here, start_checkout, take_event
from .refunds import REFUND_TOPIC, ask_refund, check_refund, give_back, pay_back, refund_price, refundable, try_again
from .vouchers import make_voucher, redeem

__all__ = [
    "ADDED_TOPIC",
    "REFUND_TOPIC",
    "KeyUsed",
    "Refused",
    "TooFewCredits",
    "adjust",
    "approve",
    "arrive",
    "ask_refund",
    "begin_purchase",
    "capture",
    "change",
    "check_adjustment",
    "check_refund",
    "give_allowances",
    "give_back",
    "hold",
    "hold_id",
    "join_programme",
    "lapse_overdue",
    "leave_programme",
    "make_voucher",
    "pay_back",
    "price_of",
    "queue",
    "redeem",
    "refund_price",
    "refundable",
    "refuse",
    "release",
    "reopen",
    "selling_here",
    "start_checkout",
    "take_event",
    "try_again",
]
