"""Outbox work of this app: translate, one domain call."""

from uuid import UUID

from django.utils import timezone

from accounts.models import Tenant
from accounts.tenancy import tenant_scope
from notifications.relay import Work

from . import services
from .idempotency import forget_keys


def pay_refund(work: Work) -> None:
    """Topic `credits.refund`: the payload names the refund and which of its tries this is."""
    services.pay_back(
        tenant=work.tenant,
        refund_id=UUID(work.payload["refund_id"]),
        tries=work.payload["tries"],
        attempt=work.attempts,
        now=timezone.now(),
    )


def tidy(tenant: Tenant) -> int:
    """Forget keys of old forms and close purchases that nobody paid; returns how many rows."""
    now = timezone.now()
    with tenant_scope(tenant):
        return forget_keys(now=now) + services.lapse_overdue(now=now)
