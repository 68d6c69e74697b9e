"""Work and mails that were given up, in the administration (PG-86, F86)."""

import pytest

from accounts.tenancy import tenant_scope
from notifications.models import EmailMessage, OutboxMessage

from ..conftest import NOW
from .saving import BASE, put_down


def test_work_that_gave_up_is_tried_again_and_put_down(mine, staff):
    answer = staff.post(
        f"{BASE}notifications/outboxmessage/", {"action": "try_again", "_selected_action": [mine.work.pk]}, follow=True
    )

    assert "1 will be tried again in a moment." in answer.text
    with tenant_scope(mine.tenant):
        mine.work.refresh_from_db()
        assert (mine.work.state, mine.work.attempts, mine.work.due_at) == ("queued", 0, NOW)
        assert put_down(mine).changes == [{"field": "state", "old": "dead", "new": "queued"}]


def test_work_that_did_not_give_up_is_left_alone(mine, staff):
    with tenant_scope(mine.tenant):
        queued = type(mine.work).objects.filter(state="queued").first()

    answer = staff.post(
        f"{BASE}notifications/outboxmessage/", {"action": "try_again", "_selected_action": [queued.pk]}, follow=True
    )

    assert "None of these gave up, so nothing was changed." in answer.text


def trouble(mine, state, **more):
    """A mail that came to this end."""
    with tenant_scope(mine.tenant):
        return EmailMessage.objects.create(
            **{"kind": "booking_expired_client", "attempts": 12, "doubts": 0, **more},
            recipient=mine.client, state=state, dedupe_key=f"trouble {state}", reference=mine.booking.reference,
        )  # fmt: skip


def send_again(staff, mail):
    form = {"action": "send_again", "_selected_action": [mail.pk]}
    return staff.post(f"{BASE}notifications/emailmessage/", form, follow=True)


@pytest.mark.parametrize(("state", "doubts", "left"), [("failed", 0, 0), ("unknown", 2, 1)])
def test_mails_that_were_given_up_are_sent_again_and_put_down(mine, staff, state, doubts, left):
    """PG-86, F86: new work with new attempts; of one that may have left, the mail server is asked before."""
    mail = trouble(mine, state, doubts=doubts)

    answer = send_again(staff, mail)

    assert "1 will be sent in a moment." in answer.text
    with tenant_scope(mine.tenant):
        mail.refresh_from_db()
        assert (mail.state, mail.doubts) == ("queued", left)
        work = OutboxMessage.objects.get(dedupe_key=f"{mail.pk}:12")
        assert (work.topic, work.payload, work.state) == ("notifications.email", {"email_id": str(mail.pk)}, "queued")
        assert work.due_at == NOW
        assert put_down(mine).changes == [{"field": "state", "old": state, "new": "queued"}]
    assert "None of these can be sent again, so nothing was changed." in send_again(staff, mail).text


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
def test_mails_that_are_not_given_up_are_left_alone(mine, staff, state):
    mail = trouble(mine, state)

    assert "None of these can be sent again, so nothing was changed." in send_again(staff, mail).text
    with tenant_scope(mine.tenant):
        mail.refresh_from_db()
        assert mail.state == state
        assert not OutboxMessage.objects.filter(dedupe_key__startswith=str(mail.pk)).exists()


def test_codes_are_never_sent_again(mine, staff):
    """Nothing is kept of a code that was given up, so there is nothing to send."""
    mail = trouble(mine, "failed", kind="account_code")

    assert "None of these can be sent again, so nothing was changed." in send_again(staff, mail).text


def test_sign_in_codes_are_not_shown_to_staff(mine, staff):
    with tenant_scope(mine.tenant):
        mail = EmailMessage.objects.create(
            kind="account_code",
            recipient=mine.client,
            dedupe_key="code",
            text="Your code is 424242",
            context={"code": "424242"},
        )

    text = staff.get(f"{BASE}notifications/emailmessage/{mail.pk}/change/").text

    assert "424242" not in text
    assert "Not shown: it lets its reader into an account." in text
