"""Source 003 on bookings that the organizer makes, moves, cancels and closes."""

import re

from playwright.sync_api import expect

from .mailbox import check_cancellation, check_invitation
from .person import has_all

ELIF, JAKOB, WINSTON, SIGNE = (
    f"{name}@demo.parley.example" for name in ("elif.koray", "jakob.bruun", "winston.adair", "signe.thorup")
)


def test_organizer_creates_a_booking(member, mailbox, record):
    """Help page, "Create booking": S3.1, S3.11 and S3.12, from the page of bookings."""
    organizer, staff = member("studio", "Jakob Bruun"), member("studio", "Milan Petrov")

    # S3.1, S3.12: from the bookings page to "New booking"; the details; Book.
    organizer.page.goto(f"{organizer.site}/t/studio/bookings/")
    expect(organizer.page.get_by_role("heading", level=1, name="Bookings")).to_be_visible()
    organizer.follow("New booking")
    organizer.page.get_by_text("Signe Thorup", exact=True).click()
    organizer.page.get_by_text("Coaching", exact=True).first.click()
    with organizer.page.expect_navigation():
        organizer.press("Show times for this")
    start = organizer.take_free(2)
    organizer.page.get_by_label("Message").fill("As we said on the phone.")
    organizer.press("Book this booking")

    # It is confirmed without waiting for anybody; the details are on its page.
    expect(organizer.badge).to_have_text("Confirmed")
    code = organizer.page.locator("main .bhead .mono").text_content()
    has_all(organizer.page.locator("main aside"), "Coaching, 30 minutes", "Signe Thorup")
    booking = record("studio", code)
    assert (booking.status, booking.starts_at) == ("confirmed", start)
    assert staff.event_names("studio", code) == ["Video created", "Booked by organizer"]
    told = mailbox.told(code, "", count=2)
    assert set(told) == {SIGNE, JAKOB}
    for mail in told.values():
        check_invitation(mail, booking)


def test_organizer_moves_a_booking(member, mailbox, record, agreed):
    """Help page, "Reschedule booking": S3.13, S3.14."""
    code = agreed("studio", "Winston Adair", "Jakob Bruun", "Coaching", hours=130)
    organizer, customer = member("studio", "Jakob Bruun"), member("studio", "Winston Adair")

    # S3.13: from the details to choosing date and time again.
    organizer.open_booking("studio", code)
    expect(organizer.badge).to_have_text("Confirmed")
    organizer.follow("Move to another time")
    start = organizer.take_free(0)

    # S3.14: without the reason nothing moves.
    before = record("studio", code).starts_at
    organizer.press("Move the booking")
    expect(organizer.page.get_by_text("Say the reason in a few words.").first).to_be_visible()
    assert record("studio", code).starts_at == before
    organizer.page.get_by_label("Why?").fill("My train does not run that day.")
    organizer.press("Move the booking")
    expect(organizer.badge).to_have_text("Confirmed")
    booking = record("studio", code)
    assert booking.starts_at == start
    told = mailbox.told(code, "Jakob Bruun moved your booking to ")
    assert list(told) == [WINSTON]
    assert "My train does not run that day." in told[WINSTON].text
    check_invitation(told[WINSTON], booking)
    customer.open_booking("studio", code)
    has_all(customer.timeline.first, "Jakob Bruun moved it from", "Reason: My train does not run that day.")


def test_organizer_cancels_a_booking(member, mailbox, record, agreed):
    """Help page, "Cancel booking": S3.15, and S3.6 on the page."""
    code = agreed("studio", "Winston Adair", "Jakob Bruun", "Coaching", hours=150)
    organizer = member("studio", "Jakob Bruun")

    # Two steps: Cancel, then the reason and "Cancel booking".
    organizer.open_booking("studio", code)
    expect(organizer.badge).to_have_text("Confirmed")
    organizer.follow("Cancel")
    organizer.press("Cancel booking")
    expect(organizer.page).to_have_title(re.compile("^Error: "))
    assert record("studio", code).status == "confirmed"
    organizer.page.get_by_label("Why?").fill("The studio is under water.")
    organizer.press("Cancel booking")
    expect(organizer.badge).to_have_text("Cancelled")
    told = mailbox.told(code, "Cancelled by Jakob Bruun: ")[WINSTON]
    assert "The studio is under water." in told.text
    check_cancellation(told, record("studio", code))


def test_organizer_says_how_a_booking_went(member, mailbox, record, sample):
    """Help page, "Booking statuses": S3.3, S3.9, S3.10; taken back in between."""
    code = sample("studio", "What does a coach do that a friend does not?")
    organizer, staff = member("studio", "Jakob Bruun"), member("studio", "Milan Petrov")

    # S3.10: completed is marked by the organizer.
    organizer.open_booking("studio", code)
    has_all(organizer.next_line, "Say whether it took place.")
    organizer.follow("Mark completed")
    organizer.press("Mark completed")
    expect(organizer.badge).to_have_text("Completed")
    assert record("studio", code).status == "completed"

    # A slip of the hand is taken back.
    organizer.follow("Take it back")
    organizer.page.get_by_role("main").get_by_role("button").last.click()
    has_all(organizer.next_line, "Say whether it took place.")

    # S3.9: no-show is marked when the customer did not show up or join.
    organizer.follow("Kim Okafor didn't come")
    has_all(organizer.page.locator("main"), "With this you say that you waited until")
    organizer.press("Kim Okafor didn't come")
    expect(organizer.badge).to_have_text("No-show")
    assert record("studio", code).status == "noshow"
    assert staff.event_names("studio", code)[:3] == [
        "No-show recorded",
        "Outcome taken back",
        "Meeting progress recorded by expert",
    ]
    missed = mailbox.told(code, "Jakob Bruun missed you on")
    assert list(missed) == ["kim.okafor@demo.parley.example"]

    # S3.20: the list finds it again by its status.
    organizer.page.goto(f"{organizer.site}/t/studio/bookings/?show=all&q={code}")
    has_all(organizer.page.get_by_role("table"), "Trial lesson with Kim Okafor", "No-show")


def test_customer_books_at_once(member, mailbox, record):
    """S3.3 without Pending: an event type that needs no approval is confirmed at once (T7b)."""
    customer = member("studio", "Elif Koray")

    customer.arrive("studio")
    customer.page.goto(f"{customer.site}/t/studio/experts/")
    customer.open_profile("Ville Koskinen")
    customer.choose_service("First hello")
    customer.go_to_next_week()
    start = customer.choose_time(1)
    customer.tray.get_by_role("button", name="Continue").click()
    customer.page.get_by_role("button", name=re.compile("^Book")).last.click()
    expect(customer.page.get_by_role("heading", level=1)).to_contain_text("booked")
    code = customer.page.locator("main .mono").text_content()
    customer.open_booking("studio", code)
    expect(customer.badge).to_have_text("Confirmed")
    booking = record("studio", code)
    assert (booking.status, booking.starts_at) == ("confirmed", start)
    for mail in mailbox.told(code, "", count=2).values():
        check_invitation(mail, booking)
