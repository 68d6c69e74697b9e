"""The pages in a real browser: axe, reflow, no script, keyboard alone, asking again by themselves (CK-01, CK-03, R-HX)."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from bookings.enums import Action, Status
from bookings.models import Booking
from tests import factories
from tests.browser.axe import violations
from tests.browser.chromium import MISSING

from .browsing import CHROMIUM, Driver
from .conftest import iso, prague

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
    """Every page of bookings with something on it, by name: who opens it and where."""
    with world.inside():
        factories.service(world.ana, "Quick question", minutes=15, price=15)
    asked = world.ask(prague(24, 15), notes="Sole trader or company before January?")
    agreed = world.confirm(world.ask(prague(25, 11), client=world.lena))
    declined = world.act(world.ask(prague(27, 13)), Action.DECLINE, reason_code="time", message="Next week?")
    request = f"/experts/{world.ana.slug}/request/"
    ana = world.ana.member
    return {
        "request": (world.kim, f"{request}?service={world.service.pk}&slot={iso(prague(24, 12))}"),
        "request with a lost time": (world.lena, f"{request}?service={world.service.pk}&slot={iso(prague(24, 15))}"),
        "request of a guest": (None, request),
        "sent": (world.kim, f"/bookings/{asked.code}/sent/"),
        "list": (world.kim, "/bookings/?show=all"),
        "list of a provider": (ana, "/bookings/?show=all"),
        "list without rows": (world.kim, "/bookings/?state=noshow"),
        "requested": (world.kim, f"/bookings/{asked.code}/"),
        "to answer": (ana, f"/bookings/{asked.code}/"),
        "confirmed": (ana, f"/bookings/{agreed.code}/"),
        "declined": (world.kim, f"/bookings/{declined.code}/"),
        "for staff": (world.sam, f"/bookings/{declined.code}/"),
        "accept": (ana, f"/bookings/{asked.code}/accept/"),
        "decline": (ana, f"/bookings/{asked.code}/decline/"),
        "withdraw": (world.kim, f"/bookings/{asked.code}/withdraw/"),
        "refused": (world.kim, f"/bookings/{asked.code}/accept/"),
        "today": (ana, "/portal/"),
    }


def examine(page: Page) -> list:
    """What axe finds and where the page scrolls sideways, in light and dark, from phone to desk."""
    found = []
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for theme, again in (("light", False), ("dark", True)):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            rules = violations(page, by_colour=again)
            found += [(width, theme, rule["id"], node["html"]) for rule in rules for node in rule["nodes"]]
    for width in (320, 768, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append((width, "scrolls sideways", wide))
    return found


def test_pages_have_nothing_for_axe_to_find_and_never_scroll_sideways(world, story, driver):
    """CK-01, CK-03, CK-43: also nothing that the console complains about, such as a refused inline style."""
    found = {}
    for name, (who, path) in story.items():

        def script(page: Page) -> list:
            return [line for line in page.complaints if "status of 403" not in line] + examine(page)

        found[name] = driver.open(world.client(who), world.url(path), script)

    assert {name: problems for name, problems in found.items() if problems} == {}


def test_whole_path_without_script(world, driver):
    """The main job of issue 1 with JavaScript off: ask, move the times, send; accept on Today."""

    def ask(page: Page) -> str:
        page.get_by_label("What would you like to talk about?").fill("Sole trader?")
        page.get_by_role("button", name="Send request").last.click()
        return page.get_by_role("heading", level=1).inner_text()

    def accept(page: Page) -> str:
        page.get_by_role("button", name="Accept Tue 24 Nov, 3pm to 3:30pm, for Kim Okafor").click()
        return page.locator(".notice").first.inner_text()

    request = f"/experts/{world.ana.slug}/request/?service={world.service.pk}&slot={iso(prague(24, 15))}"
    sent = driver.open(world.client(world.kim), world.url(request), ask, java_script_enabled=False)
    done = driver.open(world.client(world.ana.member), world.url("/portal/"), accept, java_script_enabled=False)

    assert sent == "We sent your request to Ana Nowak"
    assert done == "You accepted Tue 24 Nov, 3pm. Kim Okafor is told by mail."
    with world.inside():
        assert Booking.objects.get().status == Status.CONFIRMING


def test_request_is_declined_with_the_keyboard_alone(world, driver):
    """T-E3, R-A11Y 2: Tab, arrow, Enter; the refused form puts the focus on its summary."""
    booking = world.ask(prague(24, 15))

    def decline(page: Page) -> tuple[str, str]:
        button = page.get_by_role("button", name="Decline request")
        button.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#error-summary")
        focused = page.evaluate("document.activeElement.id")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Space")
        button.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".notice.ok")
        return focused, page.locator(".notice.ok").inner_text()

    path = world.url(f"/bookings/{booking.code}/decline/")
    focused, said = driver.open(world.client(world.ana.member), path, decline)

    assert focused == "error-summary"
    assert said == "You declined. Kim Okafor is told by mail."


def test_enter_in_the_request_form_never_removes_a_time(world, driver):
    """The first button of a form is the one that Enter presses."""
    with world.inside():
        factories.service(world.ana, "Quick question", minutes=15)

    def press_enter(page: Page) -> str:
        page.get_by_label("Tax planning").check(force=True)
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
        page.wait_for_url("**/sent/")
        return page.get_by_role("heading", level=1).inner_text()

    request = f"/experts/{world.ana.slug}/request/?slot={iso(prague(24, 15))}"

    assert driver.open(world.client(world.kim), world.url(request), press_enter) == "We sent your request to Ana Nowak"


def test_today_renews_itself_where_the_focus_is(world, driver, later):
    """PG-40, R-HX-4, R-HX-6: a new request appears and is announced; focus stays on the same control."""
    first = world.ask(prague(24, 15))

    def open_and_wait(page: Page) -> tuple[str, str, int]:
        page.clock.install()
        page.reload()
        page.locator(f"#decline-{first.code}").focus()
        later(minutes=1)
        driver.meanwhile(lambda: world.ask(prague(25, 15), client=world.lena, now=world.now + timedelta(minutes=1)))
        page.clock.fast_forward(61_000)
        page.wait_for_selector("text=Lena Hartmann")
        return (
            page.evaluate("document.activeElement.id"),
            page.locator("#announce").inner_text(),
            page.locator("article.ask").count(),
        )

    focused, announced, rows = driver.open(world.client(world.ana.member), world.url("/portal/"), open_and_wait)

    assert (focused, announced, rows) == (f"decline-{first.code}", "1 new request", 2)


def test_hidden_page_asks_for_nothing(world, driver):
    """R-HX-6."""

    def wait_hidden(page: Page) -> int:
        page.clock.install()
        page.reload()
        page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
        asked = []
        page.on("request", lambda request: "/portal/" in request.url and asked.append(request.url))
        page.clock.fast_forward(200_000)
        page.evaluate("new Promise(requestAnimationFrame)")
        return len(asked)

    assert driver.open(world.client(world.ana.member), world.url("/portal/"), wait_hidden) == 0
