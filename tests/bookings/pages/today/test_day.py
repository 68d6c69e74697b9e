"""What a provider's day shows and lets do at once (PG-40)."""

import pytest

from bookings.enums import Action, Actor
from calendars.enums import ClaimKind
from calendars.services import claim
from tests import factories

from ..conftest import World, iso, prague, values, words
from ..stories import Stories
from .reading import today


def names_in_order(page) -> list[str]:
    html = page.content.decode()
    return [chunk.split('">', 1)[1].split("</a>", 1)[0] for chunk in html.split('-open" href="')[1:]]


def test_page_greets_in_the_providers_city(world):
    page = words(today(world))

    assert "Good morning, Ana Nowak Mon 23 Nov, 9:14am in Prague" in page


@pytest.mark.parametrize(
    ("hours", "greeting"),
    [(0, "Good morning"), (3, "Good afternoon"), (9, "Good evening"), (15, "Hello"), (20, "Good morning")],
)
def test_greeting_follows_the_providers_clock(world, later, hours, greeting):
    later(hours=hours)

    assert f"{greeting}, Ana Nowak" in words(today(world))


def test_page_has_the_tenants_name_for_it(south, now, clock):
    """S0.3-S0.6: in `consult` it is the tab Sessions of My Consult."""
    world = World(south, now)

    page = today(world)

    assert "My Consult: Sessions Good morning" in words(page)
    assert "<title>My Consult: Sessions – Southgate Consult</title>" in page.content.decode()


def test_request_shows_who_when_what_and_why(world):
    """S0.7 name, S0.8 date and time by both clocks, S0.9 the 30-minute type, S0.10 notes; until when (S0.21)."""
    world.ask(prague(24, 15), notes="Sole trader?")

    page = words(today(world))

    assert (
        "Needs your answer 1 KO Kim Okafor 29 h left, by Tue 24 Nov, 3pm "
        "Tax planning, 30 minutes, video. Kim Okafor is in Chicago Sole trader? "
        "Tue 24 Nov, 3pm to 3:30pm 8am to 8:30am in Chicago Accept Tue 24 Nov, 3pm to 3:30pm, for Kim Okafor "
        "Suggest other times to Kim Okafor Decline the request of Kim Okafor"
    ) in page


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_type_of_the_consultation_is_named(world, minutes):
    """S0.9."""
    with world.inside():
        service = factories.service(world.ana, "Talk", minutes=minutes)
    world.ask(prague(24, 15), service=service)

    assert f"Talk, {minutes} minutes, video." in words(today(world))


def test_long_notes_are_cut_at_a_word(world):
    world.ask(prague(24, 15), notes="word " * 200)

    page = words(today(world))

    assert page.count("word") == 56
    assert "word…" in page


def test_time_is_accepted_with_one_press(world):
    """T-E2: the button carries the time; the page stays Today."""
    booking = world.ask(prague(24, 15))
    page = today(world)

    assert values(page, "time") == [iso(prague(24, 15))]
    assert values(page, "back") == ["today"]
    assert values(page, "seen") == ["1"]
    assert f'action="{world.url(f"/bookings/{booking.code}/accept/")}"' in page.content.decode()


def test_one_press_on_what_changed_meanwhile_does_nothing(world):
    """ux.md 2.0: Kim has changed the notes since; the page says so and Ana decides again."""
    booking = world.ask(prague(24, 15))
    page = today(world)
    form = {name: values(page, name)[0] for name in ("time", "back", "seen")}
    world.act(booking, Action.CHANGE_NOTES, Actor.CLIENT, notes="It is about something else.")

    answer = world.post(world.ana.member, f"/bookings/{booking.code}/accept/", form)

    assert answer.status_code == 409
    assert "Look at it as it is now, then decide again. Nothing was changed." in words(answer)


def test_rows_are_sorted_by_the_time_that_is_left(world, several):
    """CK-23: not by age. Of several times the first one that drops out counts, and lead and window are respected."""
    with world.inside():
        nadia = factories.member("Nadia Farouk", zone="Africa/Cairo")
    world.ask(prague(27, 10), client=nadia)  # the window of 72 hours: Thursday 9:14am
    world.ask(prague(26, 9), prague(24, 9), client=world.lena)  # the earlier of its times: Tuesday 9am
    world.ask(prague(25, 15))  # before the start: Wednesday 3pm

    assert names_in_order(today(world))[:3] == ["Lena Hartmann", "Kim Okafor", "Nadia Farouk"]


def test_time_that_dropped_out_can_not_be_accepted_any_more(world, several, later):
    """PG-40: past-lead times drop out one by one, and the deadline moves on."""
    world.ask(prague(24, 9), prague(26, 9))
    later(days=1)

    page = today(world)

    assert values(page, "time") == [iso(prague(26, 9))]
    assert "by Thu 26 Nov, 9am" in words(page)
    assert "This time has passed. You can still accept Thu 26 Nov, 9am." in words(page)


