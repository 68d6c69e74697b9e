"""Many hands at one moment: a shop on the running site whose bookings are committed, and calls released at one instant."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.tenancy import tenant_scope, uuid7
from bookings import services
from tests import factories


@pytest.fixture
def shop(site, django_db_blocker):
    """A provider on the running site whose one time many people may ask for, and a Wednesday at ten, ten days ahead or more."""
    now = timezone.now()
    today = now.astimezone(ZoneInfo("Europe/Prague"))
    # Later than any time to answer, whatever day it is today.
    day = today + timedelta(days=16 - today.weekday())
    start = day.replace(hour=10, minute=0, second=0, microsecond=0)
    with django_db_blocker.unblock(), site.data():
        tenant = factories.tenant(f"race-{uuid7().hex[-12:]}")
        with tenant_scope(tenant):
            ana = factories.provider("Ana Nowak", now=now)
            service = factories.service(ana, hides_asked_times=False)
        yield SimpleNamespace(tenant=tenant, ana=ana, service=service, start=start, now=now, path=f"/t/{tenant.slug}")


def ask(shop, client, start=None):
    """A request of `client`, committed."""
    with tenant_scope(shop.tenant):
        return services.request_session(client=client, service=shop.service, starts=[start or shop.start], now=shop.now)


def member(shop, name="Kim Okafor"):
    with tenant_scope(shop.tenant):
        return factories.member(name)


def at_once(*calls):
    """Run the calls in threads of their own, released at one instant; what each gave back, in their order."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(60)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        return cursor.fetchone()[1]
