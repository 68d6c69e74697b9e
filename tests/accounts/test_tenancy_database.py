"""What the database says by itself: the one function that looks past the wall, and many hands at once.

Threads have connections of their own and commit for real, so each test uses tenants of its own and removes them.
"""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle, islice

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, connections

from accounts.models import Membership, Tenant, User
from accounts.tenancy import tenant_scope, uuid7
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.models import Calendar, Claim, FreeDay
from marketplace.models import Topic
from notifications import outbox
from tests import factories

HOUR = timedelta(hours=1)


def rows(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


# --- the one look past the wall --------------------------------------------------------------------------


def test_due_work_names_tenants_and_moments_only(north, south):
    """T1, T8: the relay asks who has work, and learns nothing of what it is."""
    for tenant in (north, south):
        with tenant_scope(tenant):
            outbox.enqueue(topic="secret", dedupe_key="secret", payload={"id": "secret"}, due_at=factories.NOW)
    found = rows("SELECT * FROM outbox_due_tenants(%s)", factories.NOW)
    assert set(found) == {(north.pk, factories.NOW), (south.pk, factories.NOW)}
    assert rows("SELECT count(*) FROM notifications_outboxmessage") == [(0,)], "without a tenant the rows stay hidden"


def test_it_is_the_only_function_with_its_owners_rights(db):
    functions = rows(
        """SELECT proname, pg_get_function_result(oid), has_function_privilege('public', oid, 'EXECUTE'), proconfig
           FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"""
    )
    assert functions == [
        (
            "outbox_due_tenants",
            "TABLE(tenant_id bigint, oldest timestamp with time zone)",
            False,
            ["search_path=pg_catalog, pg_temp"],
        )
    ]


# --- many hands ------------------------------------------------------------------------------------------


def committed(work, *args):
    """Run in a thread, outside the transaction that the test rolls back."""

    def run():
        try:
            return work(*args)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def found_tenant(people):
    tenant = Tenant.objects.create(slug=f"t-{uuid7()}", name="Threads", contact_email="a@example.org")
    users = [User.objects.create_user(f"{uuid7()}@example.org") for _ in range(people)]
    with tenant_scope(tenant):
        Topic.objects.create(slug="own", name=tenant.slug)
        for user in users:
            member = Membership.objects.create(user=user, name="Person")
            Calendar.objects.create(member=member, time_zone="UTC")
    return tenant


def remove(tenant):
    with tenant_scope(tenant):
        users = list(Membership.objects.values_list("user", flat=True))
        for model in (Claim, FreeDay, Calendar, Membership, Topic):
            model.objects.all().delete()
    EmailAddress.objects.filter(user__in=users).delete()
    # Raw: Django would look for rows that point here, and those belong to tenants.
    for leftover in (User.objects.filter(pk__in=users), Tenant.objects.filter(pk=tenant.pk)):
        leftover._raw_delete(leftover.db)


@pytest.fixture
def new_tenant(db):
    """Make a tenant that other connections see."""
    made = []

    def new_tenant(*, people=0):
        made.append(committed(found_tenant, people))
        return made[-1]

    yield new_tenant
    for tenant in made:
        committed(remove, tenant)


@pytest.mark.parametrize("_round", range(3))
def test_fifty_hands_at_one_slot_of_two_people(new_tenant, _round):
    """Decisions 26, F60: one wins, the others hear "taken", nobody deadlocks; half name the people the other way round."""
    tenant = new_tenant(people=2)
    barrier = threading.Barrier(50)

    def take(backwards):
        try:
            with tenant_scope(tenant):
                pair = list(Calendar.objects.order_by("pk"))
            barrier.wait()
            with tenant_scope(tenant):
                calendars.claim(
                    calendars=pair[::-1] if backwards else pair,
                    start=factories.NOW,
                    end=factories.NOW + HOUR,
                    kind=ClaimKind.SESSION,
                    reference=f"race:{uuid7()}",
                )
        except calendars.TimeTaken as taken:
            return taken.__cause__.__cause__.sqlstate
        finally:
            connections.close_all()
        return "won"

    def claims():
        with tenant_scope(tenant):
            return Claim.objects.count()

    with ThreadPoolExecutor(50) as pool:
        assert Counter(pool.map(take, islice(cycle([False, True]), 50))) == {"won": 1, "23P01": 49}
    assert committed(claims) == 2


def test_reused_connections_show_each_tenant_its_own(new_tenant):
    """F123 in small: SET LOCAL goes with its transaction, so the next tenant on the connection starts clean."""
    tenants = [new_tenant() for _ in range(4)]

    def visit(first):
        seen = []
        try:
            for tenant in islice(cycle(tenants), first, first + 100):
                with tenant_scope(tenant), connection.cursor() as cursor:
                    cursor.execute("SELECT name FROM marketplace_topic WHERE name LIKE 't-%'")
                    seen.append(cursor.fetchall() == [(tenant.slug,)])
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM marketplace_topic")
                    seen.append(cursor.fetchall() == [(0,)])
        finally:
            connections.close_all()
        return Counter(seen)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(visit, range(4)), Counter()) == {True: 800}
