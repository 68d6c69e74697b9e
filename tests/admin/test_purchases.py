"""PG-84: staff see what was bought and what providers told, and pay back after a preview; what failed waits for them (F91)."""

import pytest

from accounts.models import StaffAction
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
        return {"purchase": purchase.pk, "credits": "40", "reason": "Too many", "request_key": key, "shown": "", **said}

    return form


def refunds(mine):
    with tenant_scope(mine.tenant):
        return list(Refund.objects.select_related("by", "purchase"))


def usable(mine):
    with tenant_scope(mine.tenant):
        return queries.balances(mine.client).available


def send(staff, sent):
    """Press twice: the page shows first what it would do."""
    page = staff.post(f"{BASE}refund/add/", sent)
    return staff.post(f"{BASE}refund/add/", {**sent, "shown": page.context["adminform"].form["shown"].value()})


def test_paying_back_shows_first_what_it_does(mine, staff, form):
    sent = form()
    page = staff.post(f"{BASE}refund/add/", sent)
    has = usable(mine)
    said = f"40 credits leave {mine.client.name}, who can use {has} now and {has - 40} then, and €36.00 go back."
    assert (page.status_code, said in page.content.decode(), refunds(mine)) == (200, True, [])
    done = staff.post(f"{BASE}refund/add/", {**sent, "shown": page.context["adminform"].form["shown"].value()})
    [refund] = refunds(mine)
    assert (done.status_code, refund.credits, refund.price, refund.by) == (302, 40, 3600, mine.staff)
    with tenant_scope(mine.tenant):
        assert queries.balances(mine.client).available == has - 40
        assert StaffAction.objects.filter(object_type="credits.refund", action="added").count() == 1


def test_what_was_shown_and_is_no_longer_so_is_shown_again(mine, staff, form):
    sent = form()
    page = staff.post(f"{BASE}refund/add/", sent)
    shown = page.context["adminform"].form["shown"].value()
    dearer = staff.post(f"{BASE}refund/add/", {**sent, "credits": "50", "shown": shown})
    assert (dearer.status_code, "50 credits leave" in dearer.content.decode(), refunds(mine)) == (200, True, [])


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
    page = send(staff, form(purchase=foreign.pk))
    assert ("not one of the available choices" in page.content.decode(), refunds(mine)) == (True, [])


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
