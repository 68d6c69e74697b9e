"""Each mail goes out once; when that can't be known, it is settled and never called unsent (6.1, 6.3, W1, W2, W7, F86)."""

import socket
from datetime import timedelta

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models.functions import Now

from accounts.tenancy import tenant_scope
from notifications import delivery, relay
from notifications.enums import MailState
from notifications.mailbox import MailboxBackend
from notifications.models import EmailMessage, MailboxMessage, OutboxMessage
from tests import factories
from tests.smtp import smtp_server

from .mails import INVITE, booking_context, context_of, mail, reload

HOUR = timedelta(hours=1)


@pytest.fixture
def server(settings):
    """Mail goes to a real SMTP server; its book is what tests look at."""
    with smtp_server() as book:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = book.host, book.port, 2
        settings.DEFAULT_FROM_EMAIL = "parley@mail.example"
        yield book


@pytest.fixture
def mailbox(settings):
    """Mail goes to the development mailbox."""
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"


def run(now=factories.NOW):
    return relay.run_due({"notifications.email": delivery.deliver}, now=now)


def now_it_is(tenant, email):
    with tenant_scope(tenant):
        return reload(email)


def change(tenant, email, **values):
    with tenant_scope(tenant):
        EmailMessage.objects.filter(pk=email.pk).update(**values)


def work_of(tenant):
    with tenant_scope(tenant):
        return OutboxMessage.objects.get()


def as_if_the_worker_died(tenant, email, **values):
    """What a `kill -9` in the middle of sending leaves behind, after its lease has ended."""
    with tenant_scope(tenant):
        EmailMessage.objects.filter(pk=email.pk).update(state=MailState.SENDING, attempts=1, **values)
        OutboxMessage.objects.update(state="claimed", attempts=1, lease_until=Now() - timedelta(seconds=1))


def test_a_mail_is_sent_and_kept_as_it_was_sent(north, kim, server):
    email = mail(north, kim)
    assert run() == 1
    (message,) = server.taken
    sent = now_it_is(north, email)
    assert (sent.state, sent.attempts, sent.doubts, sent.last_error) == ("sent", 1, 0, "")
    assert sent.sent_at is not None
    assert sent.subject == message["Subject"] == "We asked Ana Nowak for Tue 24 Nov, 8am (Chicago)"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == sent.text
    assert html.get_content().replace("\r\n", "\n") == sent.html


def test_the_envelope_names_one_person_the_tenant_and_the_way_back(north, kim, server):
    """R-MAIL-2, R-MAIL-4, R-MAIL-6."""
    email = mail(north, kim)
    run()
    (message,) = server.taken
    assert message.recipients == [kim.user.email]
    assert message["To"] == kim.user.email
    assert message["From"] == "Northwind Mentors <parley@mail.example>"
    assert message["Reply-To"] == "help@north.example"
    assert message["Message-ID"] == f"<{email.pk}@mail.example>"
    assert message["References"] == f"<booking.NW-7K4Q.{north.pk}@mail.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert (message["Cc"], message["Bcc"], message["List-Unsubscribe"]) == (None, None, None)


def test_mails_of_one_booking_are_one_thread(north, kim, server):
    for reference in ("booking:NW-7K4Q", "booking:NW-7K4Q", "booking:NW-2B8F", ""):
        mail(north, kim, reference=reference)
    run()
    first, second, other, none = (message["References"] for message in server.taken)
    assert first == second != other
    assert none is None


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("booking_confirmed_client", "REQUEST"),
        ("booking_moved_client", "REQUEST"),
        ("booking_cancelled_client", "CANCEL"),
    ],
)
def test_a_calendar_file_goes_as_a_part_and_as_a_file(north, kim, server, kind, method):
    """R-MAIL-8: the same METHOD in the file and in both types."""
    file = INVITE.replace("METHOD:REQUEST", f"METHOD:{method}")
    mail(north, kim, kind=kind, context=context_of(kind), calendar_file=file)
    run()
    (message,) = server.taken
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in parts] == [method, method]
    assert [part.get_filename() for part in parts] == [None, "invite.ics"]
    assert [part.get_payload(decode=True) for part in parts] == [file.encode()] * 2


