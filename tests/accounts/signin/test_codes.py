"""Signing in by a code (PG-20; ASVS 6.x as fitted in reliability.md 4, rows 28 to 38)."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.tenancy import tenant_scope
from notifications.models import OutboxMessage
from tests import factories

from .people import Browser

pytestmark = pytest.mark.django_db


def test_a_code_by_mail_signs_in(browser, kim):
    asked = browser.post("/signin/", login=kim.email, remember="on")
    assert (asked.status_code, asked.headers["Location"]) == (302, "/t/north/signin/code/")

    done = browser.post("/signin/code/", code=browser.code())

    assert (done.status_code, done.headers["Location"]) == (302, "/t/north/")
    assert browser.is_signed_in


def test_the_code_is_eight_digits_and_leaves_through_the_outbox(browser, kim):
    browser.post("/signin/", login=kim.email)

    [mail] = browser.mails()
    assert (mail.kind, mail.to_address, mail.recipient_id, mail.reference) == ("account_code", kim.email, None, "")
    assert re.fullmatch(r"\d{4}-\d{4}", mail.context["code"])
    assert mail.context["url"] == "http://localhost:8000/t/north/signin/code/"
    assert mail.context["name"] == "Kim Okafor"
    with tenant_scope(browser.tenant):
        assert OutboxMessage.objects.get().payload == {"email_id": str(mail.pk)}


@pytest.mark.parametrize("change", [lambda code: code.replace("-", ""), lambda code: f" {code} ", lambda code: code])
def test_a_code_may_be_typed_with_or_without_its_hyphen(browser, kim, change):
    browser.post("/signin/", login=kim.email)

    assert browser.post("/signin/code/", code=change(browser.code())).status_code == 302
    assert browser.is_signed_in


def test_an_address_is_known_in_any_case(browser, kim):
    browser.post("/signin/", login=kim.email.upper())

    assert [mail.kind for mail in browser.mails()] == ["account_code"]


def test_a_wrong_code_says_so_and_the_third_one_ends_it(browser, kim):
    browser.post("/signin/", login=kim.email)
    right = browser.code()
    wrong = "0000-0000" if right != "0000-0000" else "1111-1111"

    page = browser.post("/signin/code/", code=wrong)
    assert "This is not the code from our latest email." in page.content.decode()
    browser.post("/signin/code/", code=wrong)
    browser.post("/signin/code/", code=wrong)
    browser.post("/signin/code/", code=right)

    assert not browser.is_signed_in


def test_a_code_works_once(browser, kim):
    browser.post("/signin/", login=kim.email)
    code = browser.code()
    browser.post("/signin/code/", code=code)
    browser.post("/signout/")

    browser.post("/signin/code/", code=code)

    assert not browser.is_signed_in


def test_a_code_works_in_no_other_browser(browser, kim):
    browser.post("/signin/", login=kim.email)
    other = Browser(Client(), browser.tenant)

    other.post("/signin/code/", code=browser.code())

    assert not other.is_signed_in


def test_a_code_ends_after_fifteen_minutes(browser, kim, time_machine):
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    browser.post("/signin/", login=kim.email)
    time_machine.shift(15 * 60 + 1)

    browser.post("/signin/code/", code=browser.code())

    assert not browser.is_signed_in


def test_a_mistyped_address_can_be_typed_again(browser, kim):
    browser.post("/signin/", login="kimm@example.org")

    assert browser.get("/signin/").status_code == 200
    browser.post("/signin/", login=kim.email)
    browser.post("/signin/code/", code=browser.code())

    assert browser.is_signed_in


def test_the_code_can_be_sent_again(browser, kim):
    browser.post("/signin/", login=kim.email)
    first = browser.code()

    browser.post("/signin/code/", action="resend")

    assert [mail.kind for mail in browser.mails()] == ["account_code", "account_code"]
    assert browser.code() != first


def test_a_code_confirms_the_address_of_somebody_who_was_entered_by_staff(browser, north):
    with tenant_scope(north):
        ana = factories.member("Ana Nowak").user

    browser.post("/signin/", login=ana.email)
    browser.post("/signin/code/", code=browser.code())

    assert browser.is_signed_in
    assert EmailAddress.objects.get(user=ana).verified
