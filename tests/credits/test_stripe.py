"""Stripe, through its own library: what goes over the wire, what its signed events say (decisions.md 19, reliability.md 3.0)."""

import json
import time
from pathlib import Path

import pytest
import stripe
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client

from accounts.models import Tenant
from accounts.tenancy import tenant_scope
from config.settings import env
from credits import services
from credits.enums import RefundState
from credits.models import PaymentEvent, Purchase, Refund, Transfer
from credits.payments import Forged, TurnedDown, Unreachable, What, provider_of
from credits.payments.stripe_checkout import StripePayments
from notifications.models import OutboxMessage
from tests import factories

from .buying import begin, sell
from .stripe_stand_in import stripe_stand_in

SECRET = "whsec_of_the_tests"
EVENTS = Path(__file__).parent / "stripe_events"
FIRST = "checkout.session.completed"


@pytest.fixture
def peer(settings):
    with stripe_stand_in() as peer:
        settings.STRIPE_API_BASE = peer.url
        settings.STRIPE_KEYS = {"north": {"secret_key": "sk_test_north", "webhook_secret": SECRET}}
        yield peer


@pytest.fixture
def kim(north, peer):
    with tenant_scope(north):
        sell(provider="stripe")
        return factories.member("Kim Okafor", credits=0)


@pytest.fixture
def purchase(kim, now):
    with tenant_scope(kim.tenant):
        return begin(kim, now)


def recorded(kind, **names):
    """The bytes of an event as Stripe sent it, about our purchase or refund."""
    text = (EVENTS / f"{kind}.json").read_text()
    for name, value in names.items():
        text = text.replace(name, str(value))
    return text.encode()


def signed(body, secret=SECRET, at=None):
    """Stripe's header, made by its library."""
    return stripe.WebhookSignature.generate_signature_header(body.decode(), secret, at)


def deliver(body, header=None, path="/t/north/credits/payments/stripe/events/"):
    headers = {"Stripe-Signature": signed(body) if header is None else header}
    return Client().post(path, body, content_type="application/json", headers=headers)


def now_of(purchase):
    with tenant_scope(purchase.tenant):
        return Purchase.objects.get(pk=purchase.pk)


def start(purchase):
    return services.start_checkout(tenant=purchase.tenant, purchase_id=purchase.pk)


# --- what goes over the wire ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_checkout_is_asked_for_in_stripes_shape(purchase, peer, kim):
    assert start(purchase) is True
    [asked] = peer.asked
    page = f"http://localhost:8000/t/north/credits/purchases/{purchase.code}/"
    assert (asked.method, asked.path, asked.key) == ("POST", "/v1/checkout/sessions", f"parley:purchase:{purchase.pk}")
    assert asked.authorization == "Bearer sk_test_north"
    assert asked.form == {
        "mode": "payment",
        "client_reference_id": str(purchase.pk),
        "customer_email": kim.user.email,
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "9000",
        "line_items[0][price_data][product_data][name]": "100 credits, Northwind Mentors",
        "metadata[tenant]": "north",
        "metadata[purchase]": str(purchase.pk),
        "payment_intent_data[metadata][tenant]": "north",
        "payment_intent_data[metadata][purchase]": str(purchase.pk),
        "payment_intent_data[description]": "100 credits, Northwind Mentors",
        "success_url": f"{page}?paid=1",
        "cancel_url": page,
    }
    found = now_of(purchase)
    assert (found.checkout, found.checkout_url) == ("cs_test_1", "https://checkout.stripe.com/c/pay/cs_test_1")


@pytest.mark.django_db
def test_a_checkout_that_was_begun_is_not_begun_again(purchase, peer):
    assert (start(purchase), start(purchase), len(peer.asked)) == (True, True, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["error", "unauthorized", "lost", "refused"])
