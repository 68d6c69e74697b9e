"""Source 003 as far as it is built: pending approval, confirming in the queue, confirmed; the seven statuses by name."""

import re

from playwright.sync_api import expect

from .mailbox import check_invitation
from .person import has_all

ELIF, JAKOB = "elif.koray@demo.parley.example", "jakob.bruun@demo.parley.example"
NOTES = "My contract ends in March, and nobody has asked what I want."
SEVEN = ["Confirmed", "Confirming", "Cancelled", "Waiting", "Pending", "No-show", "Completed"]


def test_organizer_confirms_a_pending_booking(person, mailbox, record):
    """S3.3 to S3.5, S3.8 and S3.11."""
    customer, organizer = person("Elif Koray", "Europe/Istanbul"), person("Jakob Bruun", "Europe/Copenhagen")

    # S3.3: seven statuses say whether a booking is confirmed, awaits something, is cancelled or completed.
    customer.sign_in_by_one_press("Studio Nord")
    customer.arrive("studio")
    customer.page.get_by_role("link", name="What the statuses mean").click()
    for status in SEVEN:
        expect(customer.page.get_by_role("main").get_by_text(status, exact=True).first).to_be_visible()

    # The customer asks for a long coaching; its price is in credits.
    customer.arrive("studio")
    expect(customer.page.get_by_role("link", name="Find an organizer").first).to_be_visible()
    customer.search("coaching")
    customer.open_profile("Jakob Bruun")
    expect(customer.page.get_by_role("heading", name="1. Choose an event type")).to_be_visible()
    customer.choose_service("Long coaching")
    customer.go_to_next_week()
    start = customer.choose_time(1)
    customer.go_on()
    has_all(customer.page.locator("main"), "Long coaching", "60 minutes, video, 28 credits")
    code = customer.send(NOTES)

    # S3.8: pending requires manual approval.
    customer.page.get_by_role("link", name="See this booking").click()
    expect(customer.badge).to_have_text("Pending")

    # The organizer sees who, when by both clocks, what, how long, why; and accepts.
    organizer.sign_in_by_one_press("Studio Nord")
    expect(organizer.page.get_by_text("Studio: Bookings")).to_be_visible()
    request = organizer.request_of("Elif Koray", start, 60)
    has_all(request, "Elif Koray", "Long coaching, 60 minutes", NOTES, *organizer.reads(start, 60, customer.zone))
    request.get_by_role("button", name=re.compile("^Accept")).click()
    expect(organizer.page.get_by_text("Elif Koray is told by mail.")).to_be_visible()

    # S3.5, S3.4: while the calendar entry and the room are made it is Confirming, then Confirmed.
    organizer.open_booking("studio", code)
    expect(organizer.badge).to_have_text(re.compile("^Confirm(ing|ed)$"))
    expect(organizer.badge).to_have_text("Confirmed")
    booking = record("studio", code)
    assert (booking.status, booking.starts_at, booking.minutes, booking.price) == ("confirmed", start, 60, 28)
    has_all(organizer.timeline.nth(0), "Setting up finished")
    has_all(organizer.timeline.nth(1), "You accepted")
    has_all(organizer.timeline.nth(2), "Elif Koray asked for")

    # S3.11: the booking's page has the details.
    has_all(organizer.page.locator("main aside"), "Event type", "Long coaching, 60 minutes", NOTES, "28 credits")

    # One mail each with a valid file, and the address of the room in it.
    confirmed = {mail.to: mail for mail in mailbox.about(code, count=4)[2:]}
    assert set(confirmed) == {ELIF, JAKOB}
    expect(organizer.page.get_by_role("link", name="Join from")).to_have_attribute("href", re.compile("/join/$"))
    room = check_invitation(confirmed[ELIF], booking)["LOCATION"]
    assert room.startswith("https://")
    for mail in confirmed.values():
        assert "booking" in mail.text
        assert room in mail.text
        assert check_invitation(mail, booking)["LOCATION"] == room
    customer.page.reload()
    expect(customer.badge).to_have_text("Confirmed")
    expect(customer.next_line).to_contain_text("Next: You meet Jakob Bruun on")
