"""PG-50: buying on the pages, from choosing to the receipt; what is typed wrong is said and kept (CK-49, F89)."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.test.client import Client as Browser

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from credits import queries, services
from credits.models import Purchase
from credits.payments import What, provider_of
from tests import factories

from .buying import bought, event_of, sell, tell

NOW = factories.NOW
BUY = "/t/north/credits/buy/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kim(north):
    with tenant_scope(north):
        sell()
        return factories.member("Kim Okafor", zone="Europe/Prague", credits=0)


@pytest.fixture
def browser(kim):
    browser = Client()
    browser.force_login(kim.user)
    return browser


def form_of(page):
    """What the page's form would send as it stands."""
    form = page.context["form"]
    return {name: form[name].value() or "" for name in ("pack", "credits", "request_key", "reference")}


def send(browser: Browser, path=BUY, **typed):
    return browser.post(path, {**form_of(browser.get(path)), **typed})


def text(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def purchases(north):
    with tenant_scope(north):
        return list(Purchase.objects.order_by("asked_at", "pk"))


# --- choosing ------------------------------------------------------------------------------------------------


def test_packs_stand_with_their_price_and_that_of_one(browser):
    page = browser.get(BUY)
    shown = [(choice.label, choice.price, choice.sub, choice.checked) for choice in page.context["choices"]]
    assert shown == [
        ("50 credits", "€47.50", "€0.95 each", True), ("100 credits", "€90.00", "€0.90 each", False),
        ("Another number", "€1.00 each", "", False),
    ]  # fmt: skip


def test_going_on_leads_to_the_page_where_it_is_paid(browser, north):
    answer = send(browser, pack="100")
    [purchase] = purchases(north)
    assert (answer.status_code, answer.url) == (303, f"/t/north/credits/purchases/{purchase.code}/")
    page = browser.get(answer.url)
    assert "You pay €90.00 on the test payment page." in text(page)
    assert purchase.checkout_url in page.content.decode()
    assert (purchase.state, purchase.credits, purchase.price) == ("open", 100, 9000)
    assert "Not paid yet: 100 credits for €90.00" in text(browser.get("/t/north/credits/"))


def test_a_number_of_ones_own(browser, north):
    send(browser, pack="own", credits=" 7 ")
    assert [(row.credits, row.price) for row in purchases(north)] == [(7, 700)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"pack": "own", "credits": "-5"}, "Enter a whole number above 0, like 30."),
        ({"pack": "own", "credits": "0"}, "Enter a whole number above 0, like 30."),
        ({"pack": "own", "credits": "1.5"}, "Enter a whole number, like 30."),
        ({"pack": "own", "credits": "1,5"}, "Enter a whole number, like 30."),
        ({"pack": "own", "credits": "many"}, "Enter a whole number, like 30."),
        ({"pack": "own", "credits": ""}, "Enter a whole number, like 30."),
        ({"pack": "own", "credits": "٣"}, "Enter a whole number, like 30."),
        ({"pack": "own", "credits": "100001"}, "Enter 100,000 at most."),
        ({"pack": "own", "credits": "999999999999"}, "Enter 100,000 at most."),
        ({"pack": "9999"}, "Choose one of the packs."),
        ({"pack": "nonsense"}, "Choose one of the packs."),
        ({"request_key": "x" * 65}, "at most 64 characters"),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(browser, north, typed, sentence):
    page = send(browser, **typed)
    assert (page.status_code, sentence in text(page), purchases(north)) == (422, True, [])
    assert all(form_of(page)[name] == value for name, value in typed.items())


def test_the_form_sent_twice_is_one_purchase(browser, north):
    sent = form_of(browser.get(BUY))
    answers = {browser.post(BUY, sent).url for _ in range(3)}
    assert (len(answers), len(purchases(north))) == (1, 1)
    other = browser.post(BUY, {**sent, "pack": "100"})
    assert (other.status_code, "sent before with something else" in text(other)) == (422, True)


def test_who_needs_some_for_a_booking_begins_with_enough(browser, north):
    for needed, pack, typed in (
        ("30", "50", ""),
        ("51", "100", ""),
        ("101", "own", "101"),
        ("x", "50", ""),
        ("0", "50", ""),
    ):
        form = form_of(browser.get(f"{BUY}?for=booking:NO-7K4Q&need={needed}"))
        assert (form["pack"], form["credits"], form["reference"]) == (pack, typed, "booking:NO-7K4Q")
    page = send(browser, f"{BUY}?for=booking:NO-7K4Q&need=30")
    assert purchases(north)[0].reference == "booking:NO-7K4Q"
    assert 'href="/t/north/bookings/NO-7K4Q/"' in browser.get(page.url).content.decode()


@pytest.mark.parametrize(
    "named", ["javascript:alert(1)", "booking:../../x", "https://example.org", "x" * 70, "booking:"]
)
def test_what_is_no_name_of_a_thing_leads_nowhere(browser, north, named):
    page = browser.get(BUY, {"for": named})
    assert page.context["back"] is None
    send(browser, f"{BUY}?for=nothing", pack="50", reference=named)
    assert [row.reference for row in purchases(north)] in ([""], [])


# --- paying --------------------------------------------------------------------------------------------------


def test_coming_back_is_no_proof(browser, kim, north):
    """The page says that it waits, and asks again by itself, until the provider has told us."""
    path = send(browser, pack="50").url
    back = f"{path}?paid=1"
    waiting = browser.get(back)
    assert "Being confirmed" in text(waiting)
    assert f'hx-get="{back}" hx-trigger="every 3s"' in waiting.content.decode()
    assert queries_of(kim) == 0
    with tenant_scope(north):
        tell(purchases(north)[0], NOW)
    done = browser.get(back, headers={"HX-Request": "true"})
    assert "50 credits added You can use 50 credits now." in text(done)
    assert ("hx-trigger" in done.content.decode(), queries_of(kim)) == (False, 50)


