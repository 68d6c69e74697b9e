"""Source 004 as far as it is built: one list for both roles, a reason from a list, rejected with a word to the user."""

from playwright.sync_api import expect

from .person import has_all

KIM, ANA = "kim.okafor@demo.parley.example", "ana.nowak@demo.parley.example"
NOTES = "Sole trader or company: I would like to decide before January."
MESSAGE = "I am teaching that day. The week after is still open."


def test_expert_rejects_a_meeting_with_a_reason_from_the_list(person, mailbox, record):
    """S4.1, S4.8 to S4.10, S4.13, S4.41 and S4.42; C16 and C17 up to the answer."""
    user, expert = person("Kim Okafor", "America/Chicago"), person("Ana Nowak", "Europe/Prague")

    # C16: the user suggests a meeting with an expert who has the skill; the price is in credits.
    user.sign_in_by_one_press("Northwind Mentors")
    user.arrive("mentors")
    expect(user.page.get_by_role("link", name="Find an expert").first).to_be_visible()
    user.search("tax")
    user.narrow("Skills", "Moving abroad")
    user.open_profile("Ana Nowak")
    user.choose_service("Deep dive with your papers")
    user.go_to_next_week()
    start = user.choose_time(2)
    user.go_on()
    has_all(user.page.locator("main"), "60 minutes, video, 60 credits")
    code = user.send(NOTES)

    # S4.41: the status in this marketplace's word.
    user.page.get_by_role("link", name="See this meeting").click()
    expect(user.badge).to_have_text("Awaiting approval")

    # S4.1: one common list of meetings, in which she is expert in some and user in others.
    expert.sign_in_by_one_press("Northwind Mentors")
    expect(expert.page.get_by_text("Meetings", exact=True).first).to_be_visible()
    expert.page.get_by_role("link", name="All your bookings").click()
    has_all(expert.page.get_by_role("table"), "You are the expert", "You are the user")
    expert.page.get_by_role("link", name="Today").first.click()
    request = expert.request_of("Kim Okafor", start, 60)
    has_all(request, "Kim Okafor", "Deep dive with your papers, 60 minutes", NOTES, *expert.reads(start, 60, user.zone))

    # S4.9: declining needs a choice from the list; without one nothing happens and the words are kept.
    request.get_by_role("link", name="Decline").click()
    expert.page.get_by_label("Message to Kim Okafor").fill(MESSAGE)
    expert.page.get_by_role("button", name="Decline request").click()
    expect(expert.page).to_have_title("Error: Decline: Deep dive with your papers with Kim Okafor – Northwind Mentors")
    expect(expert.page.get_by_label("Message to Kim Okafor")).to_have_value(MESSAGE)
    assert record("mentors", code).status == "pending"
    expert.page.get_by_text("The time does not suit me", exact=True).click()
    expert.page.get_by_role("button", name="Decline request").click()

    # S4.10, S4.13: the timeline has it, the status is Rejected.
    expect(expert.badge).to_have_text("Rejected")
    has_all(expert.timeline.first, "You declined.", "Reason: The time does not suit me.", MESSAGE)
    assert record("mentors", code).status == "declined"

    # The user is told once, in the words of this marketplace.
    asked, receipt, told = sorted(mailbox.about(code, count=3), key=lambda mail: "can't do" in mail.subject)
    assert {asked.to, receipt.to} == {KIM, ANA}
    assert told.to == KIM
    assert "it is about a meeting of yours" in told.text
    assert "The time does not suit me" in told.text
    assert MESSAGE in " ".join(told.text.split())
    assert told.calendar == b""
    user.page.reload()
    expect(user.badge).to_have_text("Rejected")
    expect(user.next_line).to_contain_text("Next: Ana Nowak can't do this.")
