"""Buying credits: a row first, credits once the provider says so, whatever it tells again, late or wrong (decisions.md 19)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.models import Tenant
from accounts.tenancy import tenant_scope
from credits import services
from credits.enums import EventOutcome, PurchaseState
from credits.models import PaymentEvent, Purchase, Transfer
from credits.payments import Forged, What, provider_of
from notifications.models import EmailMessage, OutboxMessage
from notifications.rendering import render
from tests import factories

from .buying import TERMS, begin, bought, event_of, sell, tell


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def kim(people):
    sell()
    return people.kim


def state_of(purchase):
    return Purchase.objects.get(pk=purchase.pk).state


# --- what it costs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("credits", "price"), [(50, 4750), (100, 9000), (1, 100), (99, 9900), (100_000, 10_000_000)])
def test_a_pack_has_its_price_and_any_other_number_that_of_one(credits, price):
    assert services.price_of(TERMS, credits) == price


@pytest.mark.parametrize(
    ("terms", "credits", "sentence"),
    [
        ({}, 0, "Enter a whole number above 0, like 30."),
        ({}, -5, "Enter a whole number above 0, like 30."),
        ({}, 100_001, "Enter 100,000 at most."),
        ({"credit_price": 5000}, 20_000, "Enter 19,999 at most."),
        ({"credit_price": 0}, 51, "Choose one of the packs."),
    ],
)
def test_what_nobody_can_buy_is_refused_with_a_sentence(terms, credits, sentence):
    with pytest.raises(services.Refused) as refused:
        services.price_of(replace(TERMS, **terms), credits)
    assert refused.value.sentence == sentence


def test_where_nothing_is_sold_nothing_begins(people, now, settings):
    with pytest.raises(services.Refused, match="can't be bought here"):
        begin(people.kim, now)
    sell()
    settings.TEST_PAYMENTS = False
    assert services.selling_here(people.tenant) is None
    with pytest.raises(services.Refused, match="can't be bought here"):
        begin(people.kim, now)
    assert Purchase.objects.count() == 0


# --- paid ----------------------------------------------------------------------------------------------------


def test_credits_come_when_it_is_paid_and_not_before(kim, now, has):
    purchase = begin(kim, now, reference="booking:NO-7K4Q")
    assert (purchase.state, purchase.price, purchase.currency, has(kim)) == ("open", 9000, "EUR", (0, 0, 0))
    assert tell(purchase, now) == EventOutcome.DONE
    paid = Purchase.objects.get(pk=purchase.pk)
    assert (paid.state, paid.paid_at, paid.payment, has(kim)) == ("paid", now, f"test_pay_{paid.pk}", (100, 0, 0))
    moved = Transfer.objects.get()
    assert (moved.kind, moved.amount, moved.reference, paid.arrival) == (
        "purchase",
        100,
        f"purchase:{paid.code}",
        moved,
    )
    assert OutboxMessage.objects.filter(topic=services.ADDED_TOPIC, payload__member_id=str(kim.pk)).count() == 1


def test_the_same_form_begins_one_purchase(kim, now):
    assert begin(kim, now).pk == begin(kim, now).pk
    with pytest.raises(services.Refused, match="sent before with something else"):
        begin(kim, now, credits=50)
    assert begin(kim, now, key="form-2").pk != begin(kim, now).pk


def test_an_event_that_comes_again_does_nothing(kim, now, has):
    purchase = begin(kim, now)
    assert {tell(purchase, now + timedelta(minutes=n)) for n in range(5)} == {EventOutcome.DONE}
    assert (has(kim), PaymentEvent.objects.count(), Transfer.objects.count()) == ((100, 0, 0), 1, 1)


def test_another_event_about_the_same_payment_does_nothing(kim, now, has):
    purchase = bought(kim, now)
    assert tell(purchase, now, id="another") == EventOutcome.NOTHING
    assert has(kim) == (100, 0, 0)


@pytest.mark.parametrize(
    ("events", "state", "usable"),
    [
        ([What.NOT_PAID], "lapsed", 0),
        ([What.PAID, What.NOT_PAID], "paid", 100),
        ([What.NOT_PAID, What.PAID], "paid", 100),
        ([What.PENDING], "open", 0),
        ([What.PENDING, What.PAID], "paid", 100),
        ([What.PAID, What.PENDING], "paid", 100),
        ([What.PENDING, What.NOT_PAID], "lapsed", 0),
    ],
)
def test_events_out_of_order(kim, now, has, events, state, usable):
    """Money that came counts, whatever was told before or after."""
    purchase = begin(kim, now)
    for what in events:
        tell(purchase, now, what)
    assert (state_of(purchase), has(kim)[0]) == (state, usable)


@pytest.mark.parametrize(
    "wrong", [{"price": 8999}, {"price": 9001}, {"price": 0}, {"currency": "USD"}, {"checkout": "test_other"}]
)
def test_what_does_not_fit_gives_nothing_and_staff_see_why(kim, now, has, wrong):
    purchase = begin(kim, now)
    Purchase.objects.filter(pk=purchase.pk).update(checkout=f"test_{purchase.pk}")
    assert tell(purchase, now, **wrong) == EventOutcome.MISMATCH
    assert (state_of(purchase), has(kim)) == ("open", (0, 0, 0))
    assert "in place of" in PaymentEvent.objects.get(purchase=purchase).said
    assert tell(purchase, now, id="the-right-one") == EventOutcome.DONE


def test_a_second_payment_of_one_purchase_gives_nothing(kim, now, has):
    purchase = bought(kim, now)
    assert tell(purchase, now, id="second", payment="test_pay_2") == EventOutcome.MISMATCH
    assert has(kim) == (100, 0, 0)


@pytest.mark.parametrize("wrong", [{"tenant": "south"}, {"tenant": ""}, {"purchase": ""}, {"purchase": "no-id"}])
def test_an_event_about_nothing_of_ours_is_kept_and_moves_nothing(kim, now, has, wrong):
    purchase = begin(kim, now)
    assert tell(purchase, now, **wrong) == EventOutcome.FOREIGN
    assert (state_of(purchase), has(kim), PaymentEvent.objects.get().purchase) == ("open", (0, 0, 0), None)


def test_another_tenants_purchase_is_out_of_reach(north, south, now):
    """T1: a good signature of one marketplace moves nothing in another."""
    with tenant_scope(north):
        sell()
        purchase = begin(factories.member("Kim Okafor", credits=0), now)
        event = event_of(purchase)
    with tenant_scope(south):
        for told in (event, replace(event, tenant="south", id="forged-tenant")):
            outcome = services.take_event(tenant=south, provider="test", event=told, now=now)
            assert outcome == EventOutcome.FOREIGN
        assert Transfer.objects.count() == 0
    with tenant_scope(north):
        assert state_of(purchase) == PurchaseState.OPEN


# --- signatures ----------------------------------------------------------------------------------------------


def message_of(purchase, tenant):
    payments = provider_of(tenant, "test")
    url = payments.start(services.purchases._order(purchase, tenant)).url
    body = payments.message(payments.opened(url.split("/")[-2]), What.PAID)
    return payments, body, payments.signature(body)


def test_a_message_that_was_not_signed_so_is_refused(kim, now):
    payments, body, good = message_of(begin(kim, now), kim.tenant)
    dearer = json.dumps({**json.loads(body), "price": 1}).encode()
    tries = {
        "": body,
        "x": body,
        good[:-1] + "A": body,
        good: dearer,
        provider_of(Tenant(slug="south"), "test").signature(body): body,
    }
    for signature, sent in tries.items():
        with pytest.raises(Forged):
            payments.read(sent, {"Parley-Test-Signature": signature})
    assert payments.read(body, {"Parley-Test-Signature": good}).what == What.PAID


def test_a_message_of_yesterday_is_refused(kim, now):
    payments, body, good = message_of(begin(kim, now), kim.tenant)
    with time_machine.travel(now + timedelta(seconds=299), tick=False):
        assert payments.read(body, {"Parley-Test-Signature": good}).price == 9000
    with time_machine.travel(now + timedelta(seconds=301), tick=False), pytest.raises(Forged):
        payments.read(body, {"Parley-Test-Signature": good})


def test_a_checkout_of_another_tenant_is_not_opened(kim, now):
    payments = provider_of(kim.tenant, "test")
    token = payments.start(services.purchases._order(begin(kim, now), kim.tenant)).url.split("/")[-2]
    assert provider_of(Tenant(slug="south"), "test").opened(token) is None
    assert payments.opened(token[:-2] + "xx") is None


# --- the rest ------------------------------------------------------------------------------------------------


def test_what_nobody_pays_lapses_and_can_still_be_paid(kim, now, has):
    purchase = begin(kim, now)
    assert services.lapse_overdue(now=now + timedelta(days=3)) == 0
    assert services.lapse_overdue(now=now + timedelta(days=3, seconds=1)) == 1
    assert state_of(purchase) == "lapsed"
    tell(purchase, now + timedelta(days=4))
    assert (state_of(purchase), has(kim)[0]) == ("paid", 100)


def test_the_receipt_names_payer_price_tax_and_balance(kim, now):
    """EM-C25."""
    purchase = bought(kim, now)
    mail = EmailMessage.objects.get(kind="credits_bought")
    told = render(mail, now=now)
    assert told.subject == "Receipt: 100 credits added"
    for part in (
        "100 credits added for €90.00.", "You can use 100 credits now", f"Paid by: Kim Okafor, {kim.user.email}",
        f"Receipt: {purchase.code}", "Tax is in.", "/t/north/credits/statement/",
    ):  # fmt: skip
        assert part in told.text
    assert mail.reference == f"purchase:{purchase.code}"
    assert (purchase.code in told.html, "Statement" in told.html) == (True, True)


def test_the_database_holds_it_by_itself(kim, now):
    purchase, other = bought(kim, now), begin(kim, now, key="form-2")

    def change(row, **fields):
        return lambda: Purchase.objects.filter(pk=row.pk).update(**fields)

    tries = {
        "purchase_paid_is_there": [
            change(other, state="paid"), change(other, paid_at=now), change(purchase, state="open"),
        ],
        "purchase_arrives_once": [change(other, state="paid", paid_at=now, arrival=purchase.arrival)],
        "purchase_refunds_fit": [change(purchase, refunded=101), change(purchase, refunded_price=9001)],
        "purchase_refunds_paid": [change(other, refunded=1)],
        "payment_event_once": [
            lambda: PaymentEvent.objects.create(
                provider="test", event=PaymentEvent.objects.get().event, kind="x", outcome="done", at=now
            )
        ],
    }  # fmt: skip
    for constraint, attempts in tries.items():
        for attempt in attempts:
            with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
                attempt()
    forbidden = [
        change(purchase, price=1), change(purchase, credits=1), change(purchase, member=other.member),
        lambda: Purchase.objects.filter(pk=purchase.pk)._raw_delete("default"),
        lambda: PaymentEvent.objects.update(outcome="nothing"),
    ]  # fmt: skip
    for attempt in forbidden:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()
