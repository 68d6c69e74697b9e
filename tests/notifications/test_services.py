"""Telling somebody something: one row, one piece of work, in the caller's transaction (W1, W2, R-MAIL-2)."""

import pytest
from django.db import transaction
from django_scopes.exceptions import ScopeError

from accounts.tenancy import tenant_scope
from notifications.models import EmailMessage, OutboxMessage
from notifications.queries import mails_about
from notifications.services import notify
from tests import factories


def tell(recipient, dedupe_key="NW-7K4Q:1:asked", **options):
    return notify(
        recipient=recipient,
        kind="booking_requested_client",
        context={"code": "NW-7K4Q"},
        dedupe_key=dedupe_key,
        now=factories.NOW,
        **{"reference": "booking:NW-7K4Q", **options},
    )


def test_notify_leaves_a_mail_and_the_work_of_sending_it(in_north):
    kim = factories.member("Kim Okafor")
    email = tell(kim, calendar_file="BEGIN:VCALENDAR")
    kept = EmailMessage.objects.get()
    assert (kept.pk, kept.recipient, kept.kind, kept.state) == (email.pk, kim, "booking_requested_client", "queued")
    assert (kept.context, kept.reference, kept.calendar_file) == (
        {"code": "NW-7K4Q"}, "booking:NW-7K4Q", "BEGIN:VCALENDAR",
    )  # fmt: skip
    work = OutboxMessage.objects.get()
    assert (work.topic, work.payload, work.due_at) == (
        "notifications.email", {"email_id": str(email.pk)}, factories.NOW,
    )  # fmt: skip


def test_notify_the_same_key_twice_is_one_mail(in_north):
    kim = factories.member("Kim Okafor")
    first, second = tell(kim), tell(kim, reference="booking:OTHER")
    assert first == second
    assert second.reference == "booking:NW-7K4Q"
    assert (EmailMessage.objects.count(), OutboxMessage.objects.count()) == (1, 1)


def test_notify_the_same_key_in_two_tenants_is_two_mails(north, south):
    for tenant in (north, south):
        with tenant_scope(tenant):
            tell(factories.member())
            assert EmailMessage.objects.count() == 1


def test_a_transaction_rolled_back_tells_nobody(in_north):
    kim = factories.member("Kim Okafor")
    with transaction.atomic():
        tell(kim)
        transaction.set_rollback(True)
    assert not EmailMessage.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_notify_outside_a_scope_raises(db):
    with pytest.raises(ScopeError):
        tell(None, to_address="kim@example.org")


def test_mails_about_lists_one_thing_in_the_order_it_was_told(in_north):
    kim = factories.member("Kim Okafor")
    told = [tell(kim, dedupe_key=key) for key in "abc"]
    tell(kim, dedupe_key="d", reference="booking:OTHER")
    assert mails_about("booking:NW-7K4Q") == told


def test_mails_about_costs_one_query(in_north, django_assert_num_queries):
    for key in "abc":
        tell(factories.member(), dedupe_key=key)
    with django_assert_num_queries(1):
        assert [mail.recipient.name for mail in mails_about("booking:NW-7K4Q")] == ["Kim Okafor"] * 3
