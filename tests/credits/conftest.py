from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.tenancy import tenant_scope, uuid7
from credits import queries, services, verification
from tests import factories
from tests.worlds import kept


@pytest.fixture
def people(in_north, now):
    """Kim, who has credits to spend, Ana, who earns them, and two of the staff."""

    def make(tenant):
        ida = factories.member("Ida Berg", roles=(Role.STAFF,), zone="Europe/Dublin")
        sam = factories.member("Sam Doyle", roles=(Role.STAFF,), zone="Europe/Dublin")
        kim, ana = factories.member("Kim Okafor", credits=0), factories.member("Ana Nowak", roles=(Role.PROVIDER,))
        return SimpleNamespace(kim=kim, ana=ana, ida=ida, sam=sam, tenant=tenant)

    return kept("people with credits", make, in_north)


@pytest.fixture
def give(people, now):
    """Give a member, Kim unless said, so many credits."""

    def give(amount, member=None, key=None, by=None):
        return services.adjust(
            member=member or people.kim,
            amount=amount,
            reason="To begin with",
            by=by or people.ida,
            request_key=key or uuid7().hex,
            now=now,
        )

    return give


@pytest.fixture
def has():
    """What a member has: to use, held, earned."""

    def has(member):
        found = queries.balances(member)
        return found.available, found.held, found.earned

    return has


@pytest.fixture(autouse=True)
def _laws_hold(request, now):
    """After each test that has a tenant open, every law holds."""
    if "people" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("people")
    yield
    assert verification.verify(verification.LAWS, now=now) == []


@pytest.fixture
def bank(site, django_db_blocker):
    """A tenant on the running site's database, with three clients, two who earn, and staff."""
    with django_db_blocker.unblock(), site.data():
        tenant = factories.tenant(f"bank-{uuid7().hex[-12:]}")
        with tenant_scope(tenant):
            staff = factories.member("Ida Berg", roles=(Role.STAFF,))
            clients = [factories.member(name, credits=0) for name in ("Kim", "Lena", "Joon")]
            earners = [factories.member(name, roles=(Role.PROVIDER,)) for name in ("Ana", "Ben")]
        yield SimpleNamespace(
            tenant=tenant, staff=staff, clients=clients, earners=earners, now=timezone.now(), site=site
        )
