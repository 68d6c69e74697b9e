"""Addresses that leave the product, for mails and calendar files."""

from functools import cache
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from accounts.addresses import page_url
from accounts.models import Membership

from .models import Booking

ACTIONS = (
    "accept", "decline", "withdraw", "suggest", "reschedule", "cancel", "ask_to_cancel", "join", "outcome", "contest",
    "support",
)  # fmt: skip


def of(booking: Booking) -> dict[str, str]:
    """The absolute addresses of a booking's pages. None of them changes anything when it is opened (R-MAIL-1).

    `again` begins a request that points at this one (T30), `provider` one that doesn't; `new_time` is the provider's way.
    """
    page = page_url(booking.tenant, "booking", booking.code)
    provider = page_url(booking.tenant, "provider", booking.provider.slug)
    return {name: f"{page}{way}" for name, way in _ways(settings.TENANT_URLCONF)} | {
        "booking": page,
        "again": f"{provider}?{urlencode({'service': booking.service_id, 'again': booking.code})}",
        "provider": f"{provider}?{urlencode({'service': booking.service_id})}",
        "new_time": _new_time(booking),
        "credits": page_url(booking.tenant, "credits"),
        "staff": page_url(booking.tenant, "admin:bookings_booking_change", str(booking.pk)),
    }


@cache
def _ways(urlconf: str) -> tuple[tuple[str, str], ...]:
    """How the addresses of the actions go on after the booking's: a mail has them all, and few of them are followed."""
    page, code = reverse("booking", urlconf=urlconf, args=["CODE"]), ["CODE"]
    return tuple((name, reverse(f"booking_{name}", urlconf=urlconf, args=code).removeprefix(page)) for name in ACTIONS)


def _new_time(booking: Booking) -> str:
    """Where the provider offers the client a time anew; empty where providers don't (D16, EM-E9)."""
    if booking.policy.provider_made == "off":
        return ""
    chosen = {"client": booking.client_id, "service": booking.service_id, "again": booking.code}
    return f"{page_url(booking.tenant, 'new_booking')}?{urlencode(chosen)}"


def zone_of(member: Membership, booking: Booking) -> str:
    """The zone a person lives in: their own, else their calendar's, else the tenant's."""
    if member.user.time_zone:
        return member.user.time_zone
    return booking.provider.calendar.time_zone if member == booking.provider.member else booking.tenant.time_zone
