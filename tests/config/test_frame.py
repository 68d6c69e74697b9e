"""What stands around every page: navigation by role, counts, switcher, and what it costs (ux.md 2.0)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory

from accounts import queries, services
from accounts.enums import Role
from accounts.models import Membership
from accounts.policies import Policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from accounts.theme import fingerprint
from bookings import services as bookings
from config.frame import NavItem, Place, frame
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "{% for item in nav %}{{ item.label }}{% if item.count %} {{ item.count }} {{ item.count_words }}{% endif %}|{% endfor %}"


@pytest.fixture
def at(in_north):
    """A request for one of the tenant's pages, as its views get it, the scope being open."""

    def make(page: str, member: Membership | None = None, **cookies: str):
        request = RequestFactory().get("/")
        request.COOKIES = cookies
        request.tenant, request.membership = in_north, member
        request.urlconf = "config.urls.tenant"
        request.user = member.user if member else AnonymousUser()
        request.resolver_match = type("Match", (), {"url_name": page})()
        return request

    return make


@pytest.fixture(autouse=True)
def _tenant_urls(settings):
    settings.ROOT_URLCONF = settings.TENANT_URLCONF


def nav(request) -> list[tuple[str, bool, int]]:
    return [(item.label, item.current, item.count) for item in frame(request)["nav"]]


def test_a_guest_finds_experts_in_the_tenants_words(at):
    context = frame(at("directory"))

    assert nav(at("directory")) == [("Find an expert", True, 0), ("Bookings", False, 0)]
    assert context["portal"] is False
    assert context["viewer"].is_authenticated is False
    assert context["words"].provider == "expert"
    assert list(context["switcher"]) == []


def test_a_client_sees_how_many_bookings_wait_for_an_answer(at, monkeypatch):
    kim = factories.member()

    assert frame(at("home", kim))["nav"][1] == NavItem(
        "Bookings", "/bookings/", "calendar-check", current=False, count=0, count_words="need your answer"
    )


def test_a_member_finds_their_credits_where_sessions_cost_some(at):
    """2.0: in the tenant's word; without a statement more than recognising the member takes."""
    kim = factories.member(credits=0)
    adopt_policy(policy=Policy(price_unit="credits"))
    at("credits").tenant.vocabulary = {"credits": "points"}
    request = at("credits_statement", queries.membership_of(kim.user))
    assert nav(request)[-1] == ("Points", True, 0)
    assert frame(request)["nav"][-1].url == "/credits/"
    adopt_policy(policy=Policy(price_unit="none"))
    assert nav(at("bookings", queries.membership_of(kim.user)))[-1] == ("Bookings", True, 0)


def test_a_provider_works_in_the_portal_and_sees_requests_counted(at, now):
    ana = factories.provider()
    service = factories.service(ana)
    for name in ("Kim Okafor", "Leo Fiore"):
        day = 1 if name.startswith("Kim") else 2
        start = now.replace(hour=10, minute=0) + timedelta(days=day)
        bookings.request_session(client=factories.member(name), service=service, starts=[start], notes="Hello", now=now)

    context = frame(at("today", ana.member))

    assert [(item.label, item.current, item.count, item.count_words) for item in context["nav"]] == [
        ("Today", True, 2, "need your answer"), ("Bookings", False, 0, ""), ("Hours", False, 0, ""),
    ]  # fmt: skip
    assert context["portal"] is True


def test_a_provider_makes_a_booking_in_the_portal(at):
    context = frame(at("new_booking", factories.provider().member))

    assert context["portal"] is True
    assert [item.label for item in context["nav"] if item.current] == ["Bookings"]


def test_a_provider_who_browses_keeps_the_way_back(at):
    ana = factories.provider()

    request = at("directory", ana.member)

    assert nav(request) == [("Find an expert", True, 0), ("Today", False, 0), ("Bookings", False, 0)]
    assert frame(request)["portal"] is False
    assert list(frame(request)["switcher"]) == [Place("Switch to Meetings", "/portal/")]


def test_a_provider_in_the_portal_can_switch_to_what_clients_see(at):
    ana = factories.provider()

    assert list(frame(at("bookings", ana.member))["switcher"]) == [Place("Switch to client view", "/")]


