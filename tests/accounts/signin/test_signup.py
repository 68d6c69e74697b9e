"""Signing up (PG-21; ASVS 6.x as fitted in reliability.md 4, rows 28 to 38)."""

import pytest

from accounts import queries
from accounts.models import Affiliation, Membership
from accounts.tenancy import tenant_scope

from .people import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_new_person_becomes_a_client_once_the_address_is_confirmed(browser, north):
    browser.client.cookies["tz"] = "Asia%2FCalcutta"
    asked = browser.post("/signup/", name="Priya Raman", email="Priya@Example.org", next="/t/north/policies/")
    assert asked.headers["Location"] == "/t/north/signup/code/"
    with tenant_scope(north):
        assert not Membership.objects.exists()

    done = browser.post("/signup/code/", code=browser.code())

    assert done.headers["Location"] == "/t/north/policies/"
    assert browser.is_signed_in
    with tenant_scope(north):
        [member] = Membership.objects.select_related("user")
    assert (member.name, member.roles, member.user.email) == ("Priya Raman", ["client"], "priya@example.org")
    assert member.user.time_zone == "Asia/Kolkata"
    assert not member.user.has_usable_password()
    assert Affiliation.objects.get().tenant == north


def test_an_address_that_is_not_confirmed_opens_nothing(browser, north):
    browser.post("/signup/", name="Priya Raman", email="priya@example.org")

    browser.post("/signup/code/", code="0000-0000")

    assert not browser.is_signed_in
    assert browser.get("/settings/").status_code == 302


def test_signing_up_tells_what_is_missing(browser):
    page = browser.post("/signup/", name="", email="priya").content.decode()

    assert "Enter your name as others should see it." in page
    assert "Enter an email address with an @, like kim@example.org." in page


def test_one_person_is_a_stranger_in_another_tenant_and_may_look_around(browser, kim, south):
    browser.post("/signin/password/", login=kim.email, password=PASSWORD)

    page = browser.client.get("/t/south/help/")

    assert page.status_code == 200
    assert page.wsgi_request.membership is None
    with tenant_scope(south):
        assert queries.membership_of(kim) is None
