"""Where signing in leads, and signing out (PG-20; ASVS 6.x as fitted in reliability.md 4, rows 28 to 38)."""

import pytest

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from tests import factories

from .people import PASSWORD, with_password

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("by", ["password", "code"])
def test_signing_in_returns_to_the_exact_page(browser, kim, by):
    page = "/t/north/experts/?q=tax&topic=a b"
    if by == "password":
        done = browser.post("/signin/password/", login=kim.email, password=PASSWORD, next=page)
    else:
        asked = browser.post("/signin/", login=kim.email, next=page)
        shown = browser.client.get(asked.headers["Location"])
        assert f'<input type="hidden" name="next" value="{page.replace("&", "&amp;")}">' in shown.content.decode()
        done = browser.post("/signin/code/", code=browser.code(), next=page)

    assert done.headers["Location"] == page.replace(" ", "%20")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "http:///evil.example", "javascript:alert(1)",
        "https://localhost.evil.example/", "https://book.hosted.example/",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_other_host(browser, kim, elsewhere, settings):
    settings.ALLOWED_HOSTS = ["testserver", "book.hosted.example"]

    done = browser.post("/signin/password/", login=kim.email, password=PASSWORD, next=elsewhere)

    assert done.headers["Location"] == "/t/north/"


def test_a_provider_starts_at_today(browser, north):
    with tenant_scope(north):
        ana = with_password(factories.member("Ana Nowak", roles=(Role.PROVIDER,)).user)

    done = browser.post("/signin/password/", login=ana.email, password=PASSWORD)

    assert done.headers["Location"] == "/t/north/portal/"


def test_who_is_signed_in_already_goes_on(browser, kim):
    browser.post("/signin/password/", login=kim.email, password=PASSWORD)

    assert browser.get("/signin/?next=/t/north/help/").headers["Location"] == "/t/north/help/"


def test_signing_out_needs_a_press(browser, kim):
    browser.post("/signin/password/", login=kim.email, password=PASSWORD)

    browser.get("/signout/")
    assert browser.is_signed_in
    done = browser.post("/signout/")

    assert not browser.is_signed_in
    assert done.headers["Location"] == "/t/north/"
