"""Many hands at one moment: a shop on the running site whose bookings are committed, and calls released at one instant."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections

from accounts.tenancy import tenant_scope
from bookings import services
from tests import factories


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
