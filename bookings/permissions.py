"""Who somebody is to a booking."""

from accounts.enums import Role
from accounts.models import Membership

from .enums import Actor
from .models import Booking


def actor_of(membership: Membership | None, booking: Booking) -> Actor | None:
    """The side a member is on: client, provider, staff of the tenant, or None for strangers, who get a 404 (T2)."""
    if membership is None:
        return None
    if booking.client_id == membership.pk:
        return Actor.CLIENT
    if booking.provider.member_id == membership.pk:
        return Actor.PROVIDER
    if membership.has(Role.STAFF, Role.OWNER):
        return Actor.STAFF
    return None
