"""Bought credits that go back: only what is unspent, the credits at once, the money by the worker (F91, PG-84)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.policies import Pack
from config.subscriptions import HANDLERS
from credits import services, verification
from credits.enums import RefundState
from credits.models import Purchase, Refund, Transfer
from credits.services import refunds
from notifications import relay
from notifications.models import EmailMessage, OutboxMessage
from notifications.rendering import render

from .buying import bought, sell


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def purchase(people, now):
    sell()
    return bought(people.kim, now)


@pytest.fixture
def ask(purchase, people, now):
    """Staff who take credits of the purchase back."""

    def ask(credits=40, key="r1", reason="Too many", by=None):
        return services.ask_refund(
            purchase=purchase, credits=credits, reason=reason, by=by or people.sam, request_key=key, now=now
        )

    return ask


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def fail(refund):
    """What is noted when the provider turns it down."""
    refunds._note_failure(refunds._locked_refund(refund.pk), "The card is closed.", refund.tries)
    return fresh(refund)


def test_credits_leave_at_once_and_the_money_follows(ask, purchase, people, has, now):
    refund = ask()
    assert (refund.state, refund.price, has(people.kim)) == ("asked", 3600, (60, 0, 0))
    moved = refund.departure
    assert (moved.kind, moved.amount, moved.reason, moved.by, moved.reference) == (
        "refund", 40, "Too many", people.sam, f"purchase:{purchase.code}",
    )  # fmt: skip
    assert (fresh(purchase).refunded, fresh(purchase).refunded_price) == (40, 3600)
    [work] = OutboxMessage.objects.filter(topic="credits.refund")
    assert (work.payload, work.topic in HANDLERS) == ({"refund_id": str(refund.pk), "tries": 1}, True)


def test_the_worker_pays_and_says_so(ask, people, now):
    refund = ask()
    HANDLERS["credits.refund"](
        relay.Work(people.tenant, "credits.refund", "x", {"refund_id": str(refund.pk), "tries": 1}, 1, now)
    )
    assert (fresh(refund).state, fresh(refund).done_at, fresh(refund).payment) == (
        "done",
        now,
        f"test_refund_{refund.pk}",
    )
    mail = EmailMessage.objects.get(kind="credits_paid_back")
    told = render(mail, now=now)
    assert told.subject == "Paid back: €36.00 for 40 credits"
    assert "> Too many" in told.text
    assert "To use now: 60" in told.text


def test_the_same_form_takes_back_once(ask, people, has):
    assert len({ask().pk for _ in range(3)}) == 1
    assert has(people.kim) == (60, 0, 0)
    with pytest.raises(services.Refused, match="sent before with something else"):
        ask(credits=41)


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"credits": 0}, "credits", "Enter a whole number above 0, like 30."),
        ({"credits": -1}, "credits", "Enter a whole number above 0, like 30."),
        ({"credits": 101}, "credits", "Enter 100 at most: the rest is spent, held or paid back already."),
        ({"reason": "  "}, "reason", "Say why in a few words. Kim Okafor reads it."),
        ({"reason": "x" * 201}, "reason", "Shorten the reason: 200 characters fit."),
    ],
)
def test_what_can_not_go_back_is_refused(ask, people, has, said, field, sentence):
    with pytest.raises(services.Refused) as refused:
        ask(**said)
    assert (refused.value.field, refused.value.sentence) == (field, sentence)
    assert (has(people.kim), Refund.objects.count()) == ((100, 0, 0), 0)


def test_only_staff_pay_back(ask, people):
    for member in (people.kim, people.ana):
        with pytest.raises(services.Refused, match="Only staff"):
            ask(by=member)


def test_only_what_is_not_spent_goes_back(ask, purchase, people, has, give, now):
    """What came otherwise counts as spent first."""
    give(20)
    services.hold(member=people.kim, amount=90, reference="booking:NO-1", key="1", now=now)
    assert services.refundable(fresh(purchase)) == 30
    with pytest.raises(services.Refused, match="Enter 30 at most"):
        ask(credits=31)
    ask(credits=30)
    assert has(people.kim) == (0, 90, 0)
    with pytest.raises(services.Refused, match="Nothing of this purchase"):
        ask(credits=1, key="r2")


def test_what_is_not_paid_can_not_go_back(people, now):
    sell()
    open_one = services.begin_purchase(member=people.kim, credits=50, request_key="k", now=now)
    with pytest.raises(services.Refused, match="Nothing of this purchase"):
        services.ask_refund(purchase=open_one, credits=1, reason="x", by=people.sam, request_key="r", now=now)


@pytest.mark.parametrize("parts", [[100], [1] * 7 + [93], [33, 33, 34], [50, 25, 24, 1]])
def test_all_parts_together_are_all_of_the_price(people, now, parts):
    """Odd prices: nothing is lost by rounding, nothing paid twice."""
    sell(credit_price=0, packs=(Pack(100, 9999),))
    purchase = bought(people.kim, now)
    paid = 0
    for number, part in enumerate(parts):
        paid += services.ask_refund(
            purchase=fresh(purchase), credits=part, reason="x", by=people.sam, request_key=f"r{number}", now=now
        ).price
    assert (paid, fresh(purchase).refunded_price, fresh(purchase).refunded) == (9999, 9999, 100)


def test_a_refund_that_failed_is_tried_again(ask, people, has, now):
    refund = fail(ask())
    assert (refund.state, refund.trouble, has(people.kim)) == ("failed", "The card is closed.", (60, 0, 0))
    again = services.try_again(refund=refund, by=people.ida, now=now)
    assert (again.state, again.tries, again.trouble) == ("asked", 2, "")
    services.pay_back(tenant=people.tenant, refund_id=refund.pk, tries=2, attempt=1, now=now)
    assert (fresh(refund).state, has(people.kim)) == (RefundState.DONE, (60, 0, 0))
    with pytest.raises(services.Refused, match="did not fail"):
        services.try_again(refund=refund, by=people.ida, now=now)


def test_a_refund_that_failed_for_good_gives_the_credits_back(ask, purchase, people, has, now):
    refund = fail(ask())
    services.give_back(refund=refund, by=people.ida, now=now)
    assert (fresh(refund).state, has(people.kim)) == ("withdrawn", (100, 0, 0))
    assert (fresh(purchase).refunded, fresh(purchase).refunded_price) == (0, 0)
    assert fresh(refund).comeback.kind == "unrefund"
    with pytest.raises(services.Refused, match="did not fail"):
        services.give_back(refund=refund, by=people.ida, now=now)
    ask(credits=100, key="r2")
    assert has(people.kim) == (0, 0, 0)


def test_what_did_not_fail_is_not_tried_again(ask, people, now):
    for decide in (services.try_again, services.give_back):
        with pytest.raises(services.Refused, match="did not fail"):
            decide(refund=ask(), by=people.ida, now=now)
        with pytest.raises(services.Refused, match="Only staff"):
            decide(refund=fail(ask(key="r9", credits=1)), by=people.kim, now=now)
        Refund.objects.filter(state="failed").update(state="done")


def test_where_the_provider_was_switched_off_the_worker_tries_later(ask, people, now, settings):
    refund = ask()
    settings.TEST_PAYMENTS = False
    with pytest.raises(services.refunds.Unreachable):
        services.pay_back(tenant=people.tenant, refund_id=refund.pk, tries=1, attempt=1, now=now)
    settings.TEST_PAYMENTS = True
    services.pay_back(tenant=people.tenant, refund_id=refund.pk, tries=1, attempt=2, now=now + timedelta(hours=2))
    assert fresh(refund).state == "done"


def test_the_laws_see_what_does_not_add_up(ask, purchase, now, no_rls):
    """P1, P2: made wrong by the owner, past every privilege."""
    ask()
    assert verification.verify(verification.LAWS, now=now) == []
    Purchase.objects.filter(pk=purchase.pk).update(refunded=39)
    [found] = verification.verify(verification.LAWS, now=now)
    assert (found.law, found.examples) == ("P2", [f"purchase {purchase.code}"])
    Purchase.objects.filter(pk=purchase.pk).update(refunded=40, credits=101)
    [found] = verification.verify(verification.LAWS, now=now)
    assert (found.law, found.examples) == ("P1", [f"purchase {purchase.code}"])
    Purchase.objects.filter(pk=purchase.pk).update(credits=100)
    assert Transfer.objects.filter(kind="refund").count() == 1
