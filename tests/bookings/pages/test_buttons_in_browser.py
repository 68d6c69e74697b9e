"""PG-32's table as people see it: in Chromium, each state and side, on a phone, with axe looking on (CK-28, CK-01, CK-03)."""

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations
from tests.browser.chromium import MISSING

from .browsing import CHROMIUM, Driver
from .stories import Stories
from .test_buttons import ROWS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason=MISSING),
]
# A line of what is seen of each button, without what only screen readers hear.
SEEN = """all => all.filter(button => button.checkVisibility()).map(button => {
    const copy = button.cloneNode(true);
    copy.querySelectorAll(".vh, svg").forEach(hidden => hidden.remove());
    return copy.textContent.trim();
})"""
PAGES = ("join/", "outcome/?said=no_show", "outcome/?said=completed", "outcome/", "undo/", "contest/", "ask-support/")


@pytest.fixture(scope="module")
def driver():
    driver = Driver()
    yield driver
    driver.close()


def look(page: Page) -> tuple[list[str], bool, list[str]]:
    """The buttons of the booking, whether anything is wider than a phone, what axe finds."""
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return (
        page.locator("#booking .btn").evaluate_all(SEEN),
        wide,
        [found["id"] for found in violations(page)],
    )


@pytest.mark.parametrize("row", ROWS)
def test_both_sides_see_exactly_these_buttons(world, later, driver, row):
    booking = getattr(Stories(world, later), row)()

    for who, expected in zip((world.kim, world.ana.member), ROWS[row], strict=True):
        seen = driver.open(world.client(who), world.url(f"/bookings/{booking.code}/"), look)
        assert seen == (expected, False, [])


@pytest.mark.parametrize("row", ["requested", "confirmed", "cancelled", "completed"])
def test_staff_see_the_way_to_the_administration_alone(world, later, driver, row):
    booking = getattr(Stories(world, later), row)()
    seen = driver.open(world.client(world.sam), world.url(f"/bookings/{booking.code}/"), look)
    assert seen == (["Open in the administration"], False, [])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("story", ["confirmed", "ended", "kim_did_not_come"])
def test_pages_around_the_session_fit_a_phone_and_please_axe(world, later, driver, story, page):
    """Allowed or refused, each is whole."""
    booking = getattr(Stories(world, later), story)()

    for who in (world.kim, world.ana.member):
        _, wide, found = driver.open(world.client(who), world.url(f"/bookings/{booking.code}/{page}"), look)
        assert (wide, found) == (False, [])