def test_when_stripe_does_not_answer_nothing_changes_and_the_next_try_is_the_same(purchase, peer, mode, monkeypatch):
    """F21: a lost answer, too: the same key finds the checkout that was made."""
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)
    monkeypatch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0.001)
    peer.mode = mode
    assert start(purchase) is False
    assert (now_of(purchase).state, now_of(purchase).checkout_url) == ("open", "")
    peer.mode = "ok"
    assert start(purchase) is True
    assert {asked.key for asked in peer.asked} == {f"parley:purchase:{purchase.pk}"}
    assert (len(peer.by_key), now_of(purchase).checkout) == (1, "cs_test_1")


@pytest.mark.django_db
def test_nobody_is_called_inside_a_transaction(purchase, peer, monkeypatch):
    depth, ask = [], StripePayments._ask

    def note(self, question):
        depth.append(len(connection.savepoint_ids))
        return ask(self, question)

    monkeypatch.setattr(StripePayments, "_ask", note)
    outside = len(connection.savepoint_ids)
    start(purchase)
    assert depth == [outside]


def test_a_tenant_uses_its_own_keys_or_those_of_all(settings):
    settings.STRIPE_KEYS = {"north": {"secret_key": "a", "webhook_secret": "b"}}
    assert provider_of(Tenant(slug="north"), "stripe")._key == "a"
    assert provider_of(Tenant(slug="south"), "stripe") is None
    settings.STRIPE_KEYS["*"] = {"secret_key": "c", "webhook_secret": "d"}
    assert (provider_of(Tenant(slug="south"), "stripe")._key, provider_of(Tenant(slug="north"), "stripe")._key) == (
        "c",
        "a",
    )


@pytest.mark.parametrize(
    "said", ['["sk"]', '{"north": "sk"}', '{"north": {"secret_key": "sk"}}', '{"*": {"secret_key": "a", "webhook_secret": ""}}']
)  # fmt: skip
def test_half_of_the_keys_is_said_at_the_start(monkeypatch, said):
    monkeypatch.setenv("STRIPE_KEYS", said)
    with pytest.raises(ImproperlyConfigured, match="STRIPE_KEYS"):
        env.stripe_keys("STRIPE_KEYS")


# --- what it tells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (FIRST, What.PAID),
        (f"{FIRST}.unpaid", What.PENDING),
        ("checkout.session.async_payment_succeeded", What.PAID),
        ("checkout.session.async_payment_failed", What.NOT_PAID),
        ("checkout.session.expired", What.NOT_PAID),
        ("refund.updated", What.REFUNDED),
        ("refund.failed", What.REFUND_FAILED),
        ("payment_intent.created", What.OTHER),
    ],
)
def test_what_recorded_events_say(kind, what):
    body = recorded(kind)
    event = StripePayments("sk", SECRET, api_base="").read(body, {"Stripe-Signature": signed(body)})
    assert (event.what, event.id, event.kind) == (what, json.loads(body)["id"], json.loads(body)["type"])
    if kind.startswith("checkout"):
        assert (event.tenant, event.purchase, event.checkout) == ("north", "PURCHASE", "cs_test_1")
        assert (event.price, event.currency) == (9000, "EUR")
    if kind.startswith("refund"):
        assert (event.tenant, event.refund, event.payment, event.price) == ("north", "REFUND", "re_1", 3600)


