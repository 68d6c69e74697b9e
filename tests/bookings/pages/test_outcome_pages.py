"""Joining, saying how it went, taking back, disagreeing, asking support (PG-36, PG-36b, PG-35b; T37-T41, S1.18)."""

import pytest

from bookings.enums import Action, Actor, Status
from bookings.models import SupportRequest
from calendars.queries import meeting_url
from notifications.models import EmailMessage

from .conftest import prague, words
from .stories import Stories, offer


@pytest.fixture
def stories(world, later) -> Stories:
    return Stories(world, later)


def at(booking, page, query=""):
    return f"/bookings/{booking.code}/{page}/{query}"


def send(world, who, booking, page, **data):
    return world.post(who, at(booking, page), {"seen": str(world.again(booking).last_sequence), **data})


def kinds(world, booking) -> list[str]:
    with world.inside():
        return list(EmailMessage.objects.filter(reference=booking.reference).values_list("kind", flat=True))


# --- joining ------------------------------------------------------------------------------------------


def test_join_page_says_when_it_opens_then_leads_in_then_asks_how_it_went(world, stories, later):
    """PG-36b: one address for the whole life of a session, so that no mail ever has a stale one."""
    booking = stories.confirmed()
    with world.inside():
        room = meeting_url(booking.reference)
    early = world.get(world.kim, at(booking, "join"))
    later(days=1, hours=5, minutes=31)  # a quarter of an hour before the start
    open_now = world.get(world.kim, at(booking, "join"))
    later(hours=1, minutes=44)  # 59 minutes after the end
    late = world.get(world.kim, at(booking, "join"))
    later(minutes=1)
    over = world.get(world.kim, at(booking, "join"))

    assert "Opens at 7:45am Come back on Tue 24 Nov, 7:45am (in 29 hours)." in words(early)
    assert room not in early.content.decode()
    assert "You can join now" in words(open_now)
    assert f'id="join" href="{room}"' in open_now.content.decode()
    assert "Say how it went" not in words(open_now)
    assert room in late.content.decode()
    assert "Say how it went" in words(late)
    assert "It is over Did it happen?" in words(over)
    assert room not in over.content.decode()


@pytest.mark.parametrize(
    ("story", "text"),
    [
        ("requested", "There is nothing to join Ana Nowak answers by Tue 24 Nov, 8am"),
        ("setting_up", "How you meet The link is being made. You both get it by mail."),
        ("declined", "There is nothing to join Ana Nowak can't do this."),
        ("completed", "There is nothing to join You said that it took place."),
    ],
)
def test_join_page_of_what_can_not_be_joined(world, stories, story, text):
    booking = getattr(stories, story)()

    assert text.removesuffix("You said that it took place.") in words(world.get(world.kim, at(booking, "join")))


def test_address_to_join_is_for_the_two_alone(world, stories, rui):
    """X12: staff read that there is one, and strangers nothing at all."""
    booking = stories.begun()
    with world.inside():
        room = meeting_url(booking.reference)

    staff = world.get(world.sam, at(booking, "join"))

    assert "The address to join is for the two alone." in words(staff)
    assert room not in staff.content.decode()
    assert [world.get(who, at(booking, "join")).status_code for who in (world.lena, rui)] == [404, 404]


# --- saying how it went -------------------------------------------------------------------------------


def test_completing_shows_what_follows_first(world, stories):
    """S3.16, T37, D-7: the press comes after the consequences."""
    booking = stories.ended()

    page = words(world.get(world.ana.member, at(booking, "outcome", "?said=completed")))

    assert "It took place" in page
    assert "Kim Okafor confirms it. If nobody says otherwise, it is completed on Thu 26 Nov, 3:30pm." in page
    assert "Mark completed" in page
    assert "Kim Okafor didn't come" in page


def test_first_word_waits_for_the_second(world, stories):
    """D15 both: the provider records it, the client confirms it."""
    booking = stories.ended()

    answer = send(world, world.ana.member, booking, "outcome", said="completed", message="Thank you, Kim.")

    assert answer.url == world.url(f"/bookings/{booking.code}/")
    assert (world.again(booking).status, world.again(booking).held_by) == (Status.CONFIRMED, "provider")
    page = words(world.get(world.kim, f"/bookings/{booking.code}/"))
    assert "Ana Nowak says that it took place: confirm it, or say if not." in page
    assert "You have said so already." in words(world.get(world.ana.member, f"/bookings/{booking.code}/"))
    send(world, world.kim, booking, "outcome", said="completed")
    assert world.again(booking).status == Status.COMPLETED


