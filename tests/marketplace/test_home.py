"""The front page (PG-01)."""

import re

import pytest

from accounts.tenancy import tenant_scope
from marketplace import services
from tests import factories
from tests.worlds import once

pytestmark = pytest.mark.usefixtures("at_demo_time")


def page(client, address: str = "/t/north/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
@once
def ana(north):
    with tenant_scope(north):
        ana = factories.provider(topics=[factories.topic("Tax and money")])
        ana.first_service = factories.service(ana, price=30)
        return ana


def test_home_speaks_the_tenants_words(client, ana, south):
    text = page(client)
    assert "<title>Find an expert – Northwind Mentors</title>" in text
    assert "See all 1 expert</a>" in text
    assert '<h2 id="topics">Skills</h2>' in text
    assert "Find a consultant" in page(client, "/t/south/")


def test_home_shows_who_is_free_soonest_with_links_to_ask(client, ana):
    client.cookies["tz"] = "America/Chicago"
    text = page(client)
    assert '<h2 id="soon">Free soonest</h2>' in text
    name = "Ask Ana Nowak for Monday 23 November, 2:30am to 3am, 9:30am in Prague"
    assert (
        f'<span class="vh">{name}</span><span aria-hidden="true">Mon 23</span><b aria-hidden="true">2:30am</b>' in text
    )
    assert (
        f'href="/t/north/experts/ana-nowak/request/?service={ana.first_service.pk}&amp;slot=2026-11-23T08:30Z"' in text
    )
    assert text.count('class="chip"') == 3


def test_home_counts_topics_and_links_to_them(client, ana):
    text = page(client)
    assert 'href="/t/north/experts/?topic=tax-and-money"' in text
    assert re.search(r"<span>Tax and money</span><span class=\"num\">1<span class=\"vh\"> experts</span>", text)
    assert 'href="/t/north/experts/?q=Tax+and+money">tax and money</a>' in text


def test_home_says_how_it_works_by_the_tenants_rules(client, ana):
    text = page(client)
    assert "Ask for a time" in text
    assert "Within 72 hours." in text
    talks = factories.tenant("talks", preset="talks")
    text = page(client, "/t/talks/")
    assert "Ask for up to 3 times" in text
    assert "Within 7 days." in text
    assert talks.name in text


def test_home_without_providers_says_so_and_offers_no_search(client, north):
    text = page(client)
    assert "No experts yet" in text
    assert 'role="search"' not in text
    assert "Free soonest" not in text


def test_home_without_free_times_still_leads_to_the_directory(client, north):
    with tenant_scope(north):
        factories.service(factories.provider(hours=[]))
    text = page(client)
    assert "Free soonest" not in text
    assert '<a href="/t/north/experts/">See all 1 expert</a>' in text


def test_home_leaves_out_the_unpublished_and_other_tenants(client, ana, north, south):
    with tenant_scope(south):
        factories.service(factories.provider("Sue South"))
    with tenant_scope(north):
        services.update_provider(provider=ana, is_published=False)
    text = page(client)
    assert "Ana Nowak" not in text
    assert "Sue South" not in text
    assert "Sue South" in page(client, "/t/south/")


def test_home_takes_a_fixed_number_of_queries(client, north, django_assert_num_queries, django_assert_max_num_queries):
    with tenant_scope(north):
        factories.service(factories.provider("Person 0"))
    page(client)
    with django_assert_max_num_queries(10) as one:
        page(client)
    expected = len(one)  # Kept now: the next request clears the log.
    with tenant_scope(north):
        for number in (1, 2):
            factories.service(factories.provider(f"Person {number}", topics=[factories.topic(f"Topic {number}")]))
    page(client)  # The first page after a change reads the overview.
    with django_assert_num_queries(expected):
        assert page(client).count('class="card provider"') == 3


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_answer_to_reading_only(client, ana, method):
    for address in (
        "/t/north/",
        "/t/north/experts/",
        "/t/north/experts/ana-nowak/",
        "/t/north/experts/ana-nowak/times/",
    ):
        assert getattr(client, method)(address).status_code == 405