@pytest.mark.django_db
def test_credits_come_with_a_signed_event_and_once(purchase):
    body = recorded(FIRST, PURCHASE=purchase.pk)
    answers = [deliver(body) for _ in range(3)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"Done")] * 3
    found = now_of(purchase)
    assert (found.state, found.payment, found.checkout) == ("paid", "pi_3SWq2LA1b2C3d4E5", "cs_test_1")
    with tenant_scope(purchase.tenant):
        assert (Transfer.objects.count(), PaymentEvent.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_forged_event_is_refused_and_nothing_changes(purchase):
    body = recorded(FIRST, PURCHASE=purchase.pk)
    forged = {
        "": body, "t=1,v1=00": body, "nonsense": body, signed(body, "whsec_of_somebody"): body,
        signed(body): body.replace(b'"amount_total": 9000', b'"amount_total": 1'),
        signed(body, at=int(time.time()) - 301): body, signed(b"[]"): b"[]", signed(b"no json"): b"no json",
        signed(b'{"id": "evt", "type": "checkout.session.completed", "data": {"object": 1}}'):
            b'{"id": "evt", "type": "checkout.session.completed", "data": {"object": 1}}',
    }  # fmt: skip
    for header, sent in forged.items():
        assert deliver(sent, header).status_code == 400
    assert now_of(purchase).state == "open"
    with tenant_scope(purchase.tenant):
        assert (Transfer.objects.count(), PaymentEvent.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_new_secret_may_stand_beside_the_old_one(purchase):
    """Stripe signs with both while a secret is changed."""
    body = recorded(FIRST, PURCHASE=purchase.pk)
    both = signed(body) + "," + signed(body, "whsec_next").partition(",")[2]
    assert deliver(body, both).status_code == 200
    assert now_of(purchase).state == "paid"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"amount_total": 9000', b'"amount_total": 100', b"Another amount or payment: look at it"),
        (b'"currency": "eur"', b'"currency": "usd"', b"Another amount or payment: look at it"),
        (b'"tenant": "north"', b'"tenant": "south"', b"Not of this marketplace"),
    ],
)
def test_an_event_that_does_not_fit_moves_nothing(purchase, old, new, said):
    answer = deliver(recorded(FIRST, PURCHASE=purchase.pk).replace(old, new))
    assert (answer.status_code, answer.content, now_of(purchase).state) == (200, said, "open")


@pytest.mark.django_db
def test_another_tenants_address_takes_the_event_and_moves_nothing(purchase, south, settings):
    """One account at Stripe tells every endpoint of everything; each endpoint has a secret of its own."""
    settings.STRIPE_KEYS["south"] = {"secret_key": "sk", "webhook_secret": "whsec_south"}
    body, path = recorded(FIRST, PURCHASE=purchase.pk), "/t/south/credits/payments/stripe/events/"
    assert deliver(body, path=path).status_code == 400
    answer = deliver(body, signed(body, "whsec_south"), path)
    assert (answer.status_code, answer.content) == (200, b"Not of this marketplace")
    assert now_of(purchase).state == "open"


@pytest.mark.django_db
def test_paid_later_or_never(purchase):
    """A bank transfer: said to be on its way, then there; what expires afterwards is nothing."""
    for kind, state in (
        (f"{FIRST}.unpaid", "open"), ("checkout.session.async_payment_failed", "lapsed"),
        ("checkout.session.async_payment_succeeded", "paid"), ("checkout.session.expired", "paid"),
    ):  # fmt: skip
        assert deliver(recorded(kind, PURCHASE=purchase.pk)).status_code == 200
        assert now_of(purchase).state == state


@pytest.mark.django_db
def test_where_stripe_is_not_switched_on_there_is_nothing(north, south, peer):
    assert deliver(b"{}", path="/t/south/credits/payments/stripe/events/").status_code == 404
    assert deliver(b"{}", path="/t/north/credits/payments/paypal/events/").status_code == 404
    assert Client().get("/t/north/credits/payments/stripe/events/").status_code == 405


# --- paid back -----------------------------------------------------------------------------------------------


@pytest.fixture
def refund(purchase, now):
    """40 of the 100 go back: 36.00 of 90.00."""
    deliver(recorded(FIRST, PURCHASE=purchase.pk))
    with tenant_scope(purchase.tenant):
        sam = factories.member("Sam Doyle", roles=("staff",))
        found = Purchase.objects.get(pk=purchase.pk)
        return services.ask_refund(purchase=found, credits=40, reason="Too many", by=sam, request_key="r1", now=now)


def pay(refund, now, attempt=1, tries=1):
    services.pay_back(tenant=refund.tenant, refund_id=refund.pk, tries=tries, attempt=attempt, now=now)
    return again(refund)


def again(refund):
    with tenant_scope(refund.tenant):
        return Refund.objects.get(pk=refund.pk)