def test_a_mail_without_a_file_has_no_calendar_part(north, kim, server):
    mail(north, kim)
    run()
    assert [part.get_content_type() for part in server.taken[0].walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip


def test_somebody_without_membership_is_written_to_by_address(north, server):
    context = {"code": "482 913", "url": "http://localhost:8000/t/north/signin/code/"}
    mail(north, None, kind="account_code", context=context, to_address="new@example.org", reference="")
    run()
    assert server.taken[0]["To"] == "new@example.org"
    assert server.taken[0]["Subject"] == "Your sign-in code is 482 913"


def test_a_sign_in_code_is_kept_by_nobody_once_it_is_sent(north, server):
    context = {"code": "482 913", "url": "http://localhost:8000/t/north/signin/code/"}
    email = mail(north, None, kind="account_code", context=context, to_address="new@example.org", reference="")
    run()
    sent = now_it_is(north, email)
    assert (sent.state, sent.subject, sent.text, sent.html, sent.context) == ("sent", "", "", "", {})


def test_a_mail_that_is_sent_is_not_sent_again(north, kim, server):
    """F12: the same work three times."""
    email = mail(north, kim)
    work = relay.Work(north, "notifications.email", "key", {"email_id": str(email.pk)}, 1, factories.NOW)
    for _ in range(3):
        delivery.deliver(work)
    assert len(server.taken) == 1


def test_a_mail_waits_while_the_server_is_away(north, kim, settings, server):
    email = mail(north, kim)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        settings.EMAIL_PORT = unused.getsockname()[1]
    run()
    waiting = now_it_is(north, email)
    assert (waiting.state, waiting.attempts) == ("queued", 1)
    assert waiting.last_error.startswith("ConnectionRefusedError")
    settings.EMAIL_PORT = server.port
    run(factories.NOW + HOUR)
    assert now_it_is(north, email).state == "sent"
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("point", "reply"),
    [("mail", "451 Try later"), ("mail", "hang up"), ("recipient", "450 Greylisted"), ("data", "451 Try later")],
)
def test_a_server_that_puts_us_off_gets_the_mail_later(north, kim, server, point, reply):
    email = mail(north, kim)
    setattr(server, point, reply)
    run()
    waiting = now_it_is(north, email)
    assert (waiting.state, waiting.attempts, waiting.doubts) == ("queued", 1, 0)
    assert waiting.last_error == (
        "SMTPServerDisconnected: Connection unexpectedly closed" if reply == "hang up" else reply
    )
    setattr(server, point, "")
    run(factories.NOW + HOUR)
    assert now_it_is(north, email).state == "sent"
    assert server.message_ids == [email_id(email)]


@pytest.mark.parametrize(("point", "reply"), [("recipient", "550 No such person"), ("data", "554 Not wanted")])
def test_a_final_refusal_fails_the_mail_with_the_reason(north, kim, server, point, reply):
    email = mail(north, kim)
    setattr(server, point, reply)
    run()
    failed = now_it_is(north, email)
    assert (failed.state, failed.last_error, failed.sent_at) == ("failed", reply, None)
    assert work_of(north).state == "done"
    setattr(server, point, "")
    run(factories.NOW + HOUR)
    assert server.taken == []


def test_a_refused_sender_is_our_fault_and_tried_again(north, kim, server):
    email = mail(north, kim)
    server.mail = "550 Relaying denied"
    run()
    assert now_it_is(north, email).state == "queued"


def test_a_server_that_puts_us_off_for_hours_fails_the_mail(north, kim, server):
    email = mail(north, kim)
    server.data = "451 Try later"
    now = factories.NOW
    for _ in range(relay.ATTEMPTS):
        run(now)
        now += 2 * HOUR
    assert server.attempts == relay.ATTEMPTS
    assert (now_it_is(north, email).state, now_it_is(north, email).last_error) == ("failed", "451 Try later")
    assert work_of(north).state == "done"


def test_a_line_that_breaks_after_the_mail_leads_to_one_more_copy(north, kim, server):
    """F86, 6.3: taken, but never answered; the second copy has the same Message-ID and the same words."""
    email = mail(north, kim)
    server.data = "take and hang up"
    run()
    assert now_it_is(north, email).state == "sending"
    server.data = ""
    run(factories.NOW + HOUR)
    settled = now_it_is(north, email)
    assert (settled.state, settled.doubts) == ("sent", 1)
    assert server.message_ids == [email_id(email)] * 2
    first, second = server.taken
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()


def test_a_line_that_breaks_twice_leaves_the_mail_to_people(north, kim, server):
    email = mail(north, kim)
    server.data = "take and hang up"
    for hours in range(4):
        run(factories.NOW + hours * HOUR)
    settled = now_it_is(north, email)
    assert (settled.state, settled.doubts, settled.sent_at) == ("unknown", 2, None)
    assert len(server.taken) == 2
    assert work_of(north).state == "done"


def send_again(tenant, email):
    with tenant_scope(tenant):
        return delivery.send_again(reload(email), now=factories.NOW)


def test_a_mail_that_was_refused_is_sent_again_on_the_word_of_staff(north, kim, server):
    """PG-86, F86: once, under its own Message-ID, however often they press."""
    email = mail(north, kim)
    server.data = "554 Not wanted"
    run()
    assert now_it_is(north, email).state == "failed"
    server.data = ""
    assert [send_again(north, email), send_again(north, email)] == [True, False]
    run()
    settled = now_it_is(north, email)
    assert (settled.state, settled.last_error, server.message_ids) == ("sent", "", [email_id(email)])
    assert send_again(north, email) is False


