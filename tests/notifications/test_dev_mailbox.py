"""Every mail can be read in the browser, and opening its links changes nothing (PG-92, R-MAIL-1)."""

import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connections, transaction

from accounts.services import create_tenant
from accounts.tenancy import tenant_scope
from config.dev import scanner
from notifications import delivery, relay
from notifications.mailbox import MailboxBackend
from notifications.models import EmailMessage, MailboxMessage
from tests import factories

from .mails import INVITE, booking_context, for_provider, mail

pytestmark = pytest.mark.django_db


def accept(message_id="<one@localhost>", **changes):
    fields = {"subject": "Hello", "body": "Hi", "from_email": "a@b.example", "to": ["kim@example.org"], **changes}
    return MailboxBackend().send_messages([EmailMultiAlternatives(**fields, headers={"Message-ID": message_id})])


@pytest.fixture
def delivered(north, kim, ana, settings):
    """Three mails about two bookings, sent."""
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    mail(north, kim, "booking_confirmed_client", booking_context(notes="<i>x</i>"), calendar_file=INVITE)
    mail(north, ana, "booking_requested_provider", for_provider())
    mail(north, kim, "booking_declined_client", reference="booking:NW-2B8F")
    assert relay.run_due({"notifications.email": delivery.deliver}, now=factories.NOW) == 3
    return list(MailboxMessage.objects.order_by("pk"))


def subjects(html):
    return re.findall(r'<a class="quiet" href="/dev/mail/\d+/">([^<]+)</a>', html)


def test_the_mailbox_takes_each_message_id_once():
    assert [accept(), accept(subject="Twice")] == [1, 1]
    assert list(MailboxMessage.objects.values_list("message_id", "subject")) == [("<one@localhost>", "Hello")]


def test_the_mailbox_knows_what_it_took():
    accept()
    assert MailboxBackend().was_accepted("<one@localhost>")
    assert not MailboxBackend().was_accepted("<two@localhost>")


def test_the_mailbox_refuses_to_be_called_inside_a_transaction():
    with pytest.raises(RuntimeError), transaction.atomic():
        accept()


def test_the_list_shows_the_newest_mail_first(client, delivered):
    answer = client.get("/dev/mail/")
    assert subjects(answer.content.decode()) == [
        "Ana Nowak can&#x27;t do Tue 24 Nov, 8am (Chicago)",
        "Kim Okafor asks for Tax planning. Answer by Mon 23 Nov, 15:00 (Prague)",
        "Confirmed: Tax planning with Ana Nowak, Tue 24 Nov, 8am (Chicago)",
    ]


def test_the_list_can_be_asked_for_a_person_and_a_booking(client, delivered, kim, ana):
    def found(**chosen):
        return [subject[:9] for subject in subjects(client.get("/dev/mail/", chosen).content.decode())]

    assert found(person=ana.user.email) == ["Kim Okafo"]
    assert found(person=kim.user.email) == ["Ana Nowak", "Confirmed"]
    assert found(booking="nw-7k4q") == ["Kim Okafo", "Confirmed"]
    assert found(person=kim.user.email, booking="NW-7K4Q") == ["Confirmed"]
    assert found(booking="NW-7K") == []


def test_an_empty_list_says_how_to_get_a_mail(client):
    assert b"No mail yet" in client.get("/dev/mail/").content
    assert b"No such mail" in client.get("/dev/mail/", {"booking": "NW-0000"}).content


def test_the_list_costs_the_same_for_one_mail_and_for_many(client, django_assert_num_queries):
    accept()
    with django_assert_num_queries(3):
        client.get("/dev/mail/")
    for number in range(5):
        accept(f"<{number}@localhost>")
    with django_assert_num_queries(3):
        client.get("/dev/mail/")


def test_a_mail_is_shown_from_every_side(client, delivered):
    address = f"/dev/mail/{delivered[0].pk}/"
    html = client.get(address).content.decode()
    assert f'src="{address}html/"' in html
    assert re.findall(r'<a class="pill" href="\?part=(\w+)"', html) == ["html", "text", "headers", "calendar"]
    text = client.get(address, {"part": "text"}).content.decode()
    assert '<a href="http://localhost:8000/t/north/bookings/NW-7K4Q/"' in text
    assert "Message-ID" in client.get(address, {"part": "headers"}).content.decode()
    assert "METHOD:REQUEST" in client.get(address, {"part": "calendar"}).content.decode()
    assert "/dev/mail/?booking=NW-7K4Q" in html


