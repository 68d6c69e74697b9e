"""What people do on the pages, in the words that they see there. Nothing here knows of addresses below a marketplace's first."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from playwright.sync_api import Locator, Page, expect

from accounts import formatting

WAIT_MILLISECONDS = 30_000


@dataclass
class Person:
    """Somebody with a browser of their own, whose clock is that of `zone` (IANA)."""

    page: Page
    site: str
    name: str
    zone: str
    scripted: bool = True

    def arrive(self, slug: str) -> None:
        """Open a marketplace as a guest."""
        self.page.goto(f"{self.site}/t/{slug}/")

    def sign_in_by_one_press(self, marketplace: str) -> None:
        """The start page of a development installation: one press on one's name in that marketplace."""
        self.page.goto(self.site)
        row = self.page.get_by_role("listitem").filter(has=self.page.get_by_role("heading", name=marketplace))
        row.get_by_role("button", name=self.name).click()
        expect(self.page.get_by_text(f"Account of {self.name}")).to_be_attached()

    def search(self, words: str) -> None:
        """Type into the search field of the front page or the directory."""
        self.page.get_by_label("What do you need?").fill(words)
        self.page.get_by_role("button", name="Search").click()

    def narrow(self, group: str, option: str) -> None:
        """Tick one filter of the directory; with script the results follow by themselves."""
        self.page.get_by_role("group", name=group).get_by_text(option, exact=True).click()
        if not self.scripted:
            self.page.get_by_role("button", name="Show results").click()

    def open_profile(self, provider: str) -> None:
        """Press the name of a provider in the list."""
        self.page.get_by_role("heading", name=provider, exact=True).get_by_role("link").click()
        expect(self.page.get_by_role("heading", level=1, name=provider)).to_be_visible()

    def choose_service(self, name: str) -> None:
        """Choose one of the services, and see that its times are there."""
        self.page.locator("#service label", has_text=name).click()
        if not self.scripted:
            self.page.get_by_role("button", name="Show the times").click()
        expect(self.tray).to_contain_text(f"{name}, ")

    def go_to_next_week(self) -> None:
        """Look at the week after the one shown."""
        first = self.slots.first.get_attribute("value")
        self.page.get_by_role("button", name="Later").click()
        expect(self.slots.first).not_to_have_value(first)

    def choose_time(self, number: int = 0) -> datetime:
        """Tick one of the times that are listed, counted from 0; its start (UTC)."""
        slot = self.slots.nth(number)
        start = self.start_of(slot)
        self.page.locator(f"label[for='{slot.get_attribute('id')}']").click()
        return start

    @staticmethod
    def start_of(slot: Locator) -> datetime:
        """The start (UTC) that one of the listed times stands for."""
        return datetime.fromisoformat(slot.get_attribute("value"))

    def go_on(self) -> None:
        """Leave the profile for the request."""
        self.tray.get_by_role("button", name="Continue").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Ask ")

    def send(self, notes: str = "") -> str:
        """Say what it is about and send the request; the reference of the booking."""
        if notes:
            self.notes.fill(notes)
        self.page.get_by_role("button", name="Send request").last.click()
        return self.sent()

    def introduce(self, name: str, address: str) -> None:
        """Send the request as somebody who is not signed in."""
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("Email address").fill(address)
        self.page.get_by_role("button", name="Send request").last.click()
        expect(self.page.get_by_role("heading", level=1, name="Check your email")).to_be_visible()
        expect(self.page.locator("main")).to_contain_text(f"We sent an email to {address}.")

    def confirm(self, code: str) -> str:
        """Type the code that came by mail; the reference of the booking."""
        self.page.get_by_label("Code from the email").fill(code)
        self.page.get_by_role("button", name="Confirm and send").click()
        return self.sent()

    def sent(self) -> str:
        """The page after sending; the reference of the booking."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("We sent your request to")
        return self.page.locator("main .mono").text_content()

    def request_of(self, client: str, start: datetime, minutes: int) -> Locator:
        """The request of a client for this time, on Today."""
        return self.page.get_by_role("article", name=client).filter(has_text=self.reads(start, minutes)[0])

    def open_booking(self, slug: str, code: str) -> None:
        """Open a booking by its address, as from a mail."""
        self.page.goto(f"{self.site}/t/{slug}/bookings/{code}/")

    def press(self, name: str) -> None:
        """Press a button of the page."""
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow a link of the page."""
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()

    def take_free(self, number: int = 0) -> datetime:
        """On a page that suggests: tick one of the free times, counted from 0; its start (UTC)."""
        label = self.page.locator("#id_time .slots label").filter(visible=True).nth(number)
        start = datetime.fromisoformat(self.page.locator(f"#{label.get_attribute('for')}").get_attribute("value"))
        label.click()
        expect(self.page.locator("#so-far .picks")).to_be_visible()
        return start

    def event_names(self, slug: str, code: str) -> list[str]:
        """The names of what happened to a booking as staff see them, newest first."""
        self.open_booking(slug, code)
        return self.timeline.locator(".tag").all_text_contents()

    def reads(self, start: datetime, minutes: int, other_zone: str = "") -> list[str]:
        """How this person reads a session's time: on their own clock, and on the other's where that differs."""
        end = start + timedelta(minutes=minutes)
        words = formatting.when(start, end, self.zone, other_zone, datetime.now(start.tzinfo))
        return [line for line in (words.label, words.other) if line]

    @property
    def tray(self) -> Locator:
        """What has been chosen so far."""
        return self.page.locator("#tray")

    @property
    def slots(self) -> Locator:
        """The free times that are listed."""
        return self.page.locator("#times .slots input")

    @property
    def notes(self) -> Locator:
        """The field for what the session is about."""
        return self.page.get_by_label("What would you like to talk about?")

    @property
    def badge(self) -> Locator:
        """The status on the page of a booking."""
        return self.page.locator("main .bhead .badge")

    @property
    def badges(self) -> Locator:
        """The head of a booking's page, with every status that it has."""
        return self.page.locator("main .bhead")

    @property
    def next_line(self) -> Locator:
        """The line that says who must act, by when, and what happens otherwise."""
        return self.page.locator("main p.next")

    @property
    def timeline(self) -> Locator:
        """What has happened, newest first."""
        return self.page.locator("main ol.timeline > li")


def has_all(place: Locator, *words: str) -> None:
    """Every one of these stands there, whatever the spaces."""
    for text in words:
        expect(place).to_contain_text(re.compile(r"\s+".join(map(re.escape, text.split()))))
