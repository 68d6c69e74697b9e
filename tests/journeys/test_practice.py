"""Source 002 as far as it is built: a request is not a session, and a professional may say no."""

from playwright.sync_api import expect

from .person import has_all

LEO, RAFAEL = "leo.ferrante@demo.parley.example", "rafael.souza@demo.parley.example"
NOTES = "I have not slept through since September."
MESSAGE = "My list opens again in February. Until then Danuta Sikora may help: she works on sleep too."


def test_professional_declines_with_a_reason_and_a_message(person, mailbox, record):
    """S2.5, S2.6 and S2.15 up to the answer; S0.16 to S0.18 and S0.22 in this marketplace's words."""
    client, professional = person("Leo Ferrante", "Europe/Rome"), person("Rafael Souza", "America/Sao_Paulo")

    # The client looks for somebody by what it is about and by language.
    client.sign_in_by_one_press("Harbour Practice")
    client.arrive("practice")
    expect(client.page.get_by_role("link", name="Find a professional").first).to_be_visible()
    client.search("burnout")
    client.narrow("Specialities", "Sleep")
    client.open_profile("Rafael Souza")
    client.choose_service("First conversation")
    client.go_to_next_week()
    start = client.choose_time(1)
    client.go_on()

    # S2.6, S2.15: a request schedules nothing; the page says so before sending, and so does the receipt.
    has_all(client.page.locator("main"), "Nothing is booked until Rafael Souza accepts.")
    code = client.send(NOTES)
    client.page.get_by_role("link", name="See this session").click()
    expect(client.badge).to_have_text("Requested")
    assert record("practice", code).starts_at is None

    # The professional finds it in the Workstation.
    professional.sign_in_by_one_press("Harbour Practice")
    expect(professional.page.get_by_text("Workstation: Calendar")).to_be_visible()
    request = professional.request_of("Leo Ferrante", start, 30)
    has_all(
        request, "Leo Ferrante", "First conversation, 30 minutes", NOTES, *professional.reads(start, 30, client.zone)
    )

    # Declining: a reason from this marketplace's list and words to the client.
    request.get_by_role("link", name="Decline").click()
    has_all(professional.page.locator("main"), "Leo Ferrante is told by mail, with your reason and your message.")
    professional.page.get_by_text("I can't take on new clients now", exact=True).click()
    professional.page.get_by_label("Message to Leo Ferrante").fill(MESSAGE)
    professional.page.get_by_role("button", name="Decline request").click()
    expect(professional.badge).to_have_text("Declined")
    expect(professional.next_line).to_have_text("Next: You declined. You can still suggest another time.")
    assert record("practice", code).status == "declined"

    # The client is told once, by mail; the professional gets no copy of an own decision.
    asked, receipt, told = sorted(mailbox.about(code, count=3), key=lambda mail: "can't do" in mail.subject)
    assert {asked.to, receipt.to} == {LEO, RAFAEL}
    assert told.to == LEO
    assert "I can't take on new clients now" in told.text
    assert MESSAGE in " ".join(told.text.split())
    assert "nothing is booked" in told.text
    assert told.calendar == b""

    # S0.22: the page leads on to another time, with the same service chosen.
    client.page.reload()
    expect(client.badge).to_have_text("Declined")
    has_all(client.timeline.first, "Rafael Souza declined. Reason: I can't take on new clients now.", MESSAGE)
    client.page.get_by_role("link", name="Ask for another time").click()
    has_all(client.tray, "First conversation, 30 minutes")
    expect(client.page.get_by_role("radio", name="First conversation")).to_be_checked()
