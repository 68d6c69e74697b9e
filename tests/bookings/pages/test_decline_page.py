"""PG-34: declining and withdrawing, with the reason and the gentler way (S0.16-S0.22, S1.11-S1.13, S4.8-S4.13, C17)."""

import pytest

from bookings.enums import Action, Status
from bookings.models import Booking, BookingEvent
from tests import factories

from .acts import mails, status
from .conftest import World, prague, values, words


@pytest.fixture
def booking(world) -> Booking:
    return world.ask(prague(24, 15), notes="Sole trader?")


# --- decline ------------------------------------------------------------------------------------------


def test_decline_page_offers_the_tenants_reasons_and_the_gentler_way(world, booking):
    """S4.9: the list of the tenant; D-7: what it does, and what could be done instead."""
    page = words(world.get(world.ana.member, f"/bookings/{booking.code}/decline/"))

    for reason in ("The time does not suit me", "I am not the right expert for this", "Something else"):
        assert reason in page
    assert "Instead: suggest another time" in page
    assert "The time is free again for others." in page
    assert "Kim Okafor is told by mail, with your reason and your message." in page
    assert "Decline request" in page
    assert "Keep the request" in page


def test_decline_page_leads_to_a_suggestion_of_free_times(world, booking):
    """D-7, S0.22: the gentler way is a choice of the same weight, with times that are free."""
    page = world.get(world.ana.member, f"/bookings/{booking.code}/decline/")

    assert "Instead: suggest another time Tue 24 Nov, 2pm to 2:30pm 7am to 7:30am in Chicago Suggest it" in words(page)
    suggests = world.url(f"/bookings/{booking.code}/suggest/")
    assert f'<a class="btn" href="{suggests}">Suggest another time</a>' in page.content.decode()
    assert f'href="{suggests}?time=2026-11-24T13%3A00Z"' in page.content.decode()


def test_free_times_can_be_put_into_the_message(world, booking):
    """S1.13: who declines for scheduling reasons names other dates with the decline, by both clocks."""
    page = world.get(world.ana.member, f"/bookings/{booking.code}/decline/?suggest=yes")

    assert (
        "One of these times would suit me:\n"
        "Tue 24 Nov, 2pm to 2:30pm in Prague (7am to 7:30am in Chicago)\n"
        "Tue 24 Nov, 2:30pm to 3pm in Prague (7:30am to 8am in Chicago)\n"
        "Tue 24 Nov, 3:30pm to 4pm in Prague (8:30am to 9am in Chicago)</textarea>"
    ) in page.content.decode()


