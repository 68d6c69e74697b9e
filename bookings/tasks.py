"""Outbox work of this app: translate, one domain call."""

from uuid import UUID

from django.utils import timezone

from accounts.tenancy import tenant_scope
from notifications.relay import Work

from . import services


def set_up_booking(work: Work) -> None:
    """Topic `bookings.set_up`: the payload names the booking."""
    with tenant_scope(work.tenant):
        services.set_up(booking_id=UUID(work.payload["booking_id"]), now=timezone.now())
