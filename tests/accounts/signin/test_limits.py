"""How often one may try to sign in (PG-20; ASVS 6.x as fitted in reliability.md 4, rows 28 to 38)."""

import pytest
from django.test import Client

from .people import PASSWORD, Browser

pytestmark = pytest.mark.django_db


def test_the_sixth_wrong_password_in_five_minutes_is_refused_even_if_right(browser, kim):
    for _ in range(5):
        browser.post("/signin/password/", login=kim.email, password="wrong")

    page = browser.post("/signin/password/", login=kim.email, password=PASSWORD)

    assert "Too many tries. Wait five minutes, then try again, or ask for a code by email." in page.content.decode()
    assert not browser.is_signed_in


def test_another_tenant_gives_no_further_tries(browser, kim, south):
    for _ in range(5):
        browser.post("/signin/password/", login=kim.email, password="wrong")
    elsewhere = Browser(Client(), south)

    elsewhere.post("/signin/password/", login=kim.email, password=PASSWORD)

    assert not elsewhere.is_signed_in


def test_the_fourth_code_in_a_minute_is_not_sent(browser, kim):
    pages = [browser.post("/signin/", login=kim.email) for _ in range(4)]

    assert [page.status_code for page in pages] == [302, 302, 302, 200]
    assert len(browser.mails()) == 3


def test_too_many_requests_of_one_address_are_answered_with_429_and_a_time(browser):
    pages = [browser.post("/signup/", name="", email="") for _ in range(21)]

    assert [page.status_code for page in pages[:20]] == [200] * 20
    assert (pages[20].status_code, pages[20].headers["Retry-After"]) == (429, "60")
    assert "Too many tries" in pages[20].content.decode()


def test_limits_need_no_redis(browser, kim, settings):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    for _ in range(5):
        browser.post("/signin/password/", login=kim.email, password="wrong")

    assert "Too many tries" in browser.post("/signin/password/", login=kim.email, password="wrong").content.decode()