def queries_of(kim):
    with tenant_scope(kim.tenant):
        return queries.balances(kim).available


def test_nothing_is_asked_again_for_ever(browser, north):
    path = send(browser, pack="50").url
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        page = browser.get(f"{path}?paid=1")
    assert ("Being confirmed" in text(page), "hx-trigger" in page.content.decode()) == (True, False)


def test_what_was_declined_says_that_nothing_was_taken(browser, north):
    path = send(browser, pack="50").url
    with tenant_scope(north):
        tell(purchases(north)[0], NOW, What.NOT_PAID)
    assert "Not paid The payment was declined or not finished. Nothing was taken from you." in text(browser.get(path))


def test_where_the_provider_can_not_be_reached_it_can_be_tried_again(browser, north, settings):
    path = send(browser, pack="50").url
    [purchase] = purchases(north)
    with tenant_scope(north):
        Purchase.objects.update(checkout="", checkout_url="")
    settings.TEST_PAYMENTS = False
    assert "We could not reach the payment page. Nothing was taken." in text(browser.post(path, follow=True))
    settings.TEST_PAYMENTS = True
    assert "You pay €47.50" in text(browser.post(path, follow=True))
    assert purchases(north)[0].checkout == f"test_{purchase.pk}"


def test_the_receipt_shows_what_was_paid_and_what_went_back(browser, kim, north):
    with tenant_scope(north):
        purchase = bought(kim, NOW)
        staff = factories.member("Sam Doyle", roles=(Role.STAFF,))
        refund = services.ask_refund(
            purchase=purchase, credits=40, reason="Too many", by=staff, request_key="r", now=NOW
        )
    path = f"/t/north/credits/purchases/{purchase.code}/"
    shown = text(browser.get(path))
    for part in (
        "100 credits added", "Price €90.00", f"Receipt number {purchase.code}", f"For Kim Okafor {kim.user.email}",
        "Paid Mon 23 Nov, 9:14am", "Tax is in.", "€36.00 for 40 credits, on its way Too many",
    ):  # fmt: skip
        assert part in shown
    services.pay_back(tenant=north, refund_id=refund.pk, tries=1, attempt=1, now=NOW)
    assert "€36.00 for 40 credits, on Mon 23 Nov, 9:14am" in text(browser.get(path))
    assert f'href="{path}"' in browser.get("/t/north/credits/statement/").content.decode()


def test_a_receipt_is_its_buyers(browser, kim, north):
    with tenant_scope(north):
        other = factories.member("Lena Hartmann", credits=0)
        foreign = bought(other, NOW)
    path = f"/t/north/credits/purchases/{foreign.code}/"
    assert (browser.get(path).status_code, browser.post(path).status_code) == (404, 404)
    assert Client().get(path).status_code == 302


def test_where_nothing_is_sold_it_leads_to_the_credits(browser, north, settings):
    assert "Buy credits" in text(browser.get("/t/north/credits/"))
    settings.TEST_PAYMENTS = False
    assert browser.get(BUY).url == "/t/north/credits/"
    assert "Buy credits" not in text(browser.get("/t/north/credits/"))


# --- the test provider's page --------------------------------------------------------------------------------


@pytest.fixture
def checkout(browser, north):
    send(browser, pack="50")
    return purchases(north)[0].checkout_url.removeprefix("http://localhost:8000")


def test_the_test_page_asks_what_should_happen(browser, checkout, north):
    page = browser.get(checkout)
    assert "No money moves" in text(page)
    assert [button in text(page) for button in ("Pay €47.50", "Decline", "Go back")] == [True] * 3
    back = browser.post(checkout, {"do": "back"})
    assert (back.status_code, back.url.endswith(f"/purchases/{purchases(north)[0].code}/")) == (303, True)
    assert purchases(north)[0].state == "open"


def test_a_message_that_does_not_get_through_is_said(browser, checkout, north, settings):
    settings.PLATFORM_URL = "http://127.0.0.1:9"
    lost = browser.post(checkout, {"do": "pay"}, follow=True)
    assert ("did not get through" in text(lost), purchases(north)[0].state) == (True, "open")


def test_the_test_page_is_nobodys_where_it_is_not_switched_on(browser, checkout, north, south, settings):
    assert browser.get(checkout.replace("/t/north/", "/t/south/")).status_code == 404
    assert browser.get(checkout[:-3] + "xx/").status_code == 404
    settings.TEST_PAYMENTS = False
    assert browser.get(checkout).status_code == 404
    assert browser.post(checkout, {"do": "pay"}).status_code == 404


def test_the_signed_message_is_all_that_the_webhook_takes(north, kim):
    with tenant_scope(north):
        purchase = services.begin_purchase(member=kim, credits=50, request_key="k", now=NOW)
        payments = provider_of(north, "test")
        checkout = payments.opened(payments.start(services.purchases._order(purchase, north)).url.split("/")[-2])
        assert event_of(purchase).price == 4750
    body, path = payments.message(checkout, What.PAID), "/t/north/credits/payments/test/events/"

    def deliver(signature):
        headers = {"Parley-Test-Signature": signature}
        return Client(enforce_csrf_checks=True).post(path, body, content_type="application/json", headers=headers)

    assert (deliver("forged").status_code, purchases(north)[0].state) == (400, "open")
    assert (deliver(payments.signature(body)).status_code, purchases(north)[0].state) == (200, "paid")
