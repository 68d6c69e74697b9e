"""Beside the workflow staff send mails again and run the setting up again (T34, PG-81, decisions.md 7)."""

from accounts.tenancy import tenant_scope
from notifications.models import EmailMessage

from .conftest import NOW, ask
from .steps import SENT, fresh, links, log, mails, page


def test_mails_are_sent_again(mine, staff, agreed):
    with tenant_scope(mine.tenant):
        sent = EmailMessage.objects.get(reference=agreed.reference, kind="booking_confirmed_client")
        EmailMessage.objects.filter(pk=sent.pk).update(**SENT, subject="Confirmed")

    nothing = staff.post(page(agreed, "resend"), {"why": "Kim lost it."})
    answers = [staff.post(page(agreed, "resend"), {"mails": [str(sent.pk)], "why": "Kim lost it."}) for _ in range(2)]

    assert nothing.status_code == 422
    assert [answer.status_code for answer in answers] == [303, 303]
    assert mails(mine, agreed).count("booking_confirmed_client") == 2, "two presses in a minute make one copy"
    with tenant_scope(mine.tenant):
        copy = EmailMessage.objects.exclude(pk=sent.pk).get(kind="booking_confirmed_client")
        assert (copy.recipient, copy.calendar_file, copy.state) == (mine.client, sent.calendar_file, "queued")
    assert log(mine).changes == [{"field": "sent again", "old": "", "new": "Confirmed"}, {"why": "Kim lost it."}]


def test_a_mail_that_was_given_up_is_put_back_to_work(mine, staff, agreed):
    with tenant_scope(mine.tenant):
        lost = EmailMessage.objects.get(reference=agreed.reference, kind="booking_confirmed_client")
        EmailMessage.objects.filter(pk=lost.pk).update(state="failed")

    staff.post(page(agreed, "resend"), {"mails": [str(lost.pk)], "why": "The address works again."})

    with tenant_scope(mine.tenant):
        assert EmailMessage.objects.get(pk=lost.pk).state == "queued"
    assert mails(mine, agreed).count("booking_confirmed_client") == 1


def test_a_mail_about_another_booking_is_not_sent_from_here(mine, staff, agreed):
    with tenant_scope(mine.tenant):
        EmailMessage.objects.update(**SENT)
        other = ask(mine, NOW, days=4)
        foreign = EmailMessage.objects.filter(reference=other.reference).first()
        EmailMessage.objects.filter(pk=foreign.pk).update(**SENT)

    answer = staff.post(page(agreed, "resend"), {"mails": [str(foreign.pk)], "why": "Try it."})

    assert answer.status_code == 422


def test_what_is_on_its_way_is_not_sent_again(mine, staff, agreed):
    answer = staff.get(page(agreed, "resend"))

    assert "There is no mail about this booking that could be sent again." in answer.text
    assert "Send mails again" not in links(staff, agreed)


def test_the_setting_up_is_run_again(mine, staff, accept):
    with tenant_scope(mine.tenant):
        accept(mine.booking)
    assert "Run the setting up again" in links(staff, mine.booking)

    answer = staff.post(page(mine.booking, "set-up"), {"why": "The worker was down."})

    assert answer.status_code == 303
    assert fresh(mine, mine.booking).status == "confirmed"
    assert log(mine).changes[-1] == {"why": "The worker was down."}
    assert "there is nothing to run again" in staff.get(page(mine.booking, "set-up")).text
