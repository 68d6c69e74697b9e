"""Reading the mails that a worker really sent, on the development mailbox's pages (PG-92)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default

from django.db.models import QuerySet
from icalendar import Calendar, Event
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from bookings.models import Booking
from notifications.models import MailboxMessage
from tests.platform.processes import eventually
from tests.site import Site

ARRIVES_WITHIN_SECONDS = 60
CODE = re.compile(r"\b\d{4}-\d{4}\b")


@dataclass(frozen=True)
class Mail:
    """One mail as its reader gets it. `calendar` is the attached file, or nothing."""

    to: str
    subject: str
    text: str
    calendar: bytes

    def link(self, page: str) -> str:
        """The address in it that opens a page of the booking: "accept"."""
        return re.search(rf"https?://\S+/{page}/\S*", self.text)[0]


@dataclass
class Mailbox:
    """The pages of the mailbox, read by pressing what is on them.

    Whether all has come is asked of the rows: a browser that opens the list again and again would take the worker's time.
    """

    page: Page
    site: Site
    blocker: DjangoDbBlocker

    def about(self, code: str, *, count: int) -> list[Mail]:
        """All mails about a booking, oldest first, once there are `count` of them."""
        self._await(lambda: _about(code).count() >= count, f"{code}: mails are missing")
        return [self._read(link) for link in reversed(self._open(f"?booking={code}"))]

    def told(self, code: str, subject: str, *, count: int = 1) -> dict[str, Mail]:
        """By address: the newest mail about a booking with these words in the subject, once there are `count` of them."""
        wanted = _about(code).filter(subject__icontains=subject)
        self._await(lambda: wanted.count() >= count, f"{code}: no mail “{subject}”")
        return {mail.to: mail for mail in map(self._read, reversed(self._open(f"?booking={code}", subject)))}

    def code_to(self, address: str) -> str:
        """The code in the newest mail to this address, as its reader copies it."""
        self._await(
            lambda: _has_code(MailboxMessage.objects.filter(to_header=address).last()), f"{address}: no code came"
        )
        return CODE.findall(self._read(self._open(f"?person={address}")[0]).text)[0]

    def _await(self, is_there: Callable[[], bool], otherwise: str) -> None:
        with self.blocker.unblock(), self.site.data():
            assert eventually(is_there, ARRIVES_WITHIN_SECONDS), otherwise

    def _open(self, query: str, subject: str = "") -> list[str]:
        self.page.goto(f"{self.site.url}/dev/mail/{query}")
        rows = self.page.locator("main ul.rows a").filter(has_text=subject)
        return [link.get_attribute("href") for link in rows.all()]

    def _read(self, link: str) -> Mail:
        self.page.goto(f"{self.site.url}{link}?part=text")
        heading = self.page.locator("main h1").text_content()
        text = self.page.locator("main .card.mono").inner_text()
        to = self.page.locator("main .lead a").text_content()
        calendar = b""
        if self.page.get_by_role("link", name="Calendar file").count():
            calendar = self.page.context.request.get(f"{self.site.url}{link}invite.ics").body()
        return Mail(to, heading, text, calendar)


def _about(code: str) -> QuerySet[MailboxMessage]:
    return MailboxMessage.objects.filter(thread__startswith=f"<booking.{code}.")


def _has_code(mail: MailboxMessage | None) -> bool:
    return mail is not None and CODE.search(message_from_bytes(mail.source, policy=default).get_body().get_content())


def check_invitation(mail: Mail, booking: Booking) -> Event:
    """The attached file is a valid invitation to exactly this booking (R-MAIL-8, CK-51): its one event."""
    calendar = Calendar.from_ical(mail.calendar)
    assert calendar["METHOD"] == "REQUEST"
    assert calendar["VERSION"] == "2.0"
    assert b"\r\n" in mail.calendar
    assert b"\n" not in mail.calendar.replace(b"\r\n", b"")
    (event,) = calendar.walk("VEVENT")
    assert event["UID"].startswith(f"{booking.pk}@")
    assert event["SEQUENCE"] == booking.calendar_sequence
    assert event["STATUS"] == "CONFIRMED"
    assert event.start == booking.starts_at
    assert event["DTSTART"].to_ical().endswith(b"Z")
    assert event["DTEND"].to_ical().endswith(b"Z")
    assert (event.end - event.start).total_seconds() == booking.minutes * 60
    assert event["ATTENDEE"] == f"mailto:{mail.to}"
    return event


def check_cancellation(mail: Mail, booking: Booking) -> None:
    """The attached file takes exactly this booking out of a calendar (R-MAIL-8)."""
    calendar = Calendar.from_ical(mail.calendar)
    assert calendar["METHOD"] == "CANCEL"
    (event,) = calendar.walk("VEVENT")
    assert event["UID"].startswith(f"{booking.pk}@")
    assert event["SEQUENCE"] == booking.calendar_sequence
    assert event["STATUS"] == "CANCELLED"
