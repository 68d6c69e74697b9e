"""Source 004 on meetings that change: confirmed, cancelled, moved, and the user's alternative date judged."""

from datetime import timedelta

from playwright.sync_api import expect

from .mailbox import check_cancellation, check_invitation
from .person import has_all

KIM, ANA, YUKI, MARCUS, RAHUL, PRIYA = (
    f"{name}@demo.parley.example"
    for name in ("kim.okafor", "ana.nowak", "yuki.morita", "marcus.bell", "rahul.krishnan", "priya.menon")
)


def test_expert_confirms_a_meeting_although_somebody_else_asks_for_its_time(member, mailbox, record, sample):
    """Help page, "Confirmation of a meeting suggested by a user": S4.3 to S4.7."""
    code = sample("mentors", "Can I claim a home office")
    expert, staff = member("mentors", "Ana Nowak"), member("mentors", "Sam Doyle")

    # S4.3: it has not begun, awaits approval, and the expert has not responded yet.
    expert.open_booking("mentors", code)
    expect(expert.badge).to_have_text("Your answer needed")
    staff.open_booking("mentors", code)
    expect(staff.badge).to_have_text("Awaiting approval")

    # S4.4: who else wants that time is named in the dialog, before anything is decided.
    expert.page.goto(f"{expert.page.url}accept/")
    lost = sample("mentors", "My bank asks for a tax number")
    has_all(expert.page.locator("main"), f"({lost})")
    expert.page.get_by_label("Accept anyway. I know what else is at this time.").check()
    expert.page.get_by_role("main").get_by_role("button", name="Accept").first.click()

    # S4.5 to S4.7: agreed, on the timeline by its name, with a room of its own.
    expect(expert.badge).to_have_text("Agreed")
    assert staff.event_names("mentors", code) == ["Video created", "Expert approval", "Suggested by user"]
    confirmed = mailbox.told(code, "", count=4)[PRIYA]
    room = check_invitation(confirmed, record("mentors", code))["LOCATION"]
    assert room.startswith("https://")

    # The request that lost its time is closed, and says so.
    staff.open_booking("mentors", lost)
    expect(staff.timeline.first).to_contain_text("Another agreement took every time that was asked for")


def test_expert_invites_a_user_to_a_new_meeting(member, mailbox, record, sample):
    """Help page, "Proposing a new meeting": S4.14 to S4.17; the user's answer is C18."""
    expert, user, staff = (member("mentors", name) for name in ("Ana Nowak", "Kim Okafor", "Sam Doyle"))

    # S4.14: from an existing meeting.
    expert.open_booking("mentors", sample("mentors", "Which of these three boxes"))
    expert.follow("Follow-up meeting")
    expect(expert.page.get_by_role("heading", level=1, name="Invite to a meeting")).to_be_visible()

    # S4.15: service, skill, date and time, length, price.
    has_all(expert.page.locator("main"), "Kim Okafor", "Tax planning", "Tax and money")
    expert.page.get_by_text("Tax planning", exact=True).click()
    with expert.page.expect_navigation():
        expert.press("Show times for this")
    expert.page.get_by_label("Length in minutes").fill("45")
    expert.page.get_by_label("Price in credits").fill("40")
    with expert.page.expect_navigation():
        expert.press("Show times for this")
    start = expert.take_free(0)
    expert.page.get_by_label("Message").fill("The quarter is over, and one number of it worries me.")
    expert.press("Send invitation")

    # S4.16: a new meeting, approved by the expert and not yet by the user.
    expect(expert.page.get_by_role("link", name="Withdraw invitation")).to_be_visible()
    code = expert.page.locator("main .bhead .mono").text_content()
    booking = record("mentors", code)
    assert (booking.status, booking.starts_at) == ("pending", None)

    # S4.17: on the timeline by its name; the user is invited by mail.
    assert staff.event_names("mentors", code) == ["Expert approval"]
    invited = mailbox.told(code, "Ana Nowak invites you to a meeting: ")
    assert list(invited) == [KIM]
    assert "The quarter is over" in invited[KIM].text

    # The user opens the link of the mail and accepts.
    user.page.goto(invited[KIM].link("accept"))
    has_all(user.page.locator("main"), "45 minutes", "40 credits", *user.reads(start, 45)[:1])
    user.page.get_by_role("main").get_by_role("button", name="Accept").first.click()
    expect(user.badge).to_have_text("Agreed")
    booking = record("mentors", code)
    assert (booking.starts_at, booking.minutes, booking.price) == (start, 45, 40)
    for mail in mailbox.told(code, "ccepted", count=1).values():
        check_invitation(mail, booking)


def test_expert_takes_back_an_unanswered_invitation(member, mailbox, record, sample):
    """Help page, "Cancellation of a meeting not confirmed yet": S4.18."""
    code = sample("mentors", "Your first quarter")
    expert, staff = member("mentors", "Ana Nowak"), member("mentors", "Sam Doyle")

    expert.open_booking("mentors", code)
    expert.follow("Withdraw invitation")
    expert.press("Withdraw invitation")
    expect(expert.badge).to_have_text("Cancelled")
    assert record("mentors", code).status == "cancelled"
    assert staff.event_names("mentors", code) == ["Cancelled by expert", "Expert approval"]
    assert list(mailbox.told(code, "Ana Nowak took back the offer of")) == [KIM]


