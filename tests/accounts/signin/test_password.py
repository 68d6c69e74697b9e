"""Signing in by password, and a new one (PG-20, PG-22; ASVS 6.x as fitted in reliability.md 4, rows 28 to 38)."""

import pytest
from django.test import Client

from accounts import services
from accounts.enums import Role
from accounts.models import User
from accounts.tenancy import tenant_scope

from .people import PASSWORD, Browser

pytestmark = pytest.mark.django_db


def test_a_password_signs_in(browser, kim):
    done = browser.post("/signin/password/", login=kim.email, password=PASSWORD)

    assert (done.status_code, done.headers["Location"]) == (302, "/t/north/")
    assert browser.is_signed_in
    assert browser.mails() == []


@pytest.mark.parametrize("email", ["kim", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_words(browser, kim, email):
    page = browser.post("/signin/password/", login=kim.email if email == "kim" else email, password="wrong")

    words = "The email address and the password don&#x27;t match. Try again, or ask for a code by email."
    assert words in page.content.decode()
    assert not browser.is_signed_in


def test_a_session_is_new_after_signing_in(browser, kim):
    browser.post("/signin/password/", login=kim.email, password="wrong")
    before = browser.client.session.session_key

    browser.post("/signin/password/", login=kim.email, password=PASSWORD)

    assert browser.client.session.session_key != before


@pytest.mark.parametrize(("ticked", "ends_with_browser"), [({"remember": "on"}, False), ({}, True)])
@pytest.mark.parametrize("by", ["password", "code"])
def test_the_session_lasts_as_long_as_the_person_ticked(browser, kim, ticked, ends_with_browser, by):
    if by == "password":
        browser.post("/signin/password/", login=kim.email, password=PASSWORD, **ticked)
    else:
        browser.post("/signin/", login=kim.email, **ticked)
        browser.post("/signin/code/", code=browser.code())

    assert browser.is_signed_in
    assert browser.client.session.get_expire_at_browser_close() is ends_with_browser


def test_a_closed_account_does_not_open(browser, kim):
    kim.is_active = False
    kim.save()

    browser.post("/signin/password/", login=kim.email, password=PASSWORD)
    browser.post("/signin/", login=kim.email)

    assert not browser.is_signed_in
    assert "account_code" not in [mail.kind for mail in browser.mails()]


def test_closing_an_account_ends_its_sessions(browser, kim):
    browser.post("/signin/password/", login=kim.email, password=PASSWORD)
    User.objects.filter(pk=kim.pk).update(is_active=False)

    assert browser.get("/settings/").status_code == 302


def test_a_forgotten_password_is_replaced_after_a_code(browser, kim):
    other = Browser(Client(), browser.tenant)
    other.post("/signin/password/", login=kim.email, password=PASSWORD)

    browser.post("/reset/", email=kim.email)
    assert [mail.kind for mail in browser.mails()] == ["account_reset"]
    browser.post("/reset/code/", code=browser.code())
    browser.post("/reset/password/", password1="an even longer walk", password2="an even longer walk")

    assert browser.post("/signin/password/", login=kim.email, password="an even longer walk").status_code == 302
    assert browser.is_signed_in
    assert other.get("/settings/").status_code == 302, "other devices are signed out"


def test_password_managers_learn_whose_new_password_it_is(browser, kim):
    """WCAG 3.3.8: managers store it with the right address, on the first try and after a refusal."""
    browser.post("/reset/", email=kim.email)
    browser.post("/reset/code/", code=browser.code())

    pages = [browser.get("/reset/password/"), browser.post("/reset/password/", password1="short", password2="short")]

    field = f'<input type="email" name="username" autocomplete="username" value="{kim.email}" hidden readonly>'
    assert [page.content.decode().count(field) for page in pages] == [1, 1]
    assert [page.content.decode().count('autocomplete="new-password"') for page in pages] == [2, 2]


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("elevenchars", "Use at least 12 characters."),
        ("password1234", "too common"),
        ("x" * 129, "at most 128 characters"),
    ],
)
def test_a_weak_password_is_refused_with_a_reason(browser, kim, password, words):
    browser.post("/reset/", email=kim.email)
    browser.post("/reset/code/", code=browser.code())

    page = browser.post("/reset/password/", password1=password, password2=password)

    assert words in page.content.decode()


def test_staff_need_a_longer_password(browser, kim):
    with tenant_scope(browser.tenant):
        services.join(user=kim, roles=[Role.STAFF])
    browser.post("/reset/", email=kim.email)
    browser.post("/reset/code/", code=browser.code())

    short = browser.post("/reset/password/", password1="fourteen chars", password2="fourteen chars")
    long = browser.post("/reset/password/", password1="fifteen chars !", password2="fifteen chars !")

    assert "Use at least 15 characters." in short.content.decode()
    assert long.headers["Location"] == "/t/north/reset/done/"