def test_no_show_says_that_one_waited_and_what_the_other_may_answer(world, stories):
    """T38, PG-36: both sides alike."""
    booking = stories.ten_minutes_in()

    page = words(world.get(world.kim, at(booking, "outcome", "?said=no_show")))

    assert "Ana Nowak didn't come With this you say that you waited until 8:10am or longer." in page
    assert "You can take it back until Wed 25 Nov, 8:10am." in page
    assert "Ana Nowak can disagree until Thu 26 Nov, 8:10am. Then support decides." in page
    send(world, world.kim, booking, "outcome", said="no_show")
    after = world.again(booking)
    assert (after.status, after.absent) == (Status.NOSHOW, "provider")
    assert "booking_noshow_provider" in kinds(world, booking)


def test_outcome_without_an_answer_asks_for_one(world, stories):
    """The page's address alone, as it stands in mails."""
    page = world.get(world.ana.member, at(stories.ended(), "outcome"))

    assert "Did it take place?" in words(page)
    assert "?said=completed" in page.content.decode()
    assert "?said=no_show" in page.content.decode()


@pytest.mark.parametrize(
    ("story", "said", "text"),
    [
        ("confirmed", "completed", "This is possible from Tue 24 Nov, 3:30pm, after the end."),
        ("begun", "no_show", "Wait until Tue 24 Nov, 3:10pm, 10 minutes after the start."),
        ("declined", "completed", "You declined on"),
        ("declined", "", "You declined on"),
        ("confirmed", "", "This is possible from Tue 24 Nov, 3:30pm, after the end."),
    ],
)
def test_too_early_and_too_late_say_why(world, stories, story, said, text):
    booking = getattr(stories, story)()

    page = world.get(world.ana.member, at(booking, "outcome", f"?said={said}" if said else ""))

    assert text in words(page)
    assert "<form" not in page.content.decode().split("<main", 1)[1].split("</main>", 1)[0]


def test_second_press_is_one(world, stories):
    """R-HX-5."""
    booking = stories.ended()
    seen = str(world.again(booking).last_sequence)

    for _ in range(2):
        answer = world.post(world.ana.member, at(booking, "outcome"), {"said": "no_show", "seen": seen})
        assert answer.status_code == 303

    with world.inside():
        assert booking.events.filter(action=Action.NO_SHOW).count() == 1


def test_press_on_an_old_page_shows_how_it_stands(world, stories):
    """X2: the other side was quicker."""
    booking = stories.ended()
    seen = str(world.again(booking).last_sequence)
    stories.do(booking, Action.NO_SHOW, Actor.CLIENT)

    answer = world.post(world.ana.member, at(booking, "outcome"), {"said": "completed", "seen": seen})

    assert answer.status_code == 409
    assert "Kim Okafor said that somebody did not come on" in words(answer)


# --- taking back, disagreeing -------------------------------------------------------------------------


def test_what_was_said_is_taken_back(world, stories):
    """PG-32: within 24 hours, by who said it; then it is open again."""
    booking = stories.kim_did_not_come()

    page = words(world.get(world.ana.member, at(booking, "undo")))
    assert "Take back what was said It is as if nothing had been said about it." in page
    send(world, world.ana.member, booking, "undo")

    after = world.again(booking)
    assert (after.status, after.absent) == (Status.CONFIRMED, "")
    assert "Ended, no outcome yet" in words(world.get(world.kim, f"/bookings/{booking.code}/"))


def test_other_side_can_not_take_it_back(world, stories):
    booking = stories.kim_did_not_come()

    page = world.get(world.kim, at(booking, "undo"))

    assert page.status_code == 403
    assert "Ana Nowak or support said this. Tell them if it is wrong." in words(page)


def test_disagreeing_needs_words_and_tells_support(world, stories):
    """T41, D15."""
    booking = stories.kim_did_not_come()

    page = words(world.get(world.kim, at(booking, "contest")))
    assert "Tell us what happened Support reads both sides and decides." in page
    empty = send(world, world.kim, booking, "contest", message=" ")
    assert empty.status_code == 422
    assert "Say in a few words what you ask for and why." in words(empty)
    send(world, world.kim, booking, "contest", message="I was there from 2:55pm.")

    assert world.again(booking).contested_at is not None
    assert {"booking_contested_provider", "booking_contested_staff"} <= set(kinds(world, booking))


def test_disagreeing_ends_after_two_days(world, stories, later):
    booking = stories.kim_did_not_come()
    later(hours=48, seconds=1)

    page = world.get(world.kim, at(booking, "contest"))

    assert "You could disagree until Thu 26 Nov, 8:40am. Ask support." in words(page)
    assert send(world, world.kim, booking, "contest", message="Late.").status_code == 409


# --- asking support -----------------------------------------------------------------------------------


