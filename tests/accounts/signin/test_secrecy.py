"""Nobody learns who has an account (ASVS 6.x as fitted in reliability.md 4, rows 28 to 38)."""

import re

import pytest
from django.test import Client

from accounts.models import User
from accounts.tenancy import tenant_scope
from notifications.models import EmailMessage

from .people import Browser

pytestmark = pytest.mark.django_db


def without_secrets(page: str, email: str) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", page).replace(email, "EMAIL")


@pytest.mark.parametrize(
    ("page", "field", "next_page"),
    [("/signin/", "login", "/signin/code/"), ("/reset/", "email", "/reset/code/")],
)
def test_known_and_unknown_addresses_get_the_same_pages(north, kim, page, field, next_page):
    answers = []
    for email in (kim.email, "nobody@example.org"):
        browser = Browser(Client(), north)
        asked = browser.post(page, **{field: email})
        shown = browser.get(next_page)
        answers.append((asked.status_code, asked.headers["Location"], without_secrets(shown.content.decode(), email)))

    assert answers[0] == answers[1]


def test_an_unknown_address_is_told_by_mail_how_to_sign_up(browser):
    browser.post("/signin/", login="nobody@example.org")

    [mail] = browser.mails()
    assert (mail.kind, mail.to_address) == ("account_unknown", "nobody@example.org")
    assert mail.context == {"code": "", "url": "http://localhost:8000/t/north/signup/", "name": ""}


def test_signing_up_twice_looks_like_signing_up_once(north, kim):
    answers = []
    for email in (kim.email, "new@example.org"):
        browser = Browser(Client(), north)
        asked = browser.post("/signup/", name="Kim", email=email)
        shown = browser.get("/signup/code/")
        answers.append((asked.status_code, asked.headers["Location"], without_secrets(shown.content.decode(), email)))

    assert answers[0] == answers[1]
    with tenant_scope(north):
        assert [mail.kind for mail in EmailMessage.objects.order_by("created_at")] == [
            "account_exists",
            "account_confirm",
        ]
    assert User.objects.filter(email__iexact=kim.email).count() == 1
