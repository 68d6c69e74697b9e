"""Staff change a price in the administration: preview, reason, apply, refused in words at the field (T34, PG-81, PG-82, L10)."""

from dataclasses import replace

import pytest

from accounts.presets import PRESETS
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings.enums import Action, Actor
from tests import factories

from .conftest import ask
from .steps import (
    agree_for_credits,
    apply,
    credits_of,
    events,
    form_of,
    fresh,
    links,
    log,
    mails,
    page,
    preview,
    refused_at,
)


@pytest.fixture
def priced(mine, accept):
    return agree_for_credits(mine, accept)


def test_the_preview_says_old_and_new_and_changes_nothing(mine, staff, priced):
    shown, _ = preview(staff, priced, "price", price=25, reason_text="As promised")
    said = shown.context["preview"]
    assert said.lines == ["It costs 25 credits instead of 30.", "5 credits come back."]
    assert {mail.to for mail in said.mails} == {"Lena Hartmann", mine.provider.name}
    assert all("As promised" in mail.text for mail in said.mails)
    assert (fresh(mine, priced).price, credits_of(mine)) == (30, (10, 30, 0))


def test_it_is_changed_told_and_logged(mine, staff, priced):
    assert "Change the price" in links(staff, priced)
    assert apply(staff, priced, "price", price=25, reason_text="As promised").status_code == 303
    assert (fresh(mine, priced).price, credits_of(mine)) == (25, (15, 25, 0))
    assert events(mine, priced)[-1] == "Price changed by staff"
    assert mails(mine, priced).count("booking_repriced_client") == 1
    assert log(mine).changes == [{"field": "price", "old": "30", "new": "25"}, {"why": "As promised"}]
    shown = staff.get(f"/t/north/bookings/{priced.code}/").text
    assert "changed the price from 30 to 25 credits." in shown


def test_the_form_begins_with_what_it_costs_now(staff, priced):
    shown = staff.get(page(priced, "price"))
    assert form_of(staff, priced, "price")["price"] == 30
    assert "It costs 30 now." in shown.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type the new price as a whole number from 0 to 1,000,000."),
        ("cheap", "Type the new price as a whole number from 0 to 1,000,000."),
        ("2.5", "Type the new price as a whole number from 0 to 1,000,000."),
        ("-1", "Type the new price as a whole number from 0 to 1,000,000."),
        ("9" * 30, "Type the new price as a whole number from 0 to 1,000,000."),
        ("30", "It costs 30 credits already. Type another price."),
        ("41", "Lena Hartmann needs 1 more credit for this. Nothing was changed."),
        ("9", "One of the staff decides about 20 credits at most, and this is about 21. Ask an owner to do it."),
    ],
)
def test_what_is_no_price_is_said_at_its_field_and_kept(typed, sentence, mine, staff, priced):
    assert refused_at(staff, priced, "price", price=typed) == {"price": [sentence]}
    assert (fresh(mine, priced).price, credits_of(mine)) == (30, (10, 30, 0))


def test_an_owner_decides_about_more(mine, owner, priced):
    assert apply(owner, priced, "price", price=0, reason_text="It was our mistake").status_code == 303
    assert (fresh(mine, priced).price, credits_of(mine)) == (0, (40, 0, 0))


def test_a_booking_that_changed_since_the_page_was_opened_is_not_touched(mine, staff, priced, act):
    shown, form = preview(staff, priced, "price", price=25, reason_text="As promised")
    act(priced, Action.ASK_SUPPORT, Actor.CLIENT, message="An hour later, please.")
    answer = staff.post(page(priced, "price"), {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"})
    assert answer.status_code == 409
    assert fresh(mine, priced).price == 30


def test_two_presses_change_it_once(mine, staff, priced):
    shown, form = preview(staff, priced, "price", price=25, reason_text="As promised")
    sent = {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"}
    assert [staff.post(page(priced, "price"), sent).status_code for _ in range(2)] == [303, 303]
    assert events(mine, priced).count("Price changed by staff") == 1


def test_where_nothing_costs_credits_the_step_is_not_offered(mine, staff, accept):
    with tenant_scope(mine.tenant):
        adopt_policy(policy=replace(PRESETS["mentors"].policy, price_unit="none"))
        agreed = accept(ask(mine, factories.NOW, days=4))
    assert "Change the price" not in links(staff, agreed)
    assert "Nothing costs credits here" in staff.get(page(agreed, "price")).text
