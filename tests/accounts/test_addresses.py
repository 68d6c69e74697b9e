"""Which tenant an address means, and what the address does to everything made from it (ux.md 2.0, T1, T2)."""

import pytest
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django.urls import NoReverseMatch, get_script_prefix, reverse, set_urlconf
from django.urls.base import set_script_prefix

from accounts import addresses
from accounts.middleware import TenantAddressMiddleware
from accounts.models import Tenant
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def hosted(db) -> Tenant:
    return factories.tenant("hosted", name="Hosted House", host="book.hosted.example")


def seen(path: str, **headers) -> HttpRequest:
    """The request as a view behind the middleware would see it, with the prefix that `reverse` would use."""
    requests = []

    def view(request):
        request.prefix = get_script_prefix()
        requests.append(request)

    TenantAddressMiddleware(view)(RequestFactory().get(path, **headers))
    return requests[0]


def test_a_path_below_t_is_the_tenants_and_becomes_the_script_name(north):
    request = seen("/t/north/bookings/?state=requested")

    assert request.tenant == north
    assert request.path_info == "/bookings/"
    assert request.path == "/t/north/bookings/"
    assert request.get_full_path() == "/t/north/bookings/?state=requested"
    assert request.META["SCRIPT_NAME"] == "/t/north"
    assert request.prefix == "/t/north/"
    assert get_script_prefix() == "/"


def test_a_host_of_its_own_is_the_tenants_without_a_prefix(hosted):
    request = seen("/bookings/", headers={"host": "book.hosted.example"})

    assert request.tenant == hosted
    assert request.path_info == request.path == "/bookings/"
    assert request.prefix == "/"


@pytest.mark.parametrize("host", ["BOOK.Hosted.Example", "book.hosted.example:8443", "book.hosted.example."])
def test_a_host_is_known_in_every_spelling(hosted, host):
    assert seen("/", headers={"host": host}).tenant == hosted


def test_a_tenants_own_host_knows_no_other_tenant(hosted, north, client):
    assert seen("/t/north/help/", headers={"host": "book.hosted.example"}).tenant == hosted
    assert client.get("/t/north/help/", headers={"host": "book.hosted.example"}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/t/nobody/", "/t/nobody/help/", "/t/", "/t/North/help/", "/t/north.x/help/", "/policies/"]
)
def test_an_address_of_nobody_is_the_platforms_and_not_found(north, client, path):
    assert seen(path).tenant is None
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1.evil.example", "[::1]", "[2001:db8::1]:8000"])
def test_a_host_of_nobody_does_not_open_a_tenant_by_path(north, client, host):
    assert client.get("/t/north/help/", headers={"host": host}).status_code == 404


@pytest.mark.parametrize("host", ["north.example\r\nx: y", "a b", "user@north.example", "north.example/../"])
def test_a_broken_host_is_a_bad_request(north, client, host):
    assert client.get("/t/north/help/", headers={"host": host}).status_code == 400


def test_a_forgotten_slash_is_added_with_the_prefix(north, client):
    for short, full in (("/t/north", "/t/north/"), ("/t/north/help?a=1", "/t/north/help/?a=1")):
        assert client.get(short).headers["Location"] == full


def test_links_on_the_page_keep_the_prefix(north, client):
    page = client.get("/t/north/help/").content.decode()

    assert 'href="/t/north/policies/"' in page
    assert 'href="/policies/"' not in page


def test_links_on_a_tenants_own_host_have_none(hosted, client):
    page = client.get("/help/", headers={"host": "book.hosted.example"}).content.decode()

    assert 'href="/policies/"' in page
    assert "/t/" not in page


def test_a_redirect_to_sign_in_keeps_the_prefix_and_the_page(north, client):
    answer = client.get("/t/north/settings/?x=1")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/north/signin/?next=/t/north/settings/%3Fx%3D1")


def test_cookies_serve_all_tenants_of_one_host(north, client):
    answer = client.get("/t/north/signin/")

    assert {cookie["path"] for cookie in answer.cookies.values()} == {"/"}


def test_one_request_leaves_no_prefix_to_the_next(north, client):
    client.get("/t/north/help/")

    assert reverse("help") == "/help/"
    assert client.get("/help/").status_code == 200


def test_tenant_url_is_absolute(hosted, north, settings):
    settings.PLATFORM_URL = "https://parley.example"

    assert addresses.tenant_url(north) == "https://parley.example/t/north"
    assert addresses.tenant_url(hosted) == "https://book.hosted.example"


def test_tenant_url_of_a_development_host_keeps_scheme_and_port(hosted, settings):
    settings.PLATFORM_URL = "http://localhost:8123"

    assert addresses.tenant_url(hosted) == "http://book.hosted.example:8123"


def test_page_url_is_the_same_within_and_without_a_request(north, settings):
    settings.PLATFORM_URL = "https://parley.example"
    expected = "https://parley.example/t/north/help/"

    assert addresses.page_url(north, "help") == expected
    request = RequestFactory().get("/t/north/help/")
    TenantAddressMiddleware(lambda _: assert_equal(addresses.page_url(north, "help"), expected))(request)


def assert_equal(one, other) -> None:
    assert one == other


def test_a_remembered_path_is_the_one_of_its_tenant():
    for prefix in ("/t/north/", "/t/south/", "/", "/t/north/"):
        set_script_prefix(prefix)
        set_urlconf("config.urls.tenant")
        assert addresses.path_to("provider", "ana-nowak") == f"{prefix}experts/ana-nowak/"
        set_urlconf("config.urls.platform")
        with pytest.raises(NoReverseMatch):
            addresses.path_to("provider", "ana-nowak")
    set_urlconf(None)


def test_the_tag_writes_the_paths_that_reverse_writes():
    set_urlconf("config.urls.tenant")
    source = "{% url 'provider' slug %} {% url 'provider' slug=slug %}{% url 'directory' as there %} {{ there }}"
    shown = engines["django"].from_string(source).render({"slug": "ana-nowak"})
    set_urlconf(None)
    assert shown == "/experts/ana-nowak/ /experts/ana-nowak/ /experts/"
