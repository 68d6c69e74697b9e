"""Signing in, up and out (PG-20, PG-21, PG-22; ASVS 6.x as fitted in reliability.md 4, rows 28 to 38)."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts import queries, services
from accounts.enums import Role
from accounts.models import Affiliation, Membership, User
from accounts.tenancy import tenant_scope
from notifications.models import EmailMessage, OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "a long walk by the sea"


@pytest.fixture
def kim(north) -> User:
    with tenant_scope(north):
        member = factories.member("Kim Okafor")
    return with_password(member.user)


def with_password(user: User) -> User:
    """Somebody whose address is confirmed and who has a password."""
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.filter(user=user).update(verified=True)
    return user


@pytest.fixture
def browser(north, client) -> "Browser":
    return Browser(client, north)


class Browser:
    """One person's browser in one tenant."""

    def __init__(self, client: Client, tenant) -> None:
        self.client, self.tenant = client, tenant

    def get(self, path: str):
        return self.client.get(f"/t/{self.tenant.slug}{path}")

    def post(self, path: str, **data: str):
        return self.client.post(f"/t/{self.tenant.slug}{path}", data)

    @property
    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.client.session

    def mails(self) -> list[EmailMessage]:
        with tenant_scope(self.tenant):
            return list(EmailMessage.objects.order_by("created_at", "id"))

    def code(self) -> str:
        return self.mails()[-1].context["code"]


# --- by code ------------------------------------------------------------------------------------------


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


# --- nobody learns who has an account --------------------------------------------------------------------


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


# --- by password ------------------------------------------------------------------------------------------


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


# --- limits ------------------------------------------------------------------------------------------------


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


# --- where it leads -------------------------------------------------------------------------------------------


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


# --- signing up --------------------------------------------------------------------------------------------


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


# --- a new password ---------------------------------------------------------------------------------------


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


# --- signing out -------------------------------------------------------------------------------------------


def test_signing_out_needs_a_press(browser, kim):
    browser.post("/signin/password/", login=kim.email, password=PASSWORD)

    browser.get("/signout/")
    assert browser.is_signed_in
    done = browser.post("/signout/")

    assert not browser.is_signed_in
    assert done.headers["Location"] == "/t/north/"
