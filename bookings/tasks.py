"""Outbox work of this app: translate, one domain call."""

from uuid import UUID

from django.utils import timezone

from accounts.tenancy import tenant_scope
from notifications.relay import Work

from . import services
from .services import standing


def set_up_booking(work: Work) -> None:
    """Topic `bookings.set_up`: the payload names the booking."""
    with tenant_scope(work.tenant):
        services.set_up(booking_id=UUID(work.payload["booking_id"]), now=timezone.now())


def close_rivals(work: Work) -> None:
    """Topic `bookings.close_rivals`: the payload names the booking that took the time."""
    services.close_rivals(booking_id=UUID(work.payload["booking_id"]), tenant=work.tenant, now=timezone.now())


def remind_to_answer(work: Work) -> None:
    """Topic `bookings.remind_to_answer`: the payload names the booking and the timeline event that put times on the table."""
    with tenant_scope(work.tenant):
        services.remind_to_answer(
            booking_id=UUID(work.payload["booking_id"]), sequence=work.payload["sequence"], now=timezone.now()
        )


def end_pause(work: Work) -> None:
    """Topic `bookings.end_pause`: the payload names the provider whose topics were paused."""
    with tenant_scope(work.tenant):
        standing.end_pause(provider_id=UUID(work.payload["provider_id"]), now=timezone.now())


def go_on_with_credits(work: Work) -> None:
    """Topic `credits.added`: the payload names the member whose bookings may go on now (T7c)."""
    services.settle_waiting(tenant=work.tenant, member_id=UUID(work.payload["member_id"]), now=timezone.now())
