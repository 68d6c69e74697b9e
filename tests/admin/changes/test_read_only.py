"""What nobody can post or delete in the administration (decisions.md 17, B10)."""

import pytest

from accounts.tenancy import tenant_scope
from bookings.models import Booking, BookingEvent, Proposal

from .saving import BASE

READ_ONLY = {
    "bookings/booking": lambda mine: mine.booking.pk,
    "accounts/staffaction": lambda mine: mine.action.pk,
    "accounts/policyversion": lambda mine: mine.booking.policy_version_id,
    "notifications/outboxmessage": lambda mine: mine.work.pk,
}


@pytest.mark.parametrize("kind", READ_ONLY)
def test_what_is_read_only_cannot_be_posted(kind, mine, owner):
    """A status moves through a transition, never through a form (decisions.md 17, B10)."""
    url = f"{BASE}{kind}/{READ_ONLY[kind](mine)}/change/"
    form = {
        "status": "confirmed",
        "state": "done",
        "price": 0,
        "credit_status": "returned",
        "settings": "{}",
        "action": "x",
    }

    assert owner.get(url).status_code == 200
    assert owner.post(url, form).status_code == 403
    assert owner.post(f"{BASE}{kind}/add/", form).status_code == 403
    assert owner.post(url.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_inlines_of_a_booking_cannot_be_posted(mine, owner):
    form = {
        "proposals-TOTAL_FORMS": 2, "proposals-INITIAL_FORMS": 1, "proposals-0-state": "accepted",
        "events-TOTAL_FORMS": 2, "events-INITIAL_FORMS": 1, "events-0-name": "Forged", "events-1-name": "Forged",
    }  # fmt: skip
    with tenant_scope(mine.tenant):
        before = [list(model.objects.values()) for model in (Booking, Proposal, BookingEvent)]

    assert owner.post(f"{BASE}bookings/booking/{mine.booking.pk}/change/", form).status_code == 403

    with tenant_scope(mine.tenant):
        assert [list(model.objects.values()) for model in (Booking, Proposal, BookingEvent)] == before


def test_nothing_can_be_deleted_one_by_one_or_in_bulk(mine, owner):
    rows = {
        "marketplace/topic": mine.topic, "marketplace/service": mine.service, "marketplace/provider": mine.provider,
        "accounts/membership": mine.client,
    }  # fmt: skip
    for kind, row in rows.items():
        assert owner.post(f"{BASE}{kind}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        owner.post(f"{BASE}{kind}/", {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        with tenant_scope(mine.tenant):
            assert type(row).objects.filter(pk=row.pk).exists()
