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
            "member": mine.client.user.email,
            "amount": "30",
            "reason": "Sorry",
            "reference": "",
            "request_key": key,
            **said,
        }

    return form


@pytest.fixture
def adjust(form):
    """Look at the preview, and send it as it stands; what was sent."""

    def adjust(browser, **said):
        sent = form(**said)
        preview = browser.post(f"{BASE}adjustment/add/", sent).context["adminform"].form.preview
        sent["previewed"] = preview.digest
        assert browser.post(f"{BASE}adjustment/add/", sent).status_code == 302
        return sent

    return adjust


def test_staff_give_credits_once_however_often_the_form_is_sent(mine, staff, adjust):
    """F66: each open page is one adjustment."""
    before = available(mine)
    sent = adjust(staff)
    assert staff.post(f"{BASE}adjustment/add/", sent).status_code == 302
    assert available(mine) == before + 30
    adjust(staff, amount="-10")
    assert available(mine) == before + 20


def test_an_adjustment_is_looked_at_before_it_is_made(mine, staff, form):
    """PG-84: before and after; nothing has moved, and nothing is called wrong."""
    before, sent = available(mine), form(amount="500", reason="Welcome back")
    page = staff.post(f"{BASE}adjustment/add/", sent)
    name = mine.client.name
    assert page.context["adminform"].form.preview.lines == [
        f"{name} can use {before:,} credits now and {before + 500:,} afterwards.",
        "That is more than 100: nothing moves before somebody else has agreed.",
        f"{name} reads: “Welcome back”",
    ]
    assert ('value="Ask to give 500 credits"' in page.text, "errornote" in page.text) == (True, False)
    with tenant_scope(mine.tenant):
        assert not Adjustment.objects.filter(amount=500).exists()


@pytest.mark.parametrize("changed", [{"amount": "40"}, {"previewed": "stale"}])
def test_what_was_not_looked_at_is_not_made(mine, staff, form, changed):
    """Another amount, or another balance than the page showed, is shown first."""
    before, sent = available(mine), form()
    digest = staff.post(f"{BASE}adjustment/add/", sent).context["adminform"].form.preview.digest
    page = staff.post(f"{BASE}adjustment/add/", {**sent, "previewed": digest, **changed})
    assert (page.status_code, page.context["adminform"].form.preview is None) == (200, False)
    assert available(mine) == before


@pytest.mark.parametrize("typed", ["Kim Clientqqnorth", "kim client", "KIM"])
def test_a_member_is_found_by_name(mine, staff, form, typed):
    page = staff.post(f"{BASE}adjustment/add/", form(member=typed))
    assert page.context["adminform"].form.preview.lines[0].startswith("Kim Clientqqnorth can use")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("qqnorth", "Several people are called so: Ana Providerqqnorth ("), ("Zoe", "Nobody here has this name or address."),
        ("Kim Clientqqsouth", "Nobody here has this name or address."), ("", "This field is required."),
    ],
)  # fmt: skip
def test_a_member_who_is_not_found_has_a_sentence(mine, theirs, staff, form, typed, sentence):
    """T1: nobody of another marketplace is found."""
    page = staff.post(f"{BASE}adjustment/add/", form(member=typed))
    assert sentence in page.text
    assert f'value="{typed}"' in page.text or not typed


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


def test_above_the_limit_somebody_else_agrees(mine, staff, adjust, as_):
    before = available(mine)
    adjust(staff, amount="500")
    with tenant_scope(mine.tenant):
        waiting = Adjustment.objects.get(amount=500)
        name = waiting.member.name
    agree = {"action": "approve", "_selected_action": [str(waiting.pk)]}
    shown = staff.get(f"{BASE}adjustment/{waiting.pk}/change/").text
    assert f"can use {before:,} credits now and {before + 500:,} afterwards." in shown
    assert "Somebody else has to agree" in staff.post(f"{BASE}adjustment/", agree, follow=True).text
    assert available(mine) == before
    told = as_(mine.owner).post(f"{BASE}adjustment/", agree, follow=True).text
    assert f"Agreed: 500 credits given to {name}." in told
    assert available(mine) == before + 500
    with tenant_scope(mine.tenant):
        line = Transfer.objects.get(amount=500)
        assert (line.by, line.second) == (mine.staff, mine.owner)


def test_staff_make_vouchers(mine, staff):
    staff.post(f"{BASE}voucher/add/", {"amount": "25", "note": "Fair", "expires_on": ""})
    with tenant_scope(mine.tenant):
        voucher = Voucher.objects.get(amount=25)
    unused, used = (staff.get(f"{BASE}voucher/?used_by__isempty={number}").text for number in (1, 0))
    assert (voucher.code in unused, voucher.code in used) == (True, False)
    assert ("Not used yet" in unused, "Not empty" in unused) == (True, False)
    assert (voucher.made_by_id, voucher.note) == (mine.staff.pk, "Fair")


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [("0", "Enter a whole number above 0, like 30."), ("2000000000", "Enter 1,000,000,000 at most.")],
)
def test_a_voucher_of_nothing_or_too_much_is_not_made(mine, staff, amount, sentence):
    page = staff.post(f"{BASE}voucher/add/", {"amount": amount, "note": "Fair", "expires_on": ""})
    assert (page.status_code, sentence in page.text) == (200, True)


def test_the_ledger_has_no_way_to_write(mine, staff):
    assert staff.get(f"{BASE}transfer/add/").status_code == 403
    with tenant_scope(mine.tenant):
        line = Transfer.objects.filter(kind="grant").first()
    page = staff.get(f"{BASE}transfer/{line.pk}/change/")
    assert "the marketplace" in page.text
    assert 'name="_save"' not in page.text
