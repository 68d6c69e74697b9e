"""Source 001 walked: several preferred dates, a filter by state, View, one of the dates chosen, or a decline that offers others."""

import re

from playwright.sync_api import expect

from .mailbox import check_invitation
from .person import has_all

MEI, GRACE, HARRIET = (f"{name}@demo.parley.example" for name in ("mei.shimada", "grace.amoako", "harriet.osgood"))
NOTES = "Winter school, ninety people between twelve and fifteen."


def test_provider_chooses_one_of_three_preferred_dates(person, mailbox, record):
    """S1.1 and S1.4 to S1.10, and the client's side of it (C6)."""
    client, provider = person("Mei Shimada", "Asia/Tokyo"), person("Grace Amoako", "Africa/Accra")

    # C6: a request may carry several preferred dates, best first.
    client.sign_in_by_one_press("Lectern")
    client.arrive("talks")
    client.search("rivers")
    client.open_profile("Grace Amoako")
    expect(client.page.get_by_role("heading", name="2. When would suit you? Choose up to 3")).to_be_visible()
    client.choose_service("Talk with questions")
    client.go_to_next_week()
    starts = []
    for number in (0, 4, 8):
        starts.append(client.choose_time(number))
        expect(client.tray).to_contain_text(f"Your times ({len(starts)} of 3)")
    client.go_on()
    code = client.send(NOTES)

    # S1.5: a new booking remains Pending until the provider confirms it.
    client.open_booking("talks", code)
    expect(client.badge).to_have_text("Pending")
    has_all(client.page.locator("main"), "Times you asked for", *(client.reads(start, 60)[0] for start in starts))
    assert record("talks", code).starts_at is None

    # S1.4: the request appears in the Provider Portal, under Bookings.
    provider.sign_in_by_one_press("Lectern")
    expect(provider.page.get_by_text("Provider Portal: Bookings")).to_be_visible()
    asked = provider.request_of("Mei Shimada", starts[0], 60)
    has_all(
        asked,
        "Talk with questions, 60 minutes",
        NOTES,
        *(provider.reads(start, 60, client.zone)[0] for start in starts),
    )

    # S1.6, S1.7: the Bookings page is filtered by state; View opens the booking.
    provider.page.get_by_role("link", name="Bookings", exact=True).first.click()
    provider.narrow("State", "Your answer needed")
    provider.page.get_by_role("button", name="Show", exact=True).click()
    provider.page.wait_for_url(re.compile("state="))
    provider.page.get_by_role("row", name=provider.reads(starts[0], 60)[0]).get_by_role("link", name="View").click()
    expect(provider.badge).to_have_text("Your answer needed")

    # S1.8, S1.9: the provider chooses one of the three and confirms.
    provider.page.locator("main form label", has_text=provider.reads(starts[1], 60)[0]).click()
    provider.page.get_by_role("button", name="Accept this time").click()
    expect(provider.badge).to_have_text("Confirmed")
    booking = record("talks", code)
    assert (booking.status, booking.starts_at, booking.minutes) == ("confirmed", starts[1], 60)

    # S1.10: both coordinate the details by themselves; the platform makes no link.
    has_all(provider.next_line, "You meet Mei Shimada on", "You and Mei Shimada arrange the details yourselves.")
    expect(provider.page.get_by_role("link", name="Join")).to_have_count(0)

    # One mail each, in the words of this marketplace, with a valid file; no link to join in it.
    confirmed = {mail.to: mail for mail in mailbox.about(code, count=4)[2:]}
    assert set(confirmed) == {MEI, GRACE}
    for mail in confirmed.values():
        assert "it is about a booking of yours" in mail.text
        assert "Join page" not in mail.text
        check_invitation(mail, booking)
    client.page.reload()
    expect(client.badge).to_have_text("Confirmed")
    has_all(client.timeline.nth(-1), "You asked for 3 times")
    has_all(client.timeline.nth(-2), "Grace Amoako accepted")


def test_provider_declines_for_scheduling_reasons_and_suggests_other_dates(person, mailbox, record):
    """S1.11 to S1.13, with a request of the sample data."""
    provider = person("Grace Amoako", "Africa/Accra")

    # S1.12: Bookings, filter by state, View, Decline.
    provider.sign_in_by_one_press("Lectern")
    provider.page.get_by_role("link", name="Bookings", exact=True).first.click()
    provider.narrow("State", "Your answer needed")
    provider.page.get_by_role("button", name="Show", exact=True).click()
    provider.page.wait_for_url(re.compile("state="))
    provider.page.get_by_role("row", name="Workshop with Harriet Osgood").get_by_role("link", name="View").click()
    expect(provider.badge).to_have_text("Your answer needed")
    code = provider.page.locator("main .bhead .mono").text_content()
    provider.page.get_by_role("link", name="Decline").click()

    # S1.11, S1.13: a scheduling conflict; other dates are suggested with the decline.
    provider.page.get_by_role("link", name="Put them into the message").click()
    message = provider.page.get_by_label("Message to Harriet Osgood")
    expect(message).to_have_value(re.compile("\n"))
    suggested = message.input_value()
    provider.page.get_by_text("A scheduling conflict", exact=True).click()
    provider.page.get_by_role("button", name="Decline request").click()
    expect(provider.badge).to_have_text("Declined")
    assert record("talks", code).status == "declined"

    # The client is told once, with the reason and the dates; there is no file, since no calendar ever had it.
    told = [mail for mail in mailbox.about(code, count=3) if "can't do" in mail.subject]
    assert [mail.to for mail in told] == [HARRIET]
    assert "A scheduling conflict" in told[0].text
    assert all(line.strip() in told[0].text for line in suggested.splitlines())
    assert told[0].calendar == b""
