"""The clock acts too: proposals that nobody answered in time are closed (T16, X8)."""

from datetime import datetime

from ..enums import Action, Actor, ProposalState
from ..models import Proposal
from .transitions import Refused, perform

BATCH = 200


def expire_overdue(*, now: datetime) -> int:
    """Close the overdue proposals of the scope's tenant, oldest first; how many were closed. Safe to run twice at once."""
    overdue = (
        Proposal.objects.filter(state=ProposalState.OPEN, answer_by__lt=now)
        .select_related("booking__provider__member", "booking__client")
        .order_by("answer_by")[:BATCH]
    )
    return sum(_expire(proposal, now) for proposal in overdue)


def _expire(proposal: Proposal, now: datetime) -> bool:
    try:
        perform(booking=proposal.booking, action=Action.EXPIRE, actor=Actor.SYSTEM, by=None, now=now)
    except Refused:
        # Somebody answered at this very moment.
        return False
    return True
