"""A provider's page: who they are, whose page it is, what it costs to show (PG-04)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from marketplace import services
from marketplace.enums import Listing
from tests import factories

from .reading import ANA, THURSDAY, TUESDAY, get, main, notes, pressed

pytestmark = pytest.mark.usefixtures("at_demo_time")


def test_profile_says_who_they_are(client, ana, north):
    with tenant_scope(north):
        services.update_provider(provider=ana, answers_within_hours=5)
    text = get(client)
    assert "<title>Ana Nowak – Northwind Mentors</title>" in text
    assert re.findall(r"<h1[^>]*>([^<]+)</h1>", text) == ["Ana Nowak"]
    for words in (
        "Tax planning for founders", "Prague, 9:14am there now", "Czech, English", "Usually answers in 5 hours",
        "<p>First line.</p>", "<p>Second line.</p>", '<li class="tag">Tax and money</li>',
        "30 minutes, video. One decision.", "60 minutes, phone", "30 credits", "60 credits",
        "Both awake 7am to 3pm your time.", "Times are shown in Chicago time. Ana Nowak is in Prague, 7 hours ahead.",
        "30 credits. Ana Nowak answers within 72 hours.",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("slug", ["nobody", "ana-nowak-2", "x" * 300])
def test_profile_of_nobody_is_404(client, ana, slug):
    get(client, f"/t/north/experts/{slug}/", 404)


def test_profile_of_the_unpublished_is_404(client, ana, north):
    with tenant_scope(north):
        services.update_provider(provider=ana, is_published=False)
    get(client, ANA, 404)
    get(client, f"{ANA}times/", 404, HX_Request="true")


def test_profile_belongs_to_its_tenant(client, ana, south):
    get(client, "/t/south/experts/ana-nowak/", 404)
    with tenant_scope(south):
        sue = factories.provider("Sue South")
        foreign = factories.service(sue)
    text = get(client, f"{ANA}?service={foreign.pk}")
    assert notes(text) == ["That service is not offered any more. Choose another one."]
    assert str(foreign.pk) not in main(text)


def test_profile_without_services_says_so(client, north):
    with tenant_scope(north):
        factories.provider()
    text = get(client)
    assert "Ana Nowak offers nothing to ask for right now" in text
    assert 'id="picker"' in text
    assert "<form" not in main(text)


def test_profile_leaves_out_services_of_a_paused_topic(client, ana, north):
    with tenant_scope(north):
        services.set_listing(provider=ana, topic=ana.half.topic, listing=Listing.SUSPENDED)
    text = get(client)
    assert "One decision." not in text
    assert "Deep dive" in text
    assert "Tax and money" not in text


def test_profile_tells_providers_that_it_is_their_own(client, ana):
    assert "This is your own page" not in get(client)
    client.force_login(ana.member.user)
    assert "This is your own page" in get(client)


@pytest.mark.parametrize(
    ("made", "leads_to"),
    [
        ("needs_client", "/t/north/portal/bookings/new/"),
        ("confirmed", "/t/north/portal/bookings/new/"),
        ("off", f"{ANA}request/"),
    ],
)
def test_a_provider_books_for_somebody_from_an_empty_time_of_their_own(client, ana, north, made, leads_to):
    """S3.12: the time and the service are in the form already; where clients ask themselves nothing changes (D16)."""
    with tenant_scope(north):
        adopt_policy(policy=Policy(provider_made=made))
    client.force_login(ana.member.user)
    text = get(client, f"{ANA}?slot={TUESDAY}")
    assert ("Choose a time and continue to book it for somebody." in text) == (made != "off")

    response = client.get(pressed(text, "Continue"))

    place = urlsplit(response.headers["location"])
    assert (place.path, TUESDAY in parse_qs(place.query)["slot" if made == "off" else "at"]) == (leads_to, True)
    assert client.get(response.headers["location"]).status_code == 200


def test_on_the_page_of_another_provider_one_is_a_client(client, ana, north):
    with tenant_scope(north):
        adopt_policy(policy=Policy(provider_made="confirmed"))
        client.force_login(factories.provider("Ben Larsen").member.user)
    response = client.get(pressed(get(client, f"{ANA}?slot={TUESDAY}"), "Continue"))
    assert urlsplit(response.headers["location"]).path == f"{ANA}request/"


@pytest.mark.parametrize("query", ["", f"?slot={TUESDAY}&slot={THURSDAY}&from=2026-12-07&own=Thu+2am&do=check"])
def test_profile_takes_a_fixed_number_of_queries(
    client, ana, north, three_times, django_assert_num_queries, django_assert_max_num_queries, query
):
    get(client, ANA + query)
    with django_assert_max_num_queries(15) as few:
        get(client, ANA + query)
    expected = len(few)  # Kept now: the next request clears the log.
    with tenant_scope(north):
        services.update_provider(provider=ana, topics=[factories.topic(f"Topic {number}") for number in range(3)])
        for number in range(3):
            factories.service(ana, f"Service {number}")
            factories.service(factories.provider(f"Person {number}"))
    with django_assert_num_queries(expected):
        get(client, ANA + query)
