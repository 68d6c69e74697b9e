"""Source 000 walked from end to end: one date for each request, 15, 30 or 60 minutes, accept or decline."""

import re

from playwright.sync_api import expect

from .mailbox import check_invitation
from .person import has_all

MATTHIAS, OLEG = "matthias.ruhl@demo.parley.example", "oleg.bondar@demo.parley.example"
NOTES = "Our price page has four plans.\nWhich two of them should go?"


def test_consultant_accepts_the_request_of_a_guest(person, mailbox, record):
    """S0.2 to S0.15 and S0.19 to S0.21; the client's side is C1 and C2, known again by a mailed code alone (CK-10)."""
    client, consultant = person("Matthias Ruhl", "Europe/Berlin"), person("Oleg Bondar", "Europe/Kyiv")

    # C1: the client finds a consultant, by words and by a filter.
    client.arrive("consult")
    client.search("pricing")
    expect(client.page.get_by_role("heading", name="3 consultants")).to_be_visible()
    client.narrow("Topics", "Pricing")
    expect(client.page.get_by_role("heading", name="2 consultants")).to_be_visible()
    client.open_profile("Oleg Bondar")

    # S0.9: a session has a type of 15, 30 or 60 minutes.
    expect(client.page.get_by_role("heading", name="1. Choose a type")).to_be_visible()
    has_all(client.page.locator("#service"), "15 minutes, video", "30 minutes, video", "60 minutes, video")
    client.choose_service("Consultation")
    client.go_to_next_week()
    start = client.choose_time(3)
    has_all(client.tray, *client.reads(start, 30, consultant.zone))
    client.go_on()

    # S0.10: notes for the consultant. Three fields and three presses: nothing is typed twice (CK-10).
    client.notes.fill(NOTES)
    client.introduce("Matthias Ruhl", MATTHIAS)
    code = client.confirm(mailbox.code_to(MATTHIAS))

    # CK-18: what happens next, with a date, and what happens if nobody answers.
    has_all(
        client.page.locator("main"),
        *client.reads(start, 30, consultant.zone),
        "If not, the request closes",
    )
    client.page.get_by_role("link", name="See this session").click()
    expect(client.badge).to_have_text("Pending")

    # S0.2, S0.3: logged in to the consultant account, "My Consult" is reached from wherever one is.
    consultant.sign_in_by_one_press("Brightwater Advisory")
    consultant.arrive("consult")
    consultant.page.locator("#account").click()
    consultant.page.get_by_role("link", name="Switch to My Consult").click()

    # S0.5, S0.6: the Sessions tab has what needs attention and what is upcoming.
    expect(consultant.page.get_by_text("My Consult: Sessions")).to_be_visible()
    expect(consultant.page.get_by_role("heading", name=re.compile("^Needs your answer"))).to_be_visible()
    expect(consultant.page.get_by_text("Next session")).to_be_visible()

    # S0.7 to S0.10: each request shows the name, the one date and time, the type and the notes.
    request = consultant.request_of("Matthias Ruhl", start, 30)
    expect(request).to_have_count(1)
    has_all(
        request,
        "Matthias Ruhl",
        *consultant.reads(start, 30, client.zone),
        "Consultation, 30 minutes",
        NOTES,
        "left, by",
    )
    expect(request.get_by_role("button", name="Accept")).to_have_count(1)

    # S0.11, S0.12, S0.19: accepting says beforehand that it is a commitment.
    request.get_by_role("link", name="Matthias Ruhl", exact=True).click()
    consultant.page.goto(f"{consultant.page.url}accept/")
    has_all(
        consultant.page.locator("main"),
        "is kept for Matthias Ruhl in your calendar. You commit to being there.",
        "Matthias Ruhl and you get a confirmation by mail with a calendar file.",
    )
    consultant.page.get_by_role("button", name=re.compile("^Accept")).click()

    # S0.13, S0.14: the session becomes confirmed, and the consultant's calendar has it.
    expect(consultant.badge).to_have_text("Confirmed")
    booking = record("consult", code)
    assert (booking.status, booking.starts_at, booking.minutes) == ("confirmed", start, 30)
    expect(consultant.next_line).to_contain_text("You meet Matthias Ruhl on")
    consultant.page.get_by_role("link", name="Today").first.click()
    has_all(consultant.page.locator("#today"), "Upcoming", *consultant.reads(start, 30, client.zone))

    # S0.15: the client is told by mail; both get one confirmation, with a valid file for their calendars.
    mails = mailbox.about(code, count=4)
    assert {mail.to for mail in mails[:2]} == {OLEG, MATTHIAS}
    confirmed = {mail.to: mail for mail in mails[2:]}
    assert confirmed[OLEG].subject.startswith("You accepted Matthias Ruhl: ")
    assert confirmed[MATTHIAS].subject.startswith("Confirmed: Consultation with Oleg Bondar, ")
    for mail in confirmed.values():
        assert "session" in mail.text
        assert check_invitation(mail, booking)["SUMMARY"].startswith("Consultation with ")

    # C2: the client's page says the same, and what has happened.
    client.page.reload()
    expect(client.badge).to_have_text("Confirmed")
    expect(client.next_line).to_contain_text("Next: You meet Oleg Bondar on")
    has_all(client.timeline.nth(-1), "You asked for")
    has_all(client.timeline.nth(-2), "Oleg Bondar accepted")
    expect(client.page.get_by_role("link", name="Join")).to_be_visible()
