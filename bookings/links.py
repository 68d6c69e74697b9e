"""Addresses that leave the product: absolute, below the tenant's own root."""

from django.conf import settings
from django.urls import get_script_prefix, reverse

from accounts.models import Membership, Tenant

from .models import Booking


def root_of(tenant: Tenant) -> str:
    """Where a tenant lives, without a slash at the end: its own host, or /t/<slug> on the platform's."""
    if tenant.host:
        return f"https://{tenant.host}"
    return f"{settings.PLATFORM_URL.rstrip('/')}/t/{tenant.slug}"


def of(booking: Booking) -> dict[str, str]:
    """The addresses of a booking's pages. None of them changes anything when it is opened (R-MAIL-1)."""
    root = root_of(booking.tenant)
    pages = {name: f"booking_{name}" for name in ("accept", "decline", "withdraw", "ics")} | {"booking": "booking"}
    addresses = {name: root + _path(page, booking.code) for name, page in pages.items()}
    addresses["again"] = root + _path("provider", booking.provider.slug)
    return addresses


def zone_of(member: Membership, booking: Booking) -> str:
    """The zone a person lives in: their own, else their calendar's, else the tenant's."""
    if member.user.time_zone:
        return member.user.time_zone
    return booking.provider.calendar.time_zone if member == booking.provider.member else booking.tenant.time_zone


def _path(name: str, *args: str) -> str:
    # Without the script name of the request in which the mail was caused.
    path = reverse(name, urlconf=settings.TENANT_URLCONF, args=args)
    return "/" + path.removeprefix(get_script_prefix())