def test_a_mail_in_doubt_is_sent_again_in_the_same_words(north, kim, server):
    """W7: its reader may have it, so it is the same mail; when that breaks off again it is left to people again."""
    email = mail(north, kim)
    server.data = "take and hang up"
    for hours in range(4):
        run(factories.NOW + hours * HOUR)
    assert send_again(north, email) is True
    run()
    run(factories.NOW + HOUR)
    assert (now_it_is(north, email).state, len(server.taken)) == ("unknown", 3)
    server.data = ""
    assert send_again(north, email) is True
    run(factories.NOW + 2 * HOUR)
    assert now_it_is(north, email).state == "sent"
    assert server.message_ids == [email_id(email)] * 4
    assert len({message.get_body(("plain",)).get_content() for message in server.taken}) == 1


def test_a_mail_in_doubt_that_is_then_refused_is_not_called_unsent(north, kim, server):
    """W7: the first copy may be there."""
    email = mail(north, kim)
    as_if_the_worker_died(north, email, subject="Once", text="Once", html="Once", message_id="<once@mail.example>")
    server.data = "554 Not wanted"
    run()
    assert (now_it_is(north, email).state, now_it_is(north, email).last_error) == ("unknown", "554 Not wanted")


def test_after_a_crash_the_same_mail_goes_out_again_over_smtp(north, kim, server):
    email = mail(north, kim)
    as_if_the_worker_died(north, email, subject="Once", text="Once", html="Once", message_id="<once@mail.example>")
    run()
    (message,) = server.taken
    assert (message["Message-ID"], message["Subject"]) == ("<once@mail.example>", "Once")
    settled = now_it_is(north, email)
    assert (settled.state, settled.attempts, settled.doubts) == ("sent", 2, 1)


def test_after_a_crash_a_server_that_can_tell_is_asked_first(north, kim, mailbox):
    """The development mailbox has it: nothing goes out again."""
    email = mail(north, kim)
    run()
    as_if_the_worker_died(north, email)
    MailboxMessage.objects.update(subject="As it came in")
    run()
    assert now_it_is(north, email).state == "sent"
    assert list(MailboxMessage.objects.values_list("subject", flat=True)) == ["As it came in"]


def test_after_a_crash_a_server_that_never_saw_it_gets_it(north, kim, mailbox):
    email = mail(north, kim)
    as_if_the_worker_died(
        north, email, subject="Once", text="Once", html="Once", message_id="<once@localhost>", doubts=5
    )
    run()
    assert now_it_is(north, email).state == "sent"
    assert MailboxBackend().was_accepted("<once@localhost>")


class SlowServer(BaseEmailBackend):
    """Takes so long that something else happens meanwhile."""

    meanwhile = None

    def send_messages(self, email_messages):
        SlowServer.meanwhile()
        return len(email_messages)


def test_a_late_record_of_an_overtaken_attempt_changes_nothing(north, kim, settings, monkeypatch):
    """F4: the worker hung in the mail server until another one took over."""
    email = mail(north, kim)
    settings.EMAIL_BACKEND = f"{__name__}.SlowServer"
    second_worker = {"attempts": 2, "last_error": "second worker"}
    monkeypatch.setattr(SlowServer, "meanwhile", lambda: change(north, email, **second_worker))
    run()
    overtaken = now_it_is(north, email)
    assert (overtaken.state, overtaken.last_error, overtaken.sent_at) == ("sending", "second worker", None)


def test_an_address_that_cannot_be_written_fails_the_mail(north, kim, server):
    email = mail(north, None, to_address="kim@example.org\nBcc: all@example.org")
    run()
    failed = now_it_is(north, email)
    assert failed.state == "failed"
    assert failed.last_error.startswith("It can't be written as a mail: Header values can't contain newlines")
    assert server.taken == []


def test_a_tenants_name_cannot_break_out_of_its_header(north, kim, server):
    """F104."""
    north.name = 'North"\r\nBcc: all@example.org\u2028 <x@y>'
    north.save()
    mail(north, kim)
    run()
    (message,) = server.taken
    assert message["From"].addresses[0].display_name == 'North" Bcc: all@example.org <x@y>'
    assert message["From"].addresses[0].addr_spec == "parley@mail.example"
    assert message["Bcc"] is None


def email_id(email):
    return f"<{email.pk}@mail.example>"


def test_times_are_those_of_the_moment_of_sending(north, kim, server):
    """R-TZ-13: Kim moved to Auckland after the mail was noted."""
    mail(north, kim, context=booking_context())
    kim.user.time_zone = "Pacific/Auckland"
    kim.user.save()
    run()
    assert server.taken[0]["Subject"] == "We asked Ana Nowak for Wed 25 Nov, 3am (Auckland)"
