"""A key of the sender's: asked again, done once, with equal answers (reliability.md 6.5, F66)."""

from datetime import timedelta

import pytest

from accounts.tenancy import tenant_scope, uuid7
from credits import idempotency, queries, services, verification
from credits.idempotency import once
from credits.models import Adjustment, PaymentEvent, Purchase, RequestKey, Transfer
from tests.bookings.rivals import deadlocks

from .buying import begin, bought, event_of, sell
from .test_races import in_turn

RIVALS = 200


@pytest.fixture
def count(people):
    """Something that counts how often it was done."""
    done = []

    def do():
        done.append(1)
        return {"number": len(done)}

    return done, do


def test_the_second_gets_what_the_first_did(people, now, count):
    done, do = count
    first, second = (once(actor=people.kim, key="k", asked={"what": "x"}, do=do, now=now) for _ in range(2))
    assert (first.result, first.again, second.result, second.again, len(done)) == (
        {"number": 1},
        False,
        {"number": 1},
        True,
        1,
    )


def test_a_key_is_one_persons(people, now, count):
    done, do = count
    for member in (people.kim, people.ana):
        once(actor=member, key="k", asked={"what": "x"}, do=do, now=now)
    assert len(done) == 2


def test_a_key_that_asked_for_something_else_is_refused(people, now, count):
    done, do = count
    once(actor=people.kim, key="k", asked={"what": "x", "amount": 5}, do=do, now=now)
    with pytest.raises(services.Refused, match="sent before with something else"):
        once(actor=people.kim, key="k", asked={"what": "x", "amount": 6}, do=do, now=now)
    once(actor=people.kim, key="k", asked={"amount": 5, "what": "x"}, do=do, now=now)
    assert len(done) == 1


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_what_is_no_key_is_refused(people, now, count, key):
    with pytest.raises(services.Refused, match="not complete"):
        once(actor=people.kim, key=key, asked={}, do=count[1], now=now)
    assert count[0] == []


def test_what_is_refused_keeps_its_key_for_the_next_try(people, now, count):
    def refuse():
        Adjustment.objects.all().delete()
        raise services.Refused("no", "No.")

    with pytest.raises(services.Refused, match="No"):
        once(actor=people.kim, key="k", asked={"code": "typo"}, do=refuse, now=now)
    assert RequestKey.objects.count() == 0
    assert once(actor=people.kim, key="k", asked={"code": "right"}, do=count[1], now=now).again is False


def test_keys_are_kept_for_three_days(people, now, count):
    once(actor=people.kim, key="k", asked={}, do=count[1], now=now)
    assert idempotency.forget_keys(now=now + timedelta(hours=72)) == 0
    assert idempotency.forget_keys(now=now + timedelta(hours=72, seconds=1)) == 1


def test_after_that_the_natural_keys_still_protect(people, give, has, now):
    given = give(5, key="k")
    idempotency.forget_keys(now=now + timedelta(days=4))
    assert (give(5, key="k").pk, has(people.kim)) == (given.pk, (5, 0, 0))


def test_a_form_of_a_voucher_uses_one(people, has, now):
    vouchers = [services.make_voucher(amount=7, by=people.ida, now=now) for _ in range(2)]
    for _ in range(2):
        services.redeem(member=people.kim, code=vouchers[0].code, now=now, request_key="k")
    with pytest.raises(services.Refused, match="sent before with something else"):
        services.redeem(member=people.kim, code=vouchers[1].code, now=now, request_key="k")
    assert has(people.kim) == (7, 0, 0)


def test_taking_twice_is_answered_twice_though_nothing_is_left(people, give, has):
    """The replay isn't measured against what is there after the first."""
    give(40)
    assert give(-40, key="take").pk == give(-40, key="take").pk
    assert has(people.kim) == (0, 0, 0)


# --- at once, by real threads --------------------------------------------------------------------------------


def verify(bank):
    with tenant_scope(bank.tenant):
        return verification.verify(verification.LAWS, now=bank.now)


def test_two_hundred_times_the_same_key_at_once(bank):
    """F63, F66: each form that moves credits has one effect and equal answers, without a deadlock."""
    before, kim = deadlocks(), bank.clients[0]
    with tenant_scope(bank.tenant):
        sell()
        voucher = services.make_voucher(amount=7, by=bank.staff, now=bank.now)
    forms = {
        "buy": lambda: begin(kim, bank.now, key="buy-1").pk,
        "voucher": lambda: services.redeem(member=kim, code=voucher.code, now=bank.now, request_key="v-1").pk,
        "adjust": lambda: (
            services.adjust(member=kim, amount=30, reason="Welcome", by=bank.staff, request_key="a-1", now=bank.now).pk
        ),
    }
    for name, form in forms.items():
        answers = in_turn(bank, [form] * RIVALS)
        assert len(set(answers)) == 1, (name, set(answers))
    with tenant_scope(bank.tenant):
        assert (Purchase.objects.count(), Adjustment.objects.count(), RequestKey.objects.count()) == (1, 1, 3)
        assert queries.balances(kim) == queries.Balances(available=37)
    assert (verify(bank), deadlocks()) == ([], before)


def test_two_hundred_times_the_same_event_at_once(bank):
    """The event of one payment and those of other tries, all together: the credits come once."""
    before, kim = deadlocks(), bank.clients[1]
    with tenant_scope(bank.tenant):
        sell()
        kim.tenant = bank.tenant
        event = event_of(begin(kim, bank.now, key=uuid7().hex))
    answers = in_turn(
        bank,
        [lambda: services.take_event(tenant=bank.tenant, provider="test", event=event, now=bank.now)] * RIVALS,
    )
    assert set(answers) == {"done"}
    with tenant_scope(bank.tenant):
        assert (PaymentEvent.objects.count(), Transfer.objects.filter(kind="purchase").count()) == (1, 1)
        assert queries.balances(kim).available == 100
    assert (verify(bank), deadlocks()) == ([], before)


def test_many_of_the_staff_pay_one_purchase_back_at_once(bank):
    """Each with a form of their own: exactly as much goes back as was bought, and no more money than was paid."""
    before, kim = deadlocks(), bank.clients[2]
    with tenant_scope(bank.tenant):
        sell()
        kim.tenant = bank.tenant
        purchase = bought(kim, bank.now)
    asks = [
        lambda key=f"refund-{number}": (
            services.ask_refund(
                purchase=purchase, credits=10, reason="Why", by=bank.staff, request_key=key, now=bank.now
            ).pk
        )
        for number in range(40)
    ]
    answers = in_turn(bank, asks)
    assert answers.count("Refused") == 30
    with tenant_scope(bank.tenant):
        found = Purchase.objects.get(pk=purchase.pk)
        assert (found.refunded, found.refunded_price, queries.balances(kim).available) == (100, 9000, 0)
    assert (verify(bank), deadlocks()) == ([], before)