def test_overlap_is_flagged_and_leads_to_the_page_with_the_tick(world):
    """CK-22: outside appointments warn; the press then is not one press."""
    booking = world.ask(prague(24, 15))
    with world.inside():
        claim(
            calendars=[world.ana.calendar],
            start=prague(24, 15),
            end=prague(24, 16),
            kind=ClaimKind.EXTERNAL,
            reference="ext:1",
        )

    page = today(world)

    assert "This overlaps an appointment in your own calendar on Tue 24 Nov, 3pm" in words(page)
    assert values(page, "time") == []
    accept = world.url(f"/bookings/{booking.code}/accept/?time=2026-11-24T14%3A00Z")
    assert f'href="{accept}"' in page.content.decode()
    assert "Tick" not in words(page)


def test_lost_time_has_no_button(world):
    booking = world.ask(prague(24, 15))
    with world.inside():
        claim(
            calendars=[world.ana.calendar],
            start=prague(24, 15),
            end=prague(24, 15, 30),
            kind=ClaimKind.SESSION,
            reference="booking:NO-OTHER",
        )

    page = today(world)

    assert "You have agreed to NO-OTHER on Tue 24 Nov, 3pm." in words(page)
    assert values(page, "time") == []
    assert f"/bookings/{booking.code}/accept/?time" not in page.content.decode()
    assert "Decline" in words(page)


def test_next_session_and_what_is_ahead(world):
    """S0.5: upcoming sessions, the next one with its room."""
    world.confirm(world.ask(prague(23, 15)))
    world.confirm(world.ask(prague(25, 11), client=world.lena))

    page = words(today(world))

    assert "Next meeting KO Kim Okafor Tax planning, 30 minutes, video Mon 23 Nov, 3pm to 3:30pm" in page
    assert "8am to 8:30am in Chicago Starts in 5 hours Join from 2:45pm" in page
    assert "Upcoming Tax planning with Lena Hartmann Wed 25 Nov, 11am to 11:30am Starts in 2 days Agreed" in page


def test_another_date_is_judged_among_the_requests(world, later):
    """S4.24, S4.25: by the time that is left; declining keeps what is agreed."""
    booking = Stories(world, later).moved_by_kim()

    page = words(today(world))

    assert "Needs your answer 1 KO Kim Okafor 29 h left, by Tue 24 Nov, 3pm" in page
    assert "Another time instead of Tue 24 Nov, 3pm. Kim Okafor is in Chicago" in page
    assert "Wed 25 Nov, 3pm to 3:30pm 8am to 8:30am in Chicago Accept" in page
    assert "Keep the original time the request of Kim Okafor" in page
    assert f'href="{world.url(f"/bookings/{booking.code}/suggest/")}"' in today(world).content.decode()


def test_session_that_is_over_waits_for_a_word(world, later):
    """T37, D15: until the provider says how it went."""
    stories = Stories(world, later)
    booking = stories.ended()

    assert "Needs your answer 1 Did it take place? Tax planning with Kim Okafor Tue 24 Nov, 3pm to 3:30pm" in words(
        today(world)
    )
    stories.do(booking, Action.COMPLETE, Actor.PROVIDER)
    assert "Did it take place?" not in words(today(world))


def test_what_others_have_to_answer_is_listed(world, later):
    Stories(world, later).invited()

    assert "Waiting for others (1) Tax planning with Kim Okafor Tue 24 Nov, 3pm to 3:30pm" in words(today(world))


def test_session_that_is_on_is_next_until_its_end(world, later):
    world.confirm(world.ask(prague(23, 15)))
    later(hours=6)
    assert (
        "Kim Okafor Tax planning, 30 minutes, video Mon 23 Nov, 3pm to 3:30pm 8am to 8:30am in Chicago On now"
        in words(today(world))
    )

    later(minutes=16)
    assert "No meeting ahead" in words(today(world))


def test_first_day_explains_what_will_be_here(world):
    page = words(today(world))

    assert "No requests yet When somebody asks you for a time, you answer it here and get a mail." in page
    assert "See your page" in page


def test_nothing_to_answer_names_the_next_session(world):
    world.confirm(world.ask(prague(23, 15)))

    page = words(today(world))

    assert "Nothing needs your answer Your next meeting is Mon 23 Nov, 3pm to 3:30pm." in page


def test_closed_requests_are_gone(world):
    booking = world.ask(prague(24, 15))
    world.act(booking, Action.DECLINE, reason_code="time")

    assert "Kim Okafor" not in words(today(world))


def test_more_than_a_page_of_requests_leads_on(world):
    for day in (24, 25):
        for half_hour in range(13):
            world.ask(prague(day, 9 + half_hour // 2, 30 * (half_hour % 2)))

    page = words(today(world))

    assert "Needs your answer 26" in page
    assert page.count("Decline the request of Kim Okafor") == 25
    assert "1 more waits for you" in page


def test_number_beside_the_navigation_is_that_of_the_page(world, later):
    """What one is asked as a client, too: counted once, said twice, and the rest is one press away."""
    Stories(world, later).ended()
    world.ask(prague(26, 15))
    with world.inside():
        bobs = factories.service(factories.provider("Bob Stone"))
    world.suggest(world.ask(prague(27, 15), client=world.ana.member, service=bobs), prague(27, 16))

    page = today(world)

    assert "Today 3 need your answer" in words(page)
    assert "Needs your answer 3 KO Kim Okafor" in words(page)
    assert "1 more waits for you" in words(page)
