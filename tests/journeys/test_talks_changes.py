"""Source 001 on confirmed bookings: the provider can't cancel, staff move them, and late changes count."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from .mailbox import check_cancellation, check_invitation
from .person import Person, has_all

GRACE, MEI, BABAK, ZOFIA = (
    f"{name}@demo.parley.example" for name in ("grace.amoako", "mei.shimada", "babak.shirazi", "zofia.lis")
)
TALK = "Talk with questions"


def test_provider_asks_the_client_to_cancel(member, mailbox, record, agreed):
    """Help page, "Cancelling a confirmed booking": S1.14, S1.15."""
    code = agreed("talks", "Zofia Lis", "Tove Rasmussen", "Workshop", hours=200)
    provider, client = member("talks", "Tove Rasmussen"), member("talks", "Zofia Lis")

    # S1.14: a confirmed booking has no button to cancel for the provider, and the page says what is possible.
    provider.open_booking("talks", code)
    has_all(provider.page.locator("main"), "You can't cancel an agreed booking here. Ask Zofia Lis to cancel it.")
    expect(provider.page.get_by_role("main").get_by_role("link", name=re.compile("^Cancel"))).to_have_count(0)

    # S1.15: the provider asks the client to cancel, in own words; until then it stands.
    provider.follow("Ask Zofia Lis to cancel")
    provider.page.get_by_label("What should Zofia Lis know?").fill("The oven of the school is broken. I am sorry.")
    provider.page.get_by_role("main").get_by_role("button").last.click()
    expect(provider.badge).to_have_text("Confirmed")
    has_all(provider.next_line, "You asked Zofia Lis to cancel.")
    asked = mailbox.told(code, "Tove Rasmussen asks you to cancel")[ZOFIA]
    assert "The oven of the school is broken." in asked.text

    # The client opens the link of the mail, reads that nothing is lost by it, and cancels.
    client.page.goto(asked.link("cancel"))
    has_all(client.page.locator("main"), "Tove Rasmussen asks you to cancel this booking. You lose nothing by it.")
    client.press("Cancel booking")
    expect(client.badge).to_have_text("Cancelled")
    booking = record("talks", code)
    assert booking.status == "cancelled"
    for mail in mailbox.told(code, "ancelled", count=2).values():
        check_cancellation(mail, booking)


def test_staff_move_a_booking_on_which_both_agree(member, mailbox, record, sample):
    """Help page, "Rescheduling": S1.18 without the chat, S1.19."""
    code = sample("talks", "New employees, this time the older ones")
    provider, staff = member("talks", "Babak Shirazi"), member("talks", "Piotr Wrona")

    # S1.18: the provider can't move it alone; the page says that the way to it is under way.
    provider.open_booking("talks", code)
    has_all(provider.page.locator("main"), "Support has been asked already and answers by mail.")

    # S1.19: the client has told support; staff find it in their queue, amend date and time, and see both mails before.
    staff.page.goto(f"{staff.site}/t/talks/admin/")
    staff.page.get_by_role("link", name=re.compile("upport")).first.click()
    staff.page.get_by_role("link", name=code).click()
    has_all(staff.page.locator("#content"), "Mei Shimada asked support on", "Our hall is flooded.")
    staff.page.get_by_role("link", name="Change date or time").click()
    staff.page.get_by_role("button", name="Preview").click()
    has_all(staff.page.locator("#content"), "Nothing was changed.", "Say the reason in a few words.")
    before = record("talks", code)
    staff.page.get_by_label("Mei Shimada").check()
    staff.page.get_by_label("Reason").fill("The hall is flooded; both agreed by phone.")
    staff.page.get_by_role("button", name="Preview").click()
    preview = staff.page.locator(".preview")
    has_all(preview, "Mail to Mei Shimada:", "Mail to Babak Shirazi:", "SEQUENCE 0 → 1")
    assert record("talks", code).starts_at == before.starts_at
    staff.page.get_by_role("button", name="Apply").click()
    expect(staff.page.get_by_text("Amended by staff")).to_be_visible()

    # Both are told, with the reason and a file that moves the entry of their calendars.
    booking = record("talks", code)
    assert booking.starts_at > before.starts_at
    told = mailbox.told(code, "Support moved", count=2)
    assert set(told) == {MEI, BABAK}
    for mail in told.values():
        assert "The hall is flooded; both agreed by phone." in mail.text
        check_invitation(mail, booking)
    provider.page.reload()
    has_all(provider.timeline.first, "Piotr Wrona, support, moved it from", "Mei Shimada asked for it.")


def test_client_who_cannot_accept_another_date_cancels(member, mailbox, record, agreed):
    """Help page, "Rescheduling": S1.20, and what a client may ask support for (S1.19)."""
    code = agreed("talks", "Zofia Lis", "Kwabena Sarpong", TALK, hours=220)
    client = member("talks", "Zofia Lis")

    client.open_booking("talks", code)
    expect(client.page.get_by_role("main").get_by_role("link", name="Ask support")).to_be_visible()
    client.follow("Cancel")
    client.page.get_by_label("Message to Kwabena Sarpong").fill("That week we are all away. Another year!")
    client.press("Cancel booking")
    expect(client.badge).to_have_text("Cancelled")
    told = mailbox.told(code, "Cancelled by Zofia Lis: ")["kwabena.sarpong@demo.parley.example"]
    assert "Another year!" in told.text
    check_cancellation(told, record("talks", code))


def test_third_late_cancellation_pauses_topics_until_it_is_explained(member, mailbox, agreed, record):
    """Help page, "Note" on cancellations within 5 days, more than twice: S1.16, S1.17, S1.22."""
    provider, client, staff = (member("talks", name) for name in ("Aleksander Nowicki", "Zofia Lis", "Piotr Wrona"))

    # S1.16: three cancellations that the provider caused, each within five days of its date.
    for hours in (50, 70, 90):
        code = agreed("talks", "Zofia Lis", "Aleksander Nowicki", TALK, hours=hours)
        _wish_and_cancel(provider, client, code)
    provider.page.goto(f"{provider.site}/t/talks/portal/standing/")
    has_all(
        provider.page.locator("main"),
        "3 late cancellations: more than 2.",
        "Less than 5 days before it counts as late.",
        "our staff look into it and may pause your topics.",
    )

    # S1.16, S1.22: staff may suspend the provider's listed topics; the account stays.
    _decide(staff, "Too many late changes", "Pause all topics", "Three within five days.")
    provider.page.reload()
    has_all(provider.page.locator("main"), "paused", "What is agreed or asked for already goes on")

    # S1.17: unless proof of extenuating circumstances is provided: words and a file.
    provider.page.get_by_role("link", name=re.compile("^Explain what happened")).first.click()
    provider.page.get_by_role("group", name="What was in the way?").get_by_role("radio").first.check(force=True)
    provider.page.get_by_label("What happened?").fill("A week in hospital.")
    note = {"name": "note.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\nA doctor's note\n%%EOF\n"}
    provider.page.get_by_label("Files").set_input_files([note])
    provider.press("Send to staff")
    has_all(provider.page.locator("main"), "Under review.", "note.pdf")

    # Staff read it and accept: it does not count, and the topics are listed again.
    _decide(staff, "Explanations of late changes", "Accept: this late change does not count", "Get well soon.")
    provider.page.goto(f"{provider.site}/t/talks/portal/standing/")
    has_all(provider.page.locator("main"), "Accepted. It does not count any more.", "2 of 2 late cancellations.")
    expect(provider.page.get_by_text("paused")).to_have_count(0)


def test_late_move_of_the_provider_counts_apart(member, mailbox, agreed, record):
    """Help page, "Note" on rescheduling within 5 days: S1.19 from the client's side, S1.21."""
    code = agreed("talks", "Zofia Lis", "Valentina Rojas", TALK, hours=80)
    client, staff, provider = (member("talks", name) for name in ("Zofia Lis", "Piotr Wrona", "Valentina Rojas"))

    # S1.19: the client accepts the wish of the provider and contacts support.
    client.open_booking("talks", code)
    client.follow("Ask support")
    client.page.get_by_label("Which time do you want?").fill(f"{datetime.now(UTC) + timedelta(days=10):%d %b} 3pm")
    client.page.get_by_role("main").locator("textarea").last.fill("Valentina has to be on a ship. We agreed on later.")
    client.press("Ask support")
    has_all(
        client.page.locator("main"),
        "Support was asked. Support answers you both by",
        "You asked support to change this",
    )
    asked = mailbox.told(code, "asks support to change")["piotr.wrona@demo.parley.example"]
    assert "Valentina has to be on a ship." in asked.text

    # Staff amend it in the administration. The provider wished it, less than five days before: the page says that it counts.
    staff.page.goto(f"{staff.site}/t/talks/admin/bookings/booking/{record('talks', code).pk}/change/")
    staff.page.get_by_role("link", name="Change date or time").click()
    staff.page.get_by_label("Valentina Rojas").check()
    staff.page.get_by_label("Reason").fill("Her ship leaves earlier.")
    staff.page.get_by_role("button", name="Preview").click()
    has_all(staff.page.locator(".preview"), "It counts for Valentina Rojas as late move 1 of 2 within 12 months.")
    staff.page.get_by_role("button", name="Apply").click()
    expect(staff.page.get_by_text("Amended by staff")).to_be_visible()

    # S1.21: moves are counted apart from cancellations.
    provider.page.goto(f"{provider.site}/t/talks/portal/standing/")
    has_all(provider.page.locator("main"), "0 of 2 late cancellations", "1 of 2 late moves.")


def _wish_and_cancel(provider: Person, client: Person, code: str) -> None:
    """The provider asks the client to cancel, who does."""
    provider.open_booking("talks", code)
    provider.follow("Ask Zofia Lis to cancel")
    provider.page.get_by_label("What should Zofia Lis know?").fill("I am ill.")
    provider.page.get_by_role("main").get_by_role("button").last.click()
    has_all(provider.next_line, "You asked Zofia Lis to cancel.")
    client.page.goto(f"{client.site}/t/talks/bookings/{code}/cancel/")
    client.press("Cancel booking")
    expect(client.badge).to_have_text("Cancelled")


def _decide(staff: Person, queue: str, decision: str, why: str) -> None:
    """Staff open what waits for them on the first page of the administration, and decide it."""
    staff.page.goto(f"{staff.site}/t/talks/admin/")
    staff.page.locator("ul.queues a").filter(has_text=queue).click()
    staff.page.get_by_role("row", name="Aleksander Nowicki").get_by_role("link").first.click()
    staff.page.get_by_label(decision).check()
    staff.page.get_by_label("Reason").fill(why)
    staff.page.get_by_role("button", name="Save").first.click()
