"""What staff decide about credits: each guard with its sentence, each limit exactly at it (T34, L10, F88; decision 0012)."""

from dataclasses import replace

import pytest

from bookings import workflow
from bookings.enums import Action, CreditStatus, Status
from tests.bookings.facts import CLIENT_MUST_ANSWER, FIRST, NOBODY_MUST_ANSWER, OTHER, context_of
from tests.bookings.test_guards import CHANGE_PRICE, STAFF, said, said_under

NO_NUMBER = ("price_missing", "Type the new price as a whole number from 0 to 1,000,000.", "price", False)


@pytest.mark.parametrize(("price", "refusal"), [
    (None, NO_NUMBER), (-1, NO_NUMBER), (1_000_001, NO_NUMBER), (0, None), (1_000_000, None),
    (30, ("no_change", "It costs 30 credits already. Type another price.", "price", False)),
])  # fmt: skip
def test_a_price_is_a_new_whole_number(price, refusal):
    """T34."""
    assert said(CHANGE_PRICE, new_price=price) == refusal


def test_on_the_table_it_is_new_where_any_time_cost_something_else():
    cell = (Status.PENDING, CLIENT_MUST_ANSWER, Action.CHANGE_PRICE, STAFF)
    context = context_of(*cell, new_price=30)
    assert workflow.check(context).code == "no_change"
    times = (FIRST, replace(OTHER, price=40))
    assert workflow.check(replace(context, proposal=replace(context.proposal, times=times))) is None


def test_where_nothing_costs_credits_there_is_no_price():
    sentence = "Nothing costs credits here, so there is no price to change."
    assert said_under(CHANGE_PRICE, {"price_unit": "none"}) == ("no_prices", sentence, "", False)


@pytest.mark.parametrize(("price", "may"), [(130, True), (131, False), (0, True)])
def test_more_than_one_person_may_decide_is_for_an_owner(price, may):
    """L10: exactly at the limit it still is one person's."""
    sentence = "One of the staff decides about 100 credits at most, and this is about 101. Ask an owner to do it."
    expected = None if may else ("over_limit", sentence, "price", False)
    assert said(CHANGE_PRICE, new_price=price, alone_limit=100) == expected
    assert said(CHANGE_PRICE, new_price=price) is None


def test_a_difference_that_is_not_there_is_said_in_numbers():
    """F88."""
    facts = {"new_price": 50, "credit_status": CreditStatus.BLOCKED, "available": 19}
    sentence = "Kim Okafor needs 1 more credit for this. Nothing was changed."
    assert said(CHANGE_PRICE, **facts) == ("too_few", sentence, "price", False)
    assert said(CHANGE_PRICE, **facts | {"available": 20}) is None


CANCEL_AS_STAFF = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.CANCEL, STAFF)
PAID = {"credit_status": CreditStatus.BLOCKED}
FROM_0_TO_30 = ("not_that_much", "Type a whole number from 0 to 30, or leave it empty.", "credits_back", False)


@pytest.mark.parametrize(("back", "refusal"), [
    (None, None), (0, None), (30, None), (-1, FROM_0_TO_30), (31, FROM_0_TO_30),
])  # fmt: skip
def test_what_comes_back_is_part_of_what_is_held(back, refusal):
    """T34."""
    assert said(CANCEL_AS_STAFF, **PAID, credits_back=back) == refusal


@pytest.mark.parametrize("changed", [{"credit_status": CreditStatus.NONE}, {"starts_at": None}])
def test_without_an_agreement_or_a_hold_nothing_can_be_kept(changed):
    assert said(CANCEL_AS_STAFF, **PAID | changed, credits_back=0)[0] == "nothing_to_keep"
    assert said(CANCEL_AS_STAFF, **PAID | changed) is None


def test_what_one_person_may_keep_has_the_same_limit():
    """L10: exactly at the limit it still is one person's."""
    sentence = "One of the staff decides about 20 credits at most, and this is about 21. Ask an owner to do it."
    refusal = ("over_limit", sentence, "credits_back", False)
    assert said(CANCEL_AS_STAFF, **PAID, credits_back=9, alone_limit=20) == refusal
    assert said(CANCEL_AS_STAFF, **PAID, credits_back=10, alone_limit=20) is None
    assert said(CANCEL_AS_STAFF, **PAID, alone_limit=0) is None
