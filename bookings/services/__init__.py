"""The door to bookings: nothing else writes them (B10)."""

from .deadlines import expire_overdue
from .requests import SlotGone, check_request, request_session
from .setup import set_up
from .transitions import Refused, facts_about, perform

__all__ = [
    "Refused",
    "SlotGone",
    "check_request",
    "expire_overdue",
    "facts_about",
    "perform",
    "request_session",
    "set_up",
]
