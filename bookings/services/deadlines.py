"""The clock acts too: proposals that nobody answered in time are closed (T16, X8)."""

from datetime import datetime
from uuid import UUID

from accounts.models import Tenant
from accounts.tenancy import tenant_scope

from ..enums import Action, Actor, ProposalState
from ..models import Booking, Proposal
from .transitions import Refused, perform

BATCH = 200


def expire_overdue(*, tenant: Tenant, now: datetime) -> int:
    """Close the overdue proposals of a tenant, oldest first; how many were closed. Safe to run twice at once.

    Each is closed in a transaction of its own, so that no calendar stays locked while the next one is waited for.
    """
    with tenant_scope(tenant):
        open_proposals = Proposal.objects.filter(state=ProposalState.OPEN, answer_by__lt=now)
        overdue = list(open_proposals.order_by("answer_by").values_list("booking_id", flat=True)[:BATCH])
    return sum(_expire(tenant, booking_id, now) for booking_id in overdue)


def _expire(tenant: Tenant, booking_id: UUID, now: datetime) -> bool:
    try:
        with tenant_scope(tenant):
            booking = Booking.objects.select_related("provider").get(pk=booking_id)
            perform(booking=booking, action=Action.EXPIRE, actor=Actor.SYSTEM, by=None, now=now)
    except Refused:
        # Somebody answered at this very moment.
        return False
    return True
