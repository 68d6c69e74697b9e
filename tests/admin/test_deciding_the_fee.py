"""Staff cancel in the administration and say how much comes back: previewed, refused at the field, told (T34, PG-81, PG-82)."""

import pytest

from accounts.policies import CancelTier
from accounts.tenancy import tenant_scope
from bookings.enums import Status
from notifications import rendering
from notifications.models import EmailMessage

from .conftest import NOW
from .steps import agree_for_credits, apply, credits_of, fresh, page, preview, refused_at


@pytest.fixture
def priced(mine, accept):
    """Of what is kept the provider gets half."""
    return agree_for_credits(mine, accept, client_cancel_tiers=(CancelTier(48, 100), CancelTier(0, 50, 25)))


def test_it_is_previewed_kept_and_told(mine, staff, priced):
    said = {"credits_back": 10, "reason_text": "She rang an hour before"}
    shown, _ = preview(staff, priced, "cancel", **said)
    name = mine.provider.name
    line = f"20 credits of Lena Hartmann's 30 are spent, 10 of them go to {name}, 10 come back."
    assert line in shown.context["preview"].lines
    assert credits_of(mine) == (10, 30, 0)

    assert apply(staff, priced, "cancel", **said).status_code == 303
    assert (fresh(mine, priced).status, credits_of(mine)) == (Status.CANCELLED, (20, 0, 10))
    with tenant_scope(mine.tenant):
        texts = {}
        for mail in EmailMessage.objects.filter(reference=priced.reference, kind__startswith="booking_cancelled_"):
            texts[mail.kind.rpartition("_")[2]] = rendering.render(mail, now=NOW).text
    assert "Credits: 20 credits spent. 10 credits are back.\n" in texts["client"]
    assert "Credits: 10 credits are yours.\n" in texts["provider"]
    assert "Spent: 20 credits, 10 came back." in staff.get(f"/t/north/bookings/{priced.code}/").text


def test_left_empty_the_rules_hold(mine, staff, priced):
    shown = staff.get(page(priced, "cancel")).text
    assert "Credits to give back" in shown
    assert "Of the 30 that are held. Empty: by the rules, all of them." in shown
    apply(staff, priced, "cancel", reason_text="She rang")
    assert credits_of(mine) == (40, 0, 0)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("some", "Type a whole number, or leave it empty."),
        ("2.5", "Type a whole number, or leave it empty."),
        ("-1", "Type a whole number from 0 to 30, or leave it empty."),
        ("31", "Type a whole number from 0 to 30, or leave it empty."),
        ("9", "One of the staff decides about 20 credits at most, and this is about 21. Ask an owner to do it."),
    ],
)
def test_what_is_no_such_number_is_said_at_its_field_and_kept(typed, sentence, mine, staff, priced):
    assert refused_at(staff, priced, "cancel", credits_back=typed) == {"credits_back": [sentence]}
    assert credits_of(mine) == (10, 30, 0)


def test_where_nothing_is_held_nobody_is_asked(staff, agreed):
    assert "credits_back" not in staff.get(page(agreed, "cancel")).context["form"].fields