def test_declining_tells_the_client_once_with_reason_and_message(world, booking):
    """CK-27, S0.16-S0.18, S0.22: exactly one mail, EM-C3."""
    client = world.client(world.ana.member)

    done = client.post(
        world.url(f"/bookings/{booking.code}/decline/"), {"reason_code": "time", "message": "Next week?\r\nAna"}
    )

    with world.inside():
        event = BookingEvent.objects.get(booking=booking, action=Action.DECLINE)
    assert (done.status_code, done.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert status(world, booking) == Status.DECLINED
    assert (event.reason_code, event.message) == ("time", "Next week?\nAna")
    assert mails(world, "booking_declined_client") == 1
    assert "You declined. Kim Okafor is told by mail." in words(client.get(done.url))


@pytest.mark.parametrize(
    ("sent", "sentence", "at"),
    [
        ({}, "Choose a reason, so that Kim Okafor knows why.", "id_reason_code_error"),
        ({"reason_code": "bored"}, "Choose a reason from the list.", "id_reason_code_error"),
        ({"reason_code": "other"}, "Say the reason in a few words.", "id_reason_text_error"),
        (
            {"reason_code": "other", "reason_text": "x" * 501},
            "This is too long: 500 characters fit, these are 501.",
            "id_reason_text_error",
        ),
        (
            {"reason_code": "time", "message": "x" * 2001},
            "This is too long: 2000 characters fit, these are 2001.",
            "id_message_error",
        ),
    ],
)
def test_decline_that_is_refused_keeps_what_was_typed(world, booking, sent, sentence, at):
    """S4.9 with a required reason; the sentence stands at its field, 422, nothing changes."""
    typed = sent.get("message", "Typed already")
    before = world.state()

    page = world.post(world.ana.member, f"/bookings/{booking.code}/decline/", {"message": typed, **sent})

    html = page.content.decode()
    assert page.status_code == 422
    assert sentence in words(page).split("There is a problem", 1)[1]
    assert sentence in html.split(f'id="{at}"', 1)[1]
    assert f"{typed}</textarea>" in html
    assert world.state() == before


def test_reason_is_marked_optional_only_where_it_is(world, south, now, clock):
    """D9: required in `mentors`, optional in `consult`."""
    calm = World(south, now)
    needed, free = world.ask(prague(24, 15)), calm.ask(prague(25, 15))

    assert "Why? (optional)" not in words(world.get(world.ana.member, f"/bookings/{needed.code}/decline/"))
    assert "Why? (optional)" in words(calm.get(calm.ana.member, f"/bookings/{free.code}/decline/"))
    assert calm.post(calm.ana.member, f"/bookings/{free.code}/decline/").status_code == 303


def test_list_of_one_reason_asks_for_words_only(db, now, clock):
    """`studio`: the reason is in the organizer's own words, so there is nothing to choose."""
    world = World(factories.tenant("west", preset="studio"), now)
    booking = world.ask(prague(24, 15))
    path = f"/bookings/{booking.code}/decline/"

    page = world.get(world.ana.member, path)
    refused = world.post(world.ana.member, path, {"reason_code": "text"})
    done = world.post(world.ana.member, path, {"reason_code": "text", "reason_text": "Booked out"})

    assert 'type="radio"' not in page.content.decode()
    assert values(page, "reason_code") == ["text"]
    assert (refused.status_code, done.status_code) == (422, 303)
    assert "Say the reason in a few words." in words(refused)


def test_second_press_of_decline_is_no_error(world, booking):
    path, sent = f"/bookings/{booking.code}/decline/", {"reason_code": "time"}

    answers = [world.post(world.ana.member, path, sent) for _ in range(2)]

    assert [(answer.status_code, answer.url) for answer in answers] == [
        (303, world.url(f"/bookings/{booking.code}/"))
    ] * 2
    assert mails(world, "booking_declined_client") == 1


def test_message_of_a_decline_that_came_too_late_is_shown_again(world, booking):
    """ux.md 2.0: after a conflict the input is kept."""
    world.act(booking, Action.WITHDRAW)

    page = world.post(
        world.ana.member, f"/bookings/{booking.code}/decline/", {"reason_code": "time", "message": "Next week?"}
    )

    assert page.status_code == 409
    assert "What you had written Next week?" in words(page)


# --- withdraw -----------------------------------------------------------------------------------------


def test_withdrawing_frees_the_time_and_tells_the_provider(world, booking):
    """C17, T11."""
    client = world.client(world.kim)
    path = world.url(f"/bookings/{booking.code}/withdraw/")

    page = words(client.get(path))
    done = client.post(path, {"message": "Found help elsewhere."})

    assert "The time you asked for is free again for others." in page
    assert "Ana Nowak is told by mail." in page
    assert (done.status_code, done.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert status(world, booking) == Status.CANCELLED
    assert mails(world, "booking_withdrawn_provider") == 1
    assert "You took back your request. Ana Nowak is told by mail." in words(client.get(done.url))


def test_withdrawing_after_the_acceptance_is_a_conflict_with_free_times(world, booking):
    """What is agreed can be moved: each free time leads to the form that suggests it."""
    world.act(booking, Action.ACCEPT, start=prague(24, 15))

    page = world.post(world.kim, f"/bookings/{booking.code}/withdraw/")

    assert page.status_code == 409
    assert "Ana Nowak accepted on Mon 23 Nov, 2:14am. Nothing was changed." in words(page)
    suggests = world.url(f"/bookings/{booking.code}/suggest/?time=2026-11-24T13%3A00Z")
    assert f'href="{suggests}"' in page.content.decode()
