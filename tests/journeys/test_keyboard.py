"""From the front page to an agreed meeting with Tab, Enter, Space and typing, and nothing else (CK-05, CK-09, CK-13)."""

import re

from playwright.sync_api import Locator, expect

from .mailbox import check_invitation
from .person import Person, has_all

LENA, ANA = "lena.hartmann@demo.parley.example", "ana.nowak@demo.parley.example"
NOTES = "I move to Lisbon in spring and keep two clients here."
MOST_STOPS = 250


def tab_to(person: Person, target: Locator) -> None:
    """Press Tab until the target has the focus; then it is in view, with a ring around it."""
    for _ in range(MOST_STOPS):
        person.page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            break
    expect(target).to_be_focused()
    expect(target).to_be_in_viewport()
    assert target.evaluate("(element) => element.matches(':focus-visible')")


def press(person: Person, target: Locator, key: str = "Enter") -> None:
    """Go to the target by Tab and press a key there."""
    tab_to(person, target)
    person.page.keyboard.press(key)


def test_meeting_is_asked_for_and_agreed_with_the_keyboard_alone(person, mailbox, record):
    """CK-13: a time three weeks ahead. Then S4.3, S4.6 and S4.7: the expert accepts, it is Agreed and has a room."""
    user, expert = person("Lena Hartmann", "Europe/Berlin"), person("Ana Nowak", "Europe/Prague")
    page = user.page

    # CK-06: the first stop leads past the frame.
    user.sign_in_by_one_press("Northwind Mentors")
    user.arrive("mentors")
    press(user, page.get_by_role("link", name="Skip to main content"))
    tab_to(user, page.get_by_label("What do you need?"))
    page.keyboard.type("moving abroad tax")
    page.keyboard.press("Enter")
    press(user, page.get_by_role("heading", name="Ana Nowak", exact=True).get_by_role("link"))
    expect(page.get_by_role("heading", level=1, name="Ana Nowak")).to_be_visible()

    # CK-13: three weeks ahead; the focus stays on "Later".
    later = page.get_by_role("button", name="Later")
    tab_to(user, later)
    for _ in range(3):
        first = user.slots.first.get_attribute("value")
        page.keyboard.press("Enter")
        expect(user.slots.first).not_to_have_value(first)
        expect(later).to_be_focused()
    start = user.start_of(user.slots.first)
    press(user, user.slots.first, "Space")
    has_all(user.tray, *user.reads(start, 15))

    press(user, user.tray.get_by_role("button", name="Continue"))
    tab_to(user, user.notes)
    page.keyboard.type(NOTES)
    press(user, page.get_by_role("button", name="Send request").last)
    code = user.sent()
    user.open_booking("mentors", code)
    expect(user.badge).to_have_text("Awaiting approval")

    # S4.3: the expert confirms a meeting that a user suggested, while it awaits approval.
    expert.sign_in_by_one_press("Northwind Mentors")
    request = expert.request_of("Lena Hartmann", start, 15)
    has_all(request, NOTES)
    press(expert, request.get_by_role("button", name=re.compile("^Accept")))
    expect(expert.page.get_by_text("Lena Hartmann is told by mail.")).to_be_visible()

    # S4.6, S4.7: it is Agreed, and a room to meet in was made by itself.
    expert.open_booking("mentors", code)
    expect(expert.badge).to_have_text("Agreed")
    expect(expert.page.get_by_role("link", name="Join from")).to_have_attribute("href", re.compile("/join/$"))
    booking = record("mentors", code)
    assert (booking.status, booking.starts_at, booking.minutes) == ("confirmed", start, 15)
    confirmed = {mail.to: mail for mail in mailbox.about(code, count=4)[2:]}
    assert set(confirmed) == {LENA, ANA}
    for mail in confirmed.values():
        assert "it is about a meeting of yours" in mail.text
        check_invitation(mail, booking)