def test_support_is_asked_with_times_and_words(world, stories):
    """S1.18-S1.20, PG-35b: times as people write them, by the reader's clock."""
    booking = stories.confirmed()

    page = words(world.get(world.kim, at(booking, "ask-support")))
    assert (
        "Ask support to change it Support answers you both by Wed 25 Nov, 2:14am. "
        "That is after the meeting starts: unless an answer comes sooner, it takes place as agreed."
    ) in page
    assert "Tue 24 Nov, 8am stays until support has changed it." in page
    answer = send(
        world, world.kim, booking, "ask-support", wanted="Thu 9am\n27 Nov 10:00", message="We agreed by phone."
    )

    assert answer.url == world.url(f"/bookings/{booking.code}/")
    with world.inside():
        wish = SupportRequest.objects.get(booking=booking)
    assert (wish.made_by, wish.reason) == ("client", "We agreed by phone.")
    assert wish.starts == [prague(26, 16), prague(27, 17)]
    assert "booking_support_asked_staff" in kinds(world, booking)


def test_support_that_answers_before_the_start_promises_no_more(world, stories):
    booking = world.confirm(world.ask(prague(25, 15)))

    page = words(world.get(world.kim, at(booking, "ask-support")))

    assert "Ask support to change it Support answers you both by Wed 25 Nov, 2:14am. " in page
    assert "That is after" not in page


def test_page_says_what_became_of_the_promise_of_support(world, stories, later):
    """PG-35b: it may come after the start, and it may have been missed."""
    booking = stories.do(stories.confirmed(), Action.ASK_SUPPORT, Actor.CLIENT, message="Please.")
    promised = "Support answers you both by Wed 25 Nov, 2:14am."

    page = words(world.get(world.kim, f"/bookings/{booking.code}/"))
    assert (
        f"{promised} That is after the meeting starts: unless an answer comes sooner, it takes place as agreed." in page
    )

    later(hours=30)  # 2:14pm in Chicago on the day of the session
    page = words(world.get(world.kim, f"/bookings/{booking.code}/"))
    assert promised in page.replace("2:14am tomorrow", "Wed 25 Nov, 2:14am")
    assert "That is after" not in page

    later(hours=18)
    page = words(world.get(world.kim, f"/bookings/{booking.code}/"))
    assert "Support should have answered by" in page
    assert "and has not done so yet." in page


@pytest.mark.parametrize(
    ("wanted", "message", "text"),
    [
        ("soonish", "Please.", "Enter a day and a time, like Thu 2pm or 26 Nov 14:00."),
        ("Mon 23 Nov 1am", "Please.", "has passed"),
        ("Thu 9am\nThu 10am\nFri 9am\nFri 10am", "Please.", "Write 3 times at most. Remove the others."),
        ("Thu 9am", "", "Say in a few words what you ask for and why."),
    ],
)
def test_wish_that_can_not_be_read_is_kept_and_explained(world, stories, wanted, message, text):
    booking = stories.confirmed()

    answer = send(world, world.kim, booking, "ask-support", wanted=wanted, message=message)

    assert answer.status_code == 422
    assert text in words(answer)
    assert wanted in answer.content.decode()
    with world.inside():
        assert not SupportRequest.objects.exists()


def test_one_wish_at_a_time(world, stories):
    booking = stories.do(
        stories.confirmed(), Action.ASK_SUPPORT, Actor.PROVIDER, message="Please.", offer=offer(prague(26, 10))
    )

    page = words(world.get(world.kim, at(booking, "ask-support")))

    assert "Support has been asked already and answers by mail." in page


# --- who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["outcome", "undo", "contest", "ask-support"])
def test_strangers_find_nothing_and_staff_the_administration(world, stories, rui, page):
    booking = stories.ended()

    assert [world.get(who, at(booking, page)).status_code for who in (world.lena, rui)] == [404, 404]
    staff = world.get(world.sam, at(booking, page, "?said=completed"))
    assert staff.status_code == 403
    assert "Open in the administration" in words(staff)
    assert world.get(None, at(booking, page)).status_code == 302


@pytest.mark.parametrize("page", ["join", "outcome", "outcome/?said=no_show", "undo", "contest", "ask-support"])
def test_looking_changes_nothing(world, stories, page):
    """decisions.md 30: mail scanners open everything."""
    booking = stories.ended()
    before = world.state()

    for who in (world.kim, world.ana.member, world.sam):
        world.get(who, f"/bookings/{booking.code}/{page}{'' if '?' in page else '/'}")

    assert world.state() == before


def test_old_addresses_can_not_act_for_others(world, stories):
    """Nobody completes the booking of somebody else by its address."""
    booking = stories.ended()

    assert world.post(world.lena, at(booking, "outcome"), {"said": "completed"}).status_code == 404
    assert world.again(booking).status == Status.CONFIRMED