def test_staff_find_the_administration(at):
    sam = factories.member("Sam Dahl", roles=(Role.STAFF,))

    assert list(frame(at("home", sam))["switcher"]) == [Place("Administration", "/admin/")]


def test_a_member_without_a_role_sees_what_a_guest_sees(at):
    nobody = factories.member("Noa Levi", roles=())

    request = at("today", nobody)

    assert nav(request) == nav(at("today"))
    assert (frame(request)["portal"], list(frame(request)["switcher"])) == (False, [])


def test_a_suspended_provider_has_no_portal(at):
    assert frame(at("today", None))["portal"] is False


def test_somebody_in_two_tenants_can_go_to_the_other(north, south, client):
    with tenant_scope(north):
        kim = factories.member()
    with tenant_scope(south):
        services.join(user=kim.user, roles=[Role.CLIENT])
    client.force_login(kim.user)

    page = client.get("/t/north/help/").content.decode()

    assert "You are in Northwind Mentors" in page
    assert '<a href="/t/south/">' in page
    assert "You are in" not in client.get("/help/").content.decode()


def test_a_tenant_with_a_host_of_its_own_is_reached_there(north, client, settings):
    settings.PLATFORM_URL = "https://parley.example"
    hosted = factories.tenant("hosted", name="Hosted House", host="book.hosted.example")
    with tenant_scope(north):
        kim = factories.member()
    with tenant_scope(hosted):
        services.join(user=kim.user, roles=[Role.CLIENT])
    client.force_login(kim.user)

    assert '<a href="https://book.hosted.example/">' in client.get("/t/north/help/").content.decode()


def test_the_viewer_is_called_as_in_this_tenant(at):
    kim = factories.member("Kim Okafor", zone="America/Chicago")
    kim.user.name = "Somebody Else"

    viewer = frame(at("home", kim))["viewer"]

    assert (viewer.name, viewer.initials, viewer.zone, viewer.zone_city) == (
        "Kim Okafor", "KO", "America/Chicago", "Chicago",
    )  # fmt: skip
    assert viewer.hour_cycle == 12


def test_the_chip_says_when_the_zone_is_only_the_marketplaces(at):
    assert frame(at("home"))["viewer"].zone_is_the_marketplaces is True
    assert frame(at("home", tz="Asia%2FTokyo"))["viewer"].zone_is_the_marketplaces is False


# --- what it costs ---------------------------------------------------------------------------------------


def test_a_part_of_a_page_asks_the_database_nothing(at, django_assert_num_queries):
    request = at("today", factories.provider().member)

    with django_assert_num_queries(0):
        text = engines["django"].from_string("{{ viewer.name }} {{ words.provider }} {{ theme }}").render({}, request)

    assert text == "Ana Nowak expert system"


def test_the_navigation_costs_one_query_and_the_switcher_one(at, django_assert_num_queries):
    request = at("today", factories.provider().member)

    with django_assert_num_queries(1):
        engines["django"].from_string(PAGE + PAGE).render({}, request)
    with django_assert_num_queries(1):
        engines["django"].from_string("{% for place in switcher %}{{ place.label }}{% endfor %}").render({}, request)


def test_a_guests_frame_costs_nothing(at, django_assert_num_queries):
    with django_assert_num_queries(0):
        engines["django"].from_string('{% extends "base.html" %}{% block title %}x{% endblock %}').render(
            {}, at("home")
        )


# --- colours ------------------------------------------------------------------------------------------------


def test_the_accent_is_a_file_that_never_changes(north, client):
    page = client.get("/t/north/help/").content.decode()
    address = f"/t/north/theme/{fingerprint(north.accent)}.css"
    assert f'href="{address}"' in page

    css = client.get(address)

    assert css.headers["Content-Type"] == "text/css; charset=utf-8"
    assert css.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--accent:light-dark(#1D5FA8," in css.content.decode()


def test_another_accent_is_another_file_and_the_old_one_is_gone(north, client):
    before = fingerprint(north.accent)
    north.accent = "#7A1F5C"
    north.save()

    assert client.get(f"/t/north/theme/{before}.css").status_code == 404
    assert client.get(f"/t/north/theme/{fingerprint('#7A1F5C')}.css").status_code == 200
