"""The booking aggregate: a booking, the proposals on its table, its timeline. Only bookings.services writes it (B10)."""

from .booking import Booking
from .event import BookingEvent
from .late_change import LateChange
from .proposal import Proposal, ProposalTime
from .standing import EvidenceFile, Explanation, StandingReview
from .support_request import SupportRequest

__all__ = [
    "Booking",
    "BookingEvent",
    "EvidenceFile",
    "Explanation",
    "LateChange",
    "Proposal",
    "ProposalTime",
    "StandingReview",
    "SupportRequest",
]
