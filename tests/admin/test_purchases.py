"""PG-84: staff see what was bought and what providers told, and pay back after a preview; what failed waits for them (F91)."""

import pytest

from accounts.tenancy import tenant_scope
from credits import queries
from credits.models import PaymentEvent, Purchase, Refund
from tests.credits.buying import bought, sell

from .conftest import NOW

BASE = "/t/north/admin/credits/"


@pytest.fixture
def purchase(mine):
    with tenant_scope(mine.tenant):
        sell()
        return bought(mine.client, NOW)


@pytest.fixture
def form(purchase, staff):
    """What the page to pay back would send."""

    def form(**said):
        shown = staff.get(f"{BASE}refund/add/").context["adminform"].form
        key = shown.get_initial_for_field(shown.fields["request_key"], "request_key")
        return {"purchase": purchase.code, "credits": "40", "reason": "Too many", "request_key": key, **said}

    return form


def refunds(mine):
    with tenant_scope(mine.tenant):
        return list(Refund.objects.select_related("by", "purchase"))


def usable(mine):
    with tenant_scope(mine.tenant):
        return queries.balances(mine.client).available


def digest(page):
    return page.context["adminform"].form.preview.digest


def send(staff, sent):
    """Press twice: the page shows first what it would do."""
    page = staff.post(f"{BASE}refund/add/", sent)
    return staff.post(f"{BASE}refund/add/", {**sent, "previewed": digest(page)})


def test_paying_back_shows_first_what_it_does(mine, staff, form):
    sent, has = form(), usable(mine)
    page = staff.post(f"{BASE}refund/add/", sent)
    name = mine.client.name
    assert page.context["adminform"].form.preview.lines == [
        f"{name} bought 100 for €90.00.",
        f"40 credits leave at once: {name} can use {has} now and {has - 40} afterwards.",
        "€36.00 go back to where the money came from, in a moment.",
        f"{name} reads: “Too many”",
    ]
    assert (page.status_code, 'value="Pay €36.00 back"' in page.content.decode(), refunds(mine)) == (200, True, [])
    for _ in range(2):
        done = staff.post(f"{BASE}refund/add/", {**sent, "previewed": digest(page)})
        assert done.status_code == 302
    [refund] = refunds(mine)
    assert (refund.credits, refund.price, refund.by, usable(mine)) == (40, 3600, mine.staff, has - 40)


def test_what_was_shown_and_is_no_longer_so_is_shown_again(mine, staff, form):
    sent = form()
    seen = digest(staff.post(f"{BASE}refund/add/", sent))
    more = staff.post(f"{BASE}refund/add/", {**sent, "credits": "50", "previewed": seen})
    assert (more.status_code, "50 credits leave at once" in more.content.decode(), refunds(mine)) == (200, True, [])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"credits": "101"}, "Enter 100 at most"), ({"credits": "-1"}, "greater than or equal to 0"),
        ({"credits": "1.5"}, "Enter a whole number."), ({"credits": "0"}, "Enter a whole number above 0"),
        ({"reason": ""}, "This field is required."),
    ],
)  # fmt: skip
def test_what_can_not_go_back_is_said_and_kept(mine, staff, form, said, sentence):
    page = staff.post(f"{BASE}refund/add/", form(**said))
    assert (page.status_code, sentence in page.content.decode(), refunds(mine)) == (200, True, [])


def test_a_purchase_of_another_tenant_is_no_choice(mine, theirs, staff, form):
    with tenant_scope(theirs.tenant):
        sell()
        foreign = bought(theirs.client, NOW)
    page = staff.post(f"{BASE}refund/add/", form(purchase=foreign.code))
    assert ("There is no purchase of this number" in page.content.decode(), refunds(mine)) == (True, [])


def test_what_failed_is_on_the_first_page_and_is_tried_again_or_given_back(mine, staff, form):
    send(staff, form())
    send(staff, form(credits="10"))
    with tenant_scope(mine.tenant):
        Refund.objects.update(state="failed", trouble="The card is closed.")
    assert "Refunds that failed" in staff.get("/t/north/admin/").content.decode()
    listed = staff.get(f"{BASE}refund/?state__exact=failed").content.decode()
    assert "The card is closed." in listed
    first, second = refunds(mine)
    for action, row in (("try_again", first), ("give_back", second)):
        staff.post(f"{BASE}refund/", {"action": action, "_selected_action": row.pk, "index": "0"})
    assert sorted(row.state for row in refunds(mine)) == ["asked", "withdrawn"]
    refused = staff.post(
        f"{BASE}refund/", {"action": "give_back", "_selected_action": first.pk, "index": "0"}, follow=True
    )
    assert "did not fail" in refused.content.decode()


def test_purchases_and_messages_are_read_only(mine, staff, purchase):
    with tenant_scope(mine.tenant):
        event = PaymentEvent.objects.get()
    for path in (f"purchase/{purchase.pk}/change/", f"paymentevent/{event.pk}/change/"):
        page = staff.get(f"{BASE}{path}")
        assert (page.status_code, "_save" in page.content.decode()) == (200, False)
        assert staff.post(f"{BASE}{path}", {"price": "1"}).status_code == 403
    assert "€90.00" in staff.get(f"{BASE}purchase/").content.decode()
    assert staff.get(f"{BASE}purchase/add/").status_code == 403
    with tenant_scope(mine.tenant):
        assert Purchase.objects.get().price == 9000
