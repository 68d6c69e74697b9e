"""The whole way without a line of script, on both sides: asking, declining, asking again (decisions 29, CK-09, CK-27)."""

from playwright.sync_api import expect

from .person import has_all

HANA, OLEG = "hana.vesela@demo.parley.example", "oleg.bondar@demo.parley.example"
NOTES = "Our reseller wants to set the prices."
MESSAGE = "I am at a fair all week. Ask me for the week after; mornings are best."


def test_consultant_declines_and_the_client_asks_for_another_time(person, mailbox, record):
    """S0.11, S0.16 to S0.18 and S0.22; C2 and C3."""
    client = person("Hana Vesela", "Europe/Prague", scripted=False)
    consultant = person("Oleg Bondar", "Europe/Kyiv", scripted=False)

    client.sign_in_by_one_press("Brightwater Advisory")
    client.arrive("consult")
    client.search("pricing")
    client.narrow("Topics", "Pricing")
    client.open_profile("Oleg Bondar")
    client.choose_service("Quick check")
    client.go_to_next_week()
    start = client.choose_time(9)
    client.go_on()
    has_all(client.page.locator("main"), *client.reads(start, 15, consultant.zone))
    code = client.send(NOTES)

    # S0.16: the button Decline, beside each request that needs an answer.
    consultant.sign_in_by_one_press("Brightwater Advisory")
    request = consultant.request_of("Hana Vesela", start, 15)
    has_all(request, "Quick check, 15 minutes", NOTES, *consultant.reads(start, 15, client.zone))
    request.get_by_role("link", name="Decline").click()
    consultant.page.get_by_text("I am not available then", exact=True).click()
    # S0.22: the client should hear at once what would be possible.
    consultant.page.get_by_label("Message to Hana Vesela").fill(MESSAGE)
    consultant.page.get_by_role("button", name="Decline request").click()

    # S0.18: that ends the booking.
    expect(consultant.badge).to_have_text("Declined")
    assert record("consult", code).status == "declined"

    # S0.17: the client is told that the request was not accepted, once.
    told = [mail for mail in mailbox.about(code, count=3) if "can't do" in mail.subject]
    assert [mail.to for mail in told] == [HANA]
    assert "I am not available then" in told[0].text
    assert MESSAGE in " ".join(told[0].text.split())
    assert told[0].calendar == b""

    # S0.22, C3: from the declined request to a new date, with the same type chosen.
    client.open_booking("consult", code)
    expect(client.badge).to_have_text("Declined")
    has_all(client.timeline.first, "Oleg Bondar declined.", MESSAGE)
    client.page.get_by_role("link", name="Ask for another time").click()
    has_all(client.tray, "Quick check, 15 minutes")
    client.go_to_next_week()
    client.go_to_next_week()
    later = client.choose_time(2)
    client.go_on()
    again = client.send(NOTES)
    assert (record("consult", again).status, later > start) == ("pending", True)


def test_stranger_asks_with_one_form_and_one_code(person, mailbox, record, reading):
    """T-C1c, CK-10: name and address on the form itself; an account and a membership once the code is right."""
    stranger = person("Ines Prado", "Europe/Lisbon", scripted=False)
    address = "ines.prado@example.org"

    stranger.arrive("consult")
    stranger.search("pricing")
    stranger.open_profile("Oleg Bondar")
    stranger.choose_service("Quick check")
    stranger.go_to_next_week()
    stranger.go_to_next_week()
    start = stranger.choose_time(5)
    stranger.go_on()
    stranger.notes.fill(NOTES)
    stranger.page.get_by_label("Your name").fill("Ines Prado")
    stranger.page.get_by_role("button", name="Send request").last.click()
    has_all(stranger.page.get_by_role("alert"), "There is a problem", "Enter your email address.")
    expect(stranger.page.get_by_label("Your name")).to_have_value("Ines Prado")
    expect(stranger.notes).to_have_value(NOTES)
    stranger.introduce("Ines Prado", address)
    code = stranger.confirm(mailbox.code_to(address))

    booking = record("consult", code)
    assert (booking.status, booking.notes) == ("pending", NOTES)
    with reading("consult"):
        assert (booking.client.name, booking.client.user.email) == ("Ines Prado", address)
        assert booking.proposals.get().times.get().starts_at == start
    told = mailbox.about(code, count=2)
    assert {mail.to for mail in told} == {address, OLEG}
