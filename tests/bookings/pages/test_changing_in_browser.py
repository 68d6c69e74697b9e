"""The pages on which the two change something, in a real browser: axe, reflow, no script (CK-01, CK-03)."""

import pytest
from playwright.sync_api import Page

from accounts.tenancy import tenant_scope
from bookings import queries
from bookings.enums import Actor, Status
from tests import factories
from tests.browser.chromium import MISSING

from .browsing import CHROMIUM, Driver
from .conftest import World, iso, prague
from .test_browser import examine

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
]


@pytest.fixture(scope="module")
def driver():
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def story(world) -> dict[str, tuple]:
    """Every page on which something is changed, with as much on it as possible: who opens it and where."""
    ana, kim = world.ana.member, world.kim
    asked = world.ask(prague(26, 15), notes="Sole trader or company before January?")
    suggested = world.suggest(
        world.ask(prague(27, 10)), prague(27, 14), prague(30, 14), minutes=45, price=40, message="Friday is better."
    )
    moved = world.suggest(world.confirm(world.ask(prague(24, 15))), prague(25, 14), by=Actor.PROVIDER)
    agreed = world.confirm(world.ask(prague(24, 11), client=world.lena))
    clash = f"time={iso(prague(25, 14))}&time={iso(prague(28, 19))}"
    return {
        "suggest": (ana, f"/bookings/{asked.code}/suggest/?{clash}"),
        "suggest of a client": (kim, f"/bookings/{suggested.code}/suggest/"),
        "another date": (ana, f"/bookings/{agreed.code}/suggest/?{clash}"),
        "accept a suggestion": (kim, f"/bookings/{suggested.code}/accept/"),
        "decline a suggestion": (kim, f"/bookings/{suggested.code}/decline/"),
        "withdraw a suggestion": (ana, f"/bookings/{suggested.code}/withdraw/"),
        "accept another date": (kim, f"/bookings/{moved.code}/accept/"),
        "keep the date": (kim, f"/bookings/{moved.code}/decline/"),
        "cancel": (ana, f"/bookings/{agreed.code}/cancel/"),
        "cancel of a client": (world.lena, f"/bookings/{agreed.code}/cancel/"),
        "notes": (kim, f"/bookings/{asked.code}/notes/"),
        "out of turn": (kim, f"/bookings/{asked.code}/accept/"),
        "not here": (ana, f"/bookings/{agreed.code}/ask-to-cancel/"),
    }


def test_pages_have_nothing_for_axe_to_find_and_never_scroll_sideways(world, story, driver):
    found = {}
    for name, (who, path) in story.items():

        def script(page: Page) -> list:
            return page.complaints + examine(page)

        found[name] = driver.open(world.client(who), world.url(path), script)

    assert {name: problems for name, problems in found.items() if problems} == {}


def test_direct_move_and_wish_have_nothing_for_axe_to_find(db, now, clock, driver):
    studio, talks = (World(factories.tenant(f"t-{preset}", preset=preset), now) for preset in ("studio", "talks"))
    moved, wished = studio.confirm(studio.ask(prague(25, 15))), talks.confirm(talks.ask(prague(30, 15)))

    found = [
        driver.open(world.client(world.ana.member), world.url(path), lambda page: page.complaints + examine(page))
        for world, path in (
            (studio, f"/bookings/{moved.code}/reschedule/?time={iso(prague(26, 10))}"),
            (talks, f"/bookings/{wished.code}/ask-to-cancel/"),
        )
    ]

    assert found == [[], []]


def test_whole_negotiation_without_script(world, driver):
    """Ana picks one free time and types another, Kim accepts it: with JavaScript off."""
    booking = world.ask(prague(24, 15))

    def suggest(page: Page) -> str:
        page.get_by_label("Tue 24 Nov, 2:30pm to 3pm").check(force=True)
        page.locator("#id_day").fill("2026-11-28")
        page.locator("#id_at").fill("7pm")
        page.get_by_role("button", name="Add this time").click()
        page.get_by_label("Message to Kim Okafor").fill("One of these?")
        page.get_by_role("button", name="Send these times").click()
        return page.locator(".notice.ok").inner_text()

    def accept(page: Page) -> str:
        page.get_by_label("Sat 28 Nov, midday to 12:30pm").check(force=True)
        page.get_by_role("button", name="Accept this time").click()
        return page.locator(".notice.ok").inner_text()

    path = world.url(f"/bookings/{booking.code}")
    ana, kim = world.client(world.ana.member), world.client(world.kim)
    sent = driver.open(ana, f"{path}/suggest/", suggest, java_script_enabled=False)
    done = driver.open(kim, f"{path}/accept/", accept, java_script_enabled=False)

    assert sent == "You suggested 2 times. Kim Okafor is told by mail and has to answer."
    assert done == "You accepted Sat 28 Nov, midday. Ana Nowak is told by mail."
    with tenant_scope(world.tenant):
        agreed = queries.get_booking_for(world.sam, booking.code)
    assert (agreed.status, agreed.starts_at) == (Status.CONFIRMING, prague(28, 19))


def test_summary_follows_each_choice_and_keeps_the_focus(world, driver):
    """With script the deadline and what it does are there at once, and the same control keeps the focus."""
    booking = world.ask(prague(24, 15))

    def choose(page: Page) -> tuple[str, str]:
        slot = page.get_by_label("Tue 24 Nov, 2:30pm to 3pm")
        slot.focus()
        page.keyboard.press("Space")
        page.wait_for_selector("#so-far .picks")
        return page.locator("#so-far .picks").inner_text(), page.evaluate("document.activeElement.value")

    path = world.url(f"/bookings/{booking.code}/suggest/")
    summary, focused = driver.open(world.client(world.ana.member), path, choose)

    assert "Tue 24 Nov, 2:30pm to 3pm" in summary
    assert focused == iso(prague(24, 14, 30))


def test_enter_in_a_typed_time_sends_nothing(world, driver):
    """The first button of a form is the one that Enter presses: here it reads what was typed."""
    booking = world.ask(prague(24, 15))

    def press_enter(page: Page) -> str:
        page.locator("#id_day").fill("2026-11-28")
        page.locator("#id_at").fill("7pm")
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
        return page.locator(".notice").first.inner_text()

    path = world.url(f"/bookings/{booking.code}/suggest/")
    said = driver.open(world.client(world.ana.member), path, press_enter)

    assert said == "This is how we read the time you typed. Check it, then send."
    assert world.again(booking).last_sequence == booking.last_sequence
