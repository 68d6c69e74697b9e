"""What a tenant offers as a whole: read once a minute, seen at once by who changes it (PG-01)."""

from datetime import timedelta

import pytest

from accounts.tenancy import tenant_scope
from marketplace import services
from marketplace.enums import Listing, Place
from marketplace.models import Provider
from marketplace.overview import Overview, overview
from tests import factories
from tests.worlds import once


def counts(now) -> dict[str, int]:
    return {row.topic.name: row.count for row in overview(now=now).topics}


@pytest.fixture
@once
def ana(in_north):
    ana = factories.provider(topics=[factories.topic("Tax")], languages=["cs", "en"])
    factories.service(ana, minutes=60, price=60, place=Place.IN_PERSON)
    factories.service(ana, minutes=15, price=15)
    return ana


def test_overview_says_what_is_offered(ana, now):
    factories.provider("Emil Lind", languages=["fr"], is_published=False)
    found = overview(now=now)
    assert (found.published, found.lengths, found.places) == (1, (15, 60), ("video", "in_person"))
    assert (found.languages, found.highest_price) == (("cs", "en"), 60)


def test_overview_of_a_new_tenant_is_empty(in_north, now):
    assert overview(now=now) == Overview(0, (), (), (), (), 0, ())


def test_topics_count_listed_and_published_providers(ana, now):
    tax, pay = ana.topics.get(), factories.topic("Pay")
    ben = factories.provider("Ben Abara", topics=[tax, pay])
    assert counts(now) == {"Tax": 2, "Pay": 1}
    services.set_listing(provider=ben, topic=pay, listing=Listing.SUSPENDED)
    assert counts(now) == {"Tax": 2, "Pay": 0}
    services.update_provider(provider=ben, is_published=False)
    assert counts(now) == {"Tax": 1, "Pay": 0}


def test_overview_is_remembered_for_a_minute(ana, now, django_assert_num_queries):
    with django_assert_num_queries(5):
        overview(now=now)
    # As another process would, behind the back of this one's services.
    Provider.objects.filter(pk=ana.pk).update(is_published=False)
    with django_assert_num_queries(0):
        assert overview(now=now + timedelta(seconds=59)).published == 1
    with django_assert_num_queries(5):
        assert overview(now=now + timedelta(seconds=60)).published == 0


def test_overview_can_be_read_anew(ana, now):
    overview(now=now)
    Provider.objects.filter(pk=ana.pk).update(is_published=False)
    assert overview(now=now, fresh=True).published == 0
    assert overview(now=now).published == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda ana: factories.topic("Pay"),
        lambda ana: services.rename_topic(topic=factories.topic("Pay"), name="Salary"),
        lambda ana: services.update_provider(provider=ana, languages=["de"]),
        lambda ana: factories.service(ana, minutes=45),
        lambda ana: services.update_service(service=ana.services.first(), minutes=90),
        lambda ana: factories.provider("Ben Abara"),
    ],
)
def test_overview_follows_every_change_at_once(ana, now, change):
    before = overview(now=now)
    change(ana)
    after = overview(now=now)
    assert after != before
    assert after == overview(now=now, fresh=True)


def test_overview_never_crosses_tenants(north, south, now):
    with tenant_scope(north):
        factories.service(factories.provider(topics=[factories.topic("Tax")]))
        assert overview(now=now).published == 1
    with tenant_scope(south):
        assert overview(now=now) == Overview(0, (), (), (), (), 0, ())
    with tenant_scope(north):
        assert overview(now=now).published == 1