def test_nothing_can_be_cancelled_or_moved_after_the_start(member, record, sample):
    """S4.42, which every section repeats: "the scheduled start has not yet occurred"."""
    code = sample("mentors", "A one-line question")
    expert = member("mentors", "Ana Nowak")

    expert.open_booking("mentors", code)
    has_all(expert.next_line, "Say whether it took place.")
    for name in ("Cancel", "Propose another time"):
        expect(expert.page.get_by_role("main").get_by_role("link", name=name)).to_have_count(0)
    for page in ("cancel", "suggest"):
        expert.page.goto(f"{expert.site}/t/mentors/bookings/{code}/{page}/")
        has_all(expert.page.locator("main"), "The time of this meeting has come.")
        expect(expert.page.locator("main form")).to_have_count(0)
    assert record("mentors", code).status == "confirmed"


def test_expert_cancels_an_agreed_meeting(member, mailbox, record, agreed):
    """Help page, "Cancellation of an agreed meeting": S4.19 to S4.23, without the credits."""
    early = agreed("mentors", "Kim Okafor", "Yuki Morita", "Mentoring", hours=49)
    late = agreed("mentors", "Kim Okafor", "Yuki Morita", "Mentoring", hours=30)
    expert, staff = member("mentors", "Yuki Morita"), member("mentors", "Sam Doyle")

    # S4.19, S4.20: agreed and not begun; a reason from the list of cancellations, without which nothing happens.
    expert.open_booking("mentors", early)
    expert.follow("Cancel")
    expert.press("Cancel meeting")
    expect(expert.page.get_by_text("Choose a reason, so that Kim Okafor knows why.").first).to_be_visible()
    assert record("mentors", early).status in ("confirming", "confirmed")

    # S4.21: more than 48 hours before, the reason is enough.
    expect(expert.page.get_by_text("This is short notice")).to_have_count(0)
    expert.page.get_by_text("Technical trouble", exact=True).click()
    expert.press("Cancel meeting")
    expect(expert.badge).to_have_text("Cancelled")
    assert staff.event_names("mentors", early)[0] == "Cancellation by expert"
    told = mailbox.told(early, "Cancelled by Yuki Morita: ")
    assert list(told) == [KIM]
    assert "Technical trouble" in told[KIM].text

    # S4.22: less than 48 hours before, a form comes first, which names the hours that are left.
    expert.open_booking("mentors", late)
    expect(expert.badge).to_have_text("Agreed")
    expert.follow("Cancel")
    expect(expert.page.get_by_role("heading", name="This is short notice")).to_be_visible()
    expert.page.get_by_text("I am ill", exact=True).click()
    expert.press("Cancel meeting")
    expect(expert.page.get_by_text("Tick the box to say that you know what follows.").first).to_be_visible()
    assert record("mentors", late).status == "confirmed"
    expert.page.get_by_label("hours are left until the start.").check()
    expert.press("Cancel meeting")
    expect(expert.badge).to_have_text("Cancelled")
    assert staff.event_names("mentors", late)[0] == "Cancelled by expert"

    # S4.22, S4.23: the user is told once more, and the file takes the meeting and its room out of the calendar.
    check_cancellation(mailbox.told(late, "Cancelled by Yuki Morita: ")[KIM], record("mentors", late))


def test_expert_moves_an_agreed_meeting(member, mailbox, record, agreed):
    """Help page, "Rescheduling" of an agreed meeting: S4.24 to S4.26, S4.28; and S4.37, taken back before the user answers."""
    code = agreed("mentors", "Kim Okafor", "Marcus Bell", "Pay talk", hours=100)
    expert, user, staff = (member("mentors", name) for name in ("Marcus Bell", "Kim Okafor", "Sam Doyle"))
    original = record("mentors", code).starts_at

    # S4.24 to S4.26: the original date stays valid until the new one is confirmed, and the form says so.
    expert.open_booking("mentors", code)
    expect(expert.badge).to_have_text("Agreed")
    expert.follow("Propose another time")
    has_all(expert.page.locator("main"), "stays until Kim Okafor accepts.")
    expert.take_free(0)
    expert.press("Send suggestion")

    # S4.37: not approved by the user yet, the expert takes the alternative back; the original stays.
    expert.follow("Withdraw")
    expert.page.get_by_role("main").get_by_role("button", name="Withdraw").click()
    expect(expert.badge).to_have_text("Agreed")
    assert staff.event_names("mentors", code)[0] == "Expert canceled alternate date"
    assert record("mentors", code).starts_at == original
    assert list(mailbox.told(code, "Marcus Bell took back the new time")) == [KIM]

    # S4.28: another one; the original remains in effect while the user decides.
    expert.follow("Propose another time")
    start = expert.take_free(1)
    expert.press("Send suggestion")
    expect(expert.badges).to_contain_text("Change proposed")
    newest = staff.event_names("mentors", code)[:2]
    assert newest == ["Approved by expert", "Alternative date selected by expert"]
    assert record("mentors", code).starts_at == original
    asked = mailbox.told(code, "Marcus Bell asks to move", count=1)[KIM]
    assert "It stays until you agree" in asked.subject

    # The user opens the link of the mail and agrees: the alternative replaces the original, and both have the new file.
    user.page.goto(asked.link("accept"))
    has_all(user.page.locator("main"), "Agreed now", *user.reads(original, 30)[:1], *user.reads(start, 30)[:1])
    user.page.get_by_role("main").get_by_role("button", name="Accept").first.click()
    expect(user.badge).to_have_text("Agreed")
    booking = record("mentors", code)
    assert booking.starts_at == start
    assert staff.event_names("mentors", code)[0] == "Approval of alternative date by user"
    for subject, address in (("New time confirmed with Marcus Bell", KIM), ("Kim Okafor", MARCUS)):
        check_invitation(mailbox.told(code, subject)[address], booking)