@pytest.mark.django_db
def test_a_refund_is_asked_for_in_stripes_shape(refund, peer, now):
    assert peer.asked == []
    assert (pay(refund, now).state, again(refund).payment) == (RefundState.DONE, "re_1")
    [asked] = peer.asked
    assert (asked.method, asked.path, asked.key) == ("POST", "/v1/refunds", f"parley:refund:{refund.pk}:1")
    assert asked.form == {
        "payment_intent": "pi_3SWq2LA1b2C3d4E5", "amount": "3600", "metadata[tenant]": "north",
        "metadata[refund]": str(refund.pk),
    }  # fmt: skip
    pay(refund, now)
    assert len(peer.asked) == 1


@pytest.mark.django_db
def test_an_answer_that_was_lost_is_looked_for_before_anything_is_paid_again(refund, peer, now, monkeypatch):
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)
    monkeypatch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0.001)
    peer.mode = "lost"
    with pytest.raises(Unreachable):
        pay(refund, now)
    assert (again(refund).state, len(peer.refunds)) == ("asked", 1)
    peer.mode, peer.by_key = "ok", {}  # Stripe has forgotten the key, not the refund
    assert pay(refund, now, attempt=2).state == "done"
    assert len(peer.refunds) == 1


@pytest.mark.django_db
def test_what_stripe_turns_down_fails_and_can_be_tried_again(refund, peer, now):
    peer.mode = "refused"
    failed = pay(refund, now)
    assert (failed.state, failed.trouble) == ("failed", "Already refunded.")
    with tenant_scope(refund.tenant):
        services.try_again(refund=failed, by=failed.by, now=now)
        assert OutboxMessage.objects.filter(topic="credits.refund", dedupe_key=f"{refund.pk}:2").count() == 1
    peer.mode = "ok"
    assert pay(refund, now).state == "asked"  # the first try's row: it is over
    assert pay(refund, now, tries=2).state == "done"
    assert peer.asked[-1].key == f"parley:refund:{refund.pk}:2"


@pytest.mark.django_db
def test_a_refund_on_its_way_is_done_or_fails_when_stripe_says_so(refund, peer, now):
    peer.mode = "pending"
    assert (pay(refund, now).state, again(refund).payment) == ("asked", "re_1")
    assert deliver(recorded("refund.updated", REFUND=refund.pk)).content == b"Done"
    assert again(refund).state == "done"
    assert deliver(recorded("refund.failed", REFUND=refund.pk)).content == b"Done"
    assert (again(refund).state, again(refund).trouble) == ("failed", "expired_or_canceled_card")
    assert deliver(recorded("refund.updated", REFUND=refund.pk)).content == b"Done"  # again: as it was kept
    assert again(refund).state == "failed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [(b'"amount": 3600', b'"amount": 9000'), (b'"tenant": "north"', b'"tenant": "south"')]
)
def test_a_refund_of_something_else_changes_nothing(refund, peer, now, change):
    peer.mode = "pending"
    pay(refund, now)
    deliver(recorded("refund.updated", REFUND=refund.pk).replace(*change))
    assert again(refund).state == "asked"


def test_what_the_library_says_is_ours(peer):
    """Its errors are two of ours: nobody knows, or it was turned down."""
    payments = StripePayments("sk", SECRET, api_base=peer.url)
    for error, ours in (
        (stripe.APIConnectionError("x"), Unreachable), (stripe.RateLimitError("x"), Unreachable),
        (stripe.AuthenticationError("x"), Unreachable), (stripe.CardError("x", None, None), TurnedDown),
        (stripe.InvalidRequestError("x", None), TurnedDown), (stripe.IdempotencyError("x"), TurnedDown),
    ):  # fmt: skip

        def fail(client, error=error):
            raise error

        with pytest.raises(ours):
            payments._ask(fail)
    with pytest.raises(Forged):
        payments.read(b"\xff", {"Stripe-Signature": "t=1,v1=x"})
