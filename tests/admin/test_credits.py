"""PG-84: staff read the ledger, give and take with a reason, and agree to each other's larger adjustments (L10)."""

import pytest

from accounts.tenancy import tenant_scope
from credits import queries
from credits.models import Adjustment, Transfer, Voucher

BASE = "/t/north/admin/credits/"


def available(world):
    with tenant_scope(world.tenant):
        return queries.balances(world.client).available


@pytest.fixture
def form(mine, staff):
    """What the page to adjust would send."""

    def form(**said):
        shown = staff.get(f"{BASE}adjustment/add/").context["adminform"].form
        key = shown.get_initial_for_field(shown.fields["request_key"], "request_key")
        return {
            "member": mine.client.pk,
            "amount": "30",
            "reason": "Sorry",
            "reference": "",
            "request_key": key,
            **said,
        }

    return form


def test_staff_give_credits_once_however_often_the_form_is_sent(mine, staff, form):
    """F66: each open page is one adjustment."""
    before, sent = available(mine), form()
    for _ in range(2):
        assert staff.post(f"{BASE}adjustment/add/", sent).status_code == 302
    assert available(mine) == before + 30
    staff.post(f"{BASE}adjustment/add/", form(amount="-10"))
    assert available(mine) == before + 20


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"amount": "-100000"}, "only. Take"), ({"amount": "0"}, "Enter a whole number above 0, like 30."),
        ({"amount": "1.5"}, "Enter a whole number."), ({"reason": ""}, "This field is required."),
        ({"amount": "9999999999999"}, "Enter 1,000,000,000 at most."),
    ],
)  # fmt: skip
def test_wrong_input_is_said_and_moves_nothing(mine, staff, form, said, sentence):
    before = available(mine)
    page = staff.post(f"{BASE}adjustment/add/", form(**said))
    assert (page.status_code, sentence in page.text) == (200, True)
    assert available(mine) == before


def test_above_the_limit_somebody_else_agrees(mine, staff, form, as_):
    before = available(mine)
    staff.post(f"{BASE}adjustment/add/", form(amount="500"))
    with tenant_scope(mine.tenant):
        waiting = Adjustment.objects.get(amount=500)
    agree = {"action": "approve", "_selected_action": [str(waiting.pk)]}
    assert "Somebody else has to agree" in staff.post(f"{BASE}adjustment/", agree, follow=True).text
    assert available(mine) == before
    as_(mine.owner).post(f"{BASE}adjustment/", agree)
    assert available(mine) == before + 500
    with tenant_scope(mine.tenant):
        line = Transfer.objects.get(amount=500)
        assert (line.by, line.second) == (mine.staff, mine.owner)


def test_staff_make_vouchers(mine, staff):
    staff.post(f"{BASE}voucher/add/", {"amount": "25", "note": "Fair", "expires_on": ""})
    with tenant_scope(mine.tenant):
        voucher = Voucher.objects.get(amount=25)
    assert voucher.code in staff.get(f"{BASE}voucher/").text
    assert (voucher.made_by_id, voucher.note) == (mine.staff.pk, "Fair")


def test_the_ledger_has_no_way_to_write(mine, staff):
    assert staff.get(f"{BASE}transfer/add/").status_code == 403
    with tenant_scope(mine.tenant):
        line = Transfer.objects.filter(kind="grant").first()
    page = staff.get(f"{BASE}transfer/{line.pk}/change/")
    assert "the marketplace" in page.text
    assert 'name="_save"' not in page.text