def test_expert_revives_a_rejected_meeting(member, mailbox, record, sample):
    """Help page, "Rescheduling" of a rejected meeting: S4.24, S4.26, S4.27."""
    code = sample("mentors", "I start leading three people")
    expert, user, staff = (member("mentors", name) for name in ("Rahul Krishnan", "Kim Okafor", "Sam Doyle"))

    # S4.24, S4.26: a rejected meeting gets a new date.
    expert.open_booking("mentors", code)
    expect(expert.badge).to_have_text("Rejected")
    expert.follow("Suggest another time")
    start = expert.take_free(0)
    expert.press("Send suggestion")

    # S4.27: date and time are adjusted, the expert has approved, and it waits for the user, who is told.
    staff_sees = staff.event_names("mentors", code)
    assert staff_sees[:2] == ["Approved by expert", "Alternative date selected by expert"]
    assert record("mentors", code).status == "pending"
    invited = mailbox.told(code, "after all")
    assert list(invited) == [KIM]
    user.page.goto(invited[KIM].link("accept"))
    has_all(user.page.locator("main"), *user.reads(start, 30)[:1])
    user.page.get_by_role("main").get_by_role("button", name="Accept").first.click()
    expect(user.badge).to_have_text("Agreed")
    assert record("mentors", code).starts_at == start


def test_expert_judges_an_alternative_date_of_the_user(member, mailbox, record, agreed):
    """Help page, "Confirmation" and "Rejection of an alternative date": S4.29 to S4.31, S4.33 to S4.35."""
    code = agreed("mentors", "Kim Okafor", "Yuki Morita", "Mentoring", hours=120)
    expert, user, staff = (member("mentors", name) for name in ("Yuki Morita", "Kim Okafor", "Sam Doyle"))
    original = record("mentors", code).starts_at

    # S4.34: the user suggests another date; to reject it the expert needs a reason from the list.
    user.open_booking("mentors", code)
    expect(user.badge).to_have_text("Agreed")
    user.follow("Propose another time")
    user.take_free(0)
    user.press("Send suggestion")
    asked = mailbox.told(code, "Kim Okafor asks to move")[YUKI]
    expert.page.goto(asked.link("decline"))
    keep = expert.page.get_by_role("main").get_by_role("button", name="Keep")
    keep.click()
    expect(expert.page.get_by_text("Choose a reason, so that Kim Okafor knows why.").first).to_be_visible()
    expert.page.get_by_text("The time does not suit me", exact=True).click()
    keep.click()

    # S4.35: the alternative is over, the original stands, the user reads why.
    expect(expert.badge).to_have_text("Agreed")
    assert staff.event_names("mentors", code)[0] == "Expert rejection of alternate appointment"
    assert record("mentors", code).starts_at == original
    refused = mailbox.told(code, "still stands")
    assert list(refused) == [KIM]
    assert "The time does not suit me" in refused[KIM].text

    # S4.29, S4.31, S4.33: the next one suits: the original is replaced, and both have the new file.
    user.open_booking("mentors", code)
    user.follow("Propose another time")
    start = user.take_free(2)
    user.press("Send suggestion")
    expert.open_booking("mentors", code)
    has_all(
        expert.page.locator("main"), "Agreed, and stays until another time is accepted", *expert.reads(start, 30)[:1]
    )
    expert.page.get_by_role("main").get_by_role("button", name="Accept").first.click()
    expect(expert.badge).to_have_text("Agreed")
    booking = record("mentors", code)
    assert booking.starts_at == start
    assert booking.starts_at - original != timedelta()
    assert staff.event_names("mentors", code)[0] == "Approval of alternative date by expert"
    for mail in mailbox.told(code, "New time confirmed", count=2).values():
        check_invitation(mail, booking)
