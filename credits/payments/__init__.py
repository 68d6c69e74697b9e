"""Who takes money for credits: Stripe, and a test provider for development, behind one interface."""

from django.conf import settings

from accounts.models import Tenant

from .base import (
    Checkout,
    Event,
    Forged,
    Order,
    PaymentProvider,
    RefundAnswer,
    RefundOrder,
    TurnedDown,
    Unreachable,
    What,
)
from .local import TestPayments
from .stripe_checkout import StripePayments

__all__ = [
    "Checkout",
    "Event",
    "Forged",
    "Order",
    "PaymentProvider",
    "RefundAnswer",
    "RefundOrder",
    "TurnedDown",
    "Unreachable",
    "What",
    "provider_of",
]


def provider_of(tenant: Tenant, name: str) -> PaymentProvider | None:
    """The provider of that name as the tenant uses it; None where it is not switched on (docs/operations.md)."""
    if name == TestPayments.name:
        return TestPayments(tenant) if settings.TEST_PAYMENTS else None
    keys = settings.STRIPE_KEYS
    own = keys.get(tenant.slug) or keys.get("*")
    if name == StripePayments.name and own:
        return StripePayments(own["secret_key"], own["webhook_secret"], api_base=settings.STRIPE_API_BASE)
    return None
