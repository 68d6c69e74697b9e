"""The laws of every tenant's books, asked by `manage.py verify` and by beat each night (reliability.md 2, 6.10)."""

from collections.abc import Iterator
from datetime import datetime

from accounts.models import Tenant
from accounts.tenancy import tenant_scope
from bookings.verification import LAWS as BOOKINGS
from credits.verification import LAWS as CREDITS
from credits.verification import Finding, Law, keep, verify


def laws() -> tuple[Law, ...]:
    """Every law that is a query."""
    return (*CREDITS, *BOOKINGS)


def verify_all(*, now: datetime) -> Iterator[tuple[Tenant, list[Finding]]]:
    """What does not hold, tenant by tenant, each in a transaction of its own; the result is kept for the tenant's staff."""
    for tenant in Tenant.objects.order_by("pk"):
        with tenant_scope(tenant):
            findings = verify(laws(), now=now)
            keep(findings, now=now)
        yield tenant, findings
