"""What a mail provider's answers over HTTP mean (F86), tried with a real Anymail backend against a server of our own."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives

from accounts.tenancy import tenant_scope
from notifications import delivery, relay, transport
from tests import factories

from .mails import INVITE, mail, reload

TAKEN = {
    "ErrorCode": 0,
    "Message": "OK",
    "To": "kim@example.org",
    "MessageID": "b7bc2f4a",
    "SubmittedAt": "2026-11-23T08:14:00Z",
}
INACTIVE = {
    "ErrorCode": 406,
    "Message": (
        "You tried to send to a recipient that has been marked as inactive.\n Found inactive addresses: kim@example.org.\n "
        "Inactive recipients are ones that have generated a hard bounce or a spam complaint. "
    ),
}


class Provider:
    """An HTTP interface like Postmark's: `answer` is (status, body), or None to hang up without a word."""

    def __init__(self):
        self.answer, self.asked = (200, TAKEN), []

    def handler(self):
        provider = self

        class Page(BaseHTTPRequestHandler):
            def do_POST(self):
                provider.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                if provider.answer is None:
                    self.connection.close()
                    return
                status, body = provider.answer
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *args):
                pass

        return Page


@pytest.fixture
def provider(settings):
    provider = Provider()
    with ThreadingHTTPServer(("127.0.0.1", 0), provider.handler()) as server:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            **django_settings.ANYMAIL,
            "POSTMARK_SERVER_TOKEN": "test",
            "POSTMARK_API_URL": f"http://127.0.0.1:{server.server_port}/",
        }
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


def message():
    return EmailMultiAlternatives("Hello", "Hi", "North <parley@mail.example>", ["kim@example.org"])


def test_a_mail_that_is_taken_returns(provider):
    transport.send(message())
    assert provider.asked[0]["To"] == "kim@example.org"


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ((422, {"ErrorCode": 300, "Message": "Invalid email request"}), transport.Refused),
        ((422, INACTIVE), transport.Refused),
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), transport.NotSent),
        ((429, {"ErrorCode": 429, "Message": "Rate limit"}), transport.NotSent),
        ((500, {"ErrorCode": 100, "Message": "Maintenance"}), transport.NotSent),
        (None, transport.InDoubt),
    ],
)
def test_each_answer_means_one_thing(provider, answer, meaning):
    provider.answer = answer
    with pytest.raises(meaning):
        transport.send(message())
    assert len(provider.asked) == 1


def test_what_a_provider_took_cannot_be_asked(provider):
    assert transport.was_accepted("<one@mail.example>") is None


def test_a_whole_mail_goes_through_a_provider_that_knows_no_invitation_part(north, kim, provider):
    """R-MAIL-8, R-MAIL-10: the file is attached all the same, and nobody counts opens and clicks."""
    email = mail(north, kim, kind="booking_confirmed_client", calendar_file=INVITE)
    relay.run_due({"notifications.email": delivery.deliver}, now=factories.NOW)
    with tenant_scope(north):
        assert reload(email).state == "sent"
    (asked,) = provider.asked
    assert asked["From"] == "Northwind Mentors <parley@localhost>"
    assert asked["Subject"] == "Confirmed: Tax planning with Ana Nowak, Tue 24 Nov, 8am (Chicago)"
    (file,) = asked["Attachments"]
    assert (file["Name"], file["ContentType"].partition(";")[0]) == ("invite.ics", "text/calendar")
    assert {header["Name"] for header in asked["Headers"]} >= {"Message-ID", "References", "Auto-Submitted"}
    assert (asked["TrackOpens"], asked["TrackLinks"]) == (False, "None")
