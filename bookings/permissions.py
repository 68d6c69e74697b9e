"""Who somebody is to a booking."""

from accounts.enums import Role
from accounts.models import Membership

from .context import Refusal
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


def why_not_as_staff(membership: Membership, booking: Booking) -> Refusal | None:
    """Who takes part in a booking acts on it as that side; what staff do to it is for others of the staff (PG-81)."""
    if actor_of(membership, booking) not in (Actor.CLIENT, Actor.PROVIDER):
        return None
    sentence = (
        "You take part in this booking yourself, so you can't act on it as staff. Ask somebody else of the staff."
    )
    return Refusal("own", sentence)