def test_a_side_that_a_mail_has_not_is_not_offered(client, delivered):
    html = client.get(f"/dev/mail/{delivered[1].pk}/", {"part": "calendar"}).content.decode()
    assert re.findall(r'<a class="pill" href="\?part=(\w+)"', html) == ["html", "text", "headers"]
    assert "Message-ID" in html
    assert client.get(f"/dev/mail/{delivered[1].pk}/invite.ics").status_code == 404


def test_the_html_of_a_mail_is_shut_into_a_sandbox(client, delivered):
    answer = client.get(f"/dev/mail/{delivered[0].pk}/html/")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert '<head><base target="_blank">' in answer.content.decode()


def test_the_calendar_file_comes_as_it_was_sent(client, delivered):
    answer = client.get(f"/dev/mail/{delivered[0].pk}/invite.ics")
    assert (answer.content.decode(), answer.headers["Content-Type"]) == (INVITE, "text/calendar")


@pytest.mark.parametrize("path", ["", "html/", "invite.ics"])
def test_a_mail_that_is_not_there_is_a_404(client, path):
    assert client.get(f"/dev/mail/999/{path}").status_code == 404


@contextmanager
def site(settings, *, acts=lambda path: None):
    """A web server that is ours by address. Writes down who asked for what, and does to the database what a bad page might."""
    asked, ours = [], connections["default"]

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Cookie")))
            connections["default"] = ours
            acts(self.path)
            self.send_response(404 if "decline" in self.path else 200)
            self.end_headers()

        def log_message(self, *args):
            pass

    ours.inc_thread_sharing()
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        settings.PLATFORM_URL = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield asked
        server.shutdown()
        thread.join()
    ours.dec_thread_sharing()


def test_a_scan_opens_our_links_as_a_stranger_and_leaves_others_alone(north, settings):
    with site(settings) as asked:
        root = settings.PLATFORM_URL
        links = [
            f"{root}/t/north/bookings/NW-7K4Q/",
            f"{root}/a?x=1&amp;y=2",
            f"{root}/decline/",
            "https://meet.example/abc",
        ]
        scan = scanner.scan(links)
    assert [(link.address, link.answer) for link in scan.opened] == list(
        zip(links, ["200", "200", "404", "Not ours, left alone"], strict=True)
    )
    assert scan.changed == []
    assert asked == [("/t/north/bookings/NW-7K4Q/", None), ("/a?x=1&y=2", None), ("/decline/", None)]


def test_a_scan_tells_what_changed_and_where(north, kim, settings):
    """The proof can fail: this page changes one field of one row."""
    mail(north, kim)

    def acts(path):
        with tenant_scope(north):
            EmailMessage.objects.update(last_error="opened")

    with site(settings, acts=acts):
        scan = scanner.scan([f"{settings.PLATFORM_URL}/bad/"])
    assert scan.changed == ["Northwind Mentors: email message"]


def test_a_link_that_nobody_answers_is_told(north, settings):
    settings.PLATFORM_URL = "http://127.0.0.1:1"
    assert scanner.scan(["http://127.0.0.1:1/"]).opened[0].answer == "No answer: [Errno 111] Connection refused"


def test_every_table_of_every_tenant_is_compared(north):
    create_tenant(preset="consult", slug="west", name="West", contact_email="w@w.example", code_prefix="WE")
    tables = scanner.fingerprints()
    assert {name.partition(":")[0] for name in tables} == {"Northwind Mentors", "West"}
    assert {"West: booking", "West: claim", "West: outbox message", "West: membership"} <= tables.keys()


def test_scanning_is_a_press_and_its_page_shows_the_proof(client, delivered, settings):
    address = f"/dev/mail/{delivered[0].pk}/scan/"
    assert client.get(address).status_code == 405
    with site(settings):
        html = client.post(address).content.decode()
    assert "Nothing changed" in html
    assert "http://localhost:8000/t/north/bookings/NW-7K4Q/</td><td>Not ours, left alone" in html
