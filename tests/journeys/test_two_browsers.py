"""Two people want one time (CK-15, 3.6 case 1)."""

from playwright.sync_api import expect

from .person import has_all

NOTES = "A staff day for forty people, half of them new."


def test_who_comes_second_keeps_everything_and_is_offered_three_near_times(member, record):
    """The loser reads why, keeps notes and the other time, takes a near one with a press, and can send."""
    first, second = member("talks", "Zofia Lis"), member("talks", "Bartosz Klimek")

    chosen = {}
    for client in (first, second):
        client.page.goto(f"{client.site}/t/talks/experts/aleksander-nowicki/")
        client.go_to_next_week()
        chosen[client.name] = client.choose_time(0)
    assert chosen[first.name] == chosen[second.name]
    other = second.choose_time(6)
    expect(second.tray).to_contain_text("Your times (2 of 3)")
    second.go_on()
    second.notes.fill(NOTES)
    first.go_on()
    winner = first.send("Annual meeting of two hundred electricians.")

    # The sentence, with what was typed and the time that is still free.
    second.page.get_by_role("button", name="Send request").last.click()
    main = second.page.locator("main")
    has_all(main, "Taken a moment ago", second.reads(other, 60)[0])
    expect(second.page.locator("main s")).to_have_text(second.reads(chosen[second.name], 60)[0])
    expect(second.notes).to_have_value(NOTES)
    expect(second.page).to_have_title("Error: Ask Aleksander Nowicki for a time – Lectern")

    # Three near times, none of which is the lost one; one press takes it.
    near = second.page.get_by_role("list", name="The nearest free times").get_by_role("listitem")
    expect(near).to_have_count(3)
    taken = near.first.locator("strong").text_content()
    near.first.get_by_role("button", name="Take this time").click()
    expect(second.page.locator("main s")).to_have_count(0)
    has_all(main, taken)
    expect(second.notes).to_have_value(NOTES)
    code = second.send()

    assert {record("talks", reference).status for reference in (winner, code)} == {"pending"}
    second.open_booking("talks", code)
    has_all(main, "Times you asked for", taken, second.reads(other, 60)[0], NOTES)
