"""The door to bookings: nothing else writes them (B10)."""

from .beginnings import begin, is_paused
from .deadlines import close_rivals, complete_ended, expire_overdue, remind_to_answer, settle_waiting
from .facts import facts_about, is_outside_hours, last_event, with_balance, with_service
from .rehearsal import Rehearsal, rehearse
from .requests import SlotGone, check_request, request_session, sorted_times
from .setup import set_up
from .transitions import CHANGED_MEANWHILE, Refused, perform

__all__ = [
    "CHANGED_MEANWHILE",
    "Refused",
    "Rehearsal",
    "SlotGone",
    "begin",
    "check_request",
    "close_rivals",
    "complete_ended",
    "expire_overdue",
    "facts_about",
    "is_outside_hours",
    "is_paused",
    "last_event",
    "perform",
    "rehearse",
    "remind_to_answer",
    "request_session",
    "set_up",
    "settle_waiting",
    "sorted_times",
    "with_balance",
    "with_service",
]
