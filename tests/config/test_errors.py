"""Error pages say what happened, whether anything was saved and what to do, and never more than that (PG-90)."""

import re

import pytest
from django.test import Client

from accounts.models import Membership
from accounts.tenancy import tenant_scope
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _broken_urls(settings):
    settings.TENANT_URLCONF = "tests.config.broken_urls"


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def kim(north, client) -> Membership:
    with tenant_scope(north):
        member = factories.member("Kim Okafor")
    client.force_login(member.user)
    return member


@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_a_refused_request_keeps_the_frame_and_gives_a_reference(kim, client, status):
    page = client.get(f"/t/north/raise/{status}/")

    text = page.content.decode()
    assert page.status_code == status
    assert "Northwind Mentors" in text
    assert "Account of Kim Okafor" in text
    assert re.search(r"give this reference: <span class=\"mono\">[0-9A-F]{8}</span>", text)


@pytest.mark.parametrize("status", [400, 403, 404, 413, 500, 503])
def test_an_exception_undoes_what_the_view_had_done(kim, client, status):
    client.get(f"/t/north/raise/{status}/")

    with tenant_scope(kim.tenant):
        assert Membership.objects.get().name == "Kim Okafor"


@pytest.mark.parametrize("status", [500, 503])
def test_a_breakdown_is_static_and_tells_no_detail(kim, client, status, caplog):
    page = client.get(f"/t/north/raise/{status}/")

    text = page.content.decode()
    assert page.status_code == status
    assert "secret detail" not in text
    assert "Northwind" not in text
    reference = re.search(r"<span class=\"mono\">([0-9A-F]{8})</span>", text)[1]
    assert f"Reference {reference}: GET /t/north/raise/{status}/ was answered with {status}." in caplog.text


def test_a_database_that_is_away_says_when_to_come_back(north, client):
    assert client.get("/t/north/raise/503/").headers["Retry-After"] == "60"


@pytest.mark.parametrize("path", ["/t/north/only-post/", "/t/north/settings/theme/"])
def test_a_page_that_only_takes_posts_says_so_in_words(north, client, path):
    page = client.get(path)

    assert (page.status_code, page.headers["Allow"]) == (405, "POST")
    assert "Nothing was changed." in page.content.decode()


def test_what_a_page_can_not_read_says_so_in_words(north, client):
    page = client.post("/t/north/settings/theme/", {"theme": "pink"})

    assert page.status_code == 400
    assert "We could not read that" in page.content.decode()


def test_a_closed_address_says_so_in_words(north, client):
    page = client.get("/t/north/gone/")

    assert page.status_code == 410
    assert "This link has expired" in page.content.decode()


def test_a_missing_page_offers_search_inside_a_tenant(north, client):
    page = client.get("/t/north/nothing-here/").content.decode()

    assert '<form class="search brief" action="/t/north/experts/" method="get" role="search"' in page
    assert client.get("/nothing-here/").status_code == 404


@pytest.mark.parametrize("path", ["/t/north/nothing-here/", "/t/north/raise/404/", "/t/nobody/", "/nothing-here/"])
def test_a_missing_page_says_so_in_words_on_a_development_installation(north, client, settings, path):
    """PG-90: `make run` is tried by people who are no developers; Django's technical page scrolls sideways on phones."""
    settings.DEBUG = True

    page = client.get(path)

    assert page.status_code == 404
    assert "We could not find that page" in page.content.decode()
    assert "URLconf" not in page.content.decode()


def test_foreign_and_absent_look_alike(north, south, client):
    pages = [client.get(f"/t/{slug}/help/") for slug in ("nobody", "nowhere")]

    texts = [
        re.sub(r"nobody|nowhere|[0-9A-F]{8}|value=\"[A-Za-z0-9]{64}\"", "", page.content.decode()) for page in pages
    ]
    assert texts[0] == texts[1]


# --- CSRF ------------------------------------------------------------------------------------------------


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_page_that_was_open_too_long_offers_to_send_again_what_was_typed(north, strict):
    page = strict.post(
        "/t/north/settings/time/?next=/x",
        {"zone": "Europe/Lisbon", "notes": ['a "quoted" <note>', "two"], "csrfmiddlewaretoken": "old"},
        headers={"origin": "http://testserver"},
    )

    text = page.content.decode()
    assert page.status_code == 403
    assert "Nothing was sent." in text
    assert '<form method="post" action="/t/north/settings/time/?next=/x">' in text
    assert '<input type="hidden" name="zone" value="Europe/Lisbon">' in text
    assert '<input type="hidden" name="notes" value="a &quot;quoted&quot; &lt;note&gt;">' in text
    assert '<input type="hidden" name="notes" value="two">' in text
    assert 'value="old"' not in text


def test_sending_again_works(north, strict):
    page = strict.post("/t/north/settings/time/", {"zone": "Europe/Lisbon"}, headers={"origin": "http://testserver"})
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]

    done = strict.post("/t/north/settings/time/", {"zone": "Europe/Lisbon", "csrfmiddlewaretoken": token})

    assert done.status_code == 303


def test_a_password_is_not_written_into_the_page(north, strict):
    page = strict.post(
        "/t/north/signin/password/", {"login": "kim@example.org", "password": "a long walk"},
        headers={"origin": "http://testserver"},
    )  # fmt: skip

    assert "kim@example.org" in page.content.decode()
    assert "a long walk" not in page.content.decode()


@pytest.mark.parametrize("origin", [{"origin": "https://evil.example"}, {"origin": "null"}, {}])
def test_what_another_site_sent_is_not_offered_again(north, strict, origin):
    page = strict.post("/t/north/settings/time/", {"zone": "Europe/Lisbon"}, headers=origin)

    assert page.status_code == 403
    assert "Europe/Lisbon" not in page.content.decode()
    assert "Send again" not in page.content.decode()
