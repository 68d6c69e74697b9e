"""PG-35: what becomes of times that are sent, by both sides, before and after agreeing (T10, T11, T23, T29, T31, S4.14, S4.24)."""

import pytest

from bookings.enums import Action, Actor, Status
from bookings.models import Booking, BookingEvent
from tests import factories

from .acts import busy, mails, path, send, table
from .conftest import World, iso, prague, values, words

CLIENT, PROVIDER = Actor.CLIENT, Actor.PROVIDER


@pytest.fixture
def booking(world) -> Booking:
    """Kim asks for Tue 24 Nov, 3pm in Prague."""
    return world.ask(prague(24, 15))


@pytest.fixture
def agreed(world) -> Booking:
    """Thu 26 Nov, 3pm in Prague is agreed: more than 48 hours away."""
    return world.confirm(world.ask(prague(26, 15)))


# --- sending ------------------------------------------------------------------------------------------


def test_provider_suggests_up_to_three_times_with_words(world, booking):
    """T10: the client is told once, and the request's time is no longer on the table."""
    client = world.client(world.ana.member)
    starts = [prague(25, 10), prague(26, 11), prague(27, 9)]

    done = client.post(
        world.url(path(booking)), {"time": [iso(start) for start in starts], "message": "Any of these?", "seen": 1}
    )

    assert (done.status_code, done.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert table(world, booking) == [(start, 30, 30) for start in starts]
    assert mails(world, "booking_suggested_client") == 1
    with world.inside():
        assert BookingEvent.objects.get(booking=booking, sequence=2).message == "Any of these?"
    assert "You suggested 3 times. Kim Okafor is told by mail and has to answer." in words(client.get(done.url))


def test_provider_may_change_length_and_price_until_it_is_agreed(world, booking):
    """S4.14: the client reads both on the page on which they answer."""
    done = send(world, world.ana.member, booking, prague(25, 10), minutes="45", price="40")

    answer = words(world.get(world.kim, path(booking, "accept")))
    assert done.status_code == 303
    assert table(world, booking) == [(prague(25, 10), 45, 40)]
    assert "Tax planning, 45 minutes, video, 40 credits" in answer
    assert "Ana Nowak suggests 45 minutes instead of 30 minutes and 40 credits instead of 30 credits." in answer
    assert "Wed 25 Nov, 3am to 3:45am" in answer


def test_another_length_has_other_free_times(world, booking):
    """The day ends at 5pm: an hour begins at 4pm at the latest."""
    page = world.post(world.ana.member, path(booking), {"minutes": "60", "price": "30", "show": "2026-11-23"})

    assert iso(prague(25, 16)) in values(page, "time")
    assert iso(prague(25, 16, 30)) not in values(page, "time")


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"minutes": "7"}, "Enter a length in minutes, from 5 to 720 in steps of 5, like 45."),
        ({"minutes": "0"}, "Enter a length in minutes, from 5 to 720 in steps of 5, like 45."),
        ({"minutes": "long"}, "Enter a length in minutes, from 5 to 720 in steps of 5, like 45."),
        ({"price": "-1"}, "Enter a whole number, like 30. 0 is no charge."),
        ({"message": "x" * 2001}, "This is too long: 2000 characters fit, these are 2001."),
    ],
)
def test_shape_that_is_wrong_is_said_at_its_field(world, booking, sent, sentence):
    before = world.state()

    page = send(world, world.ana.member, booking, prague(25, 10), **sent)

    assert page.status_code == 422
    assert sentence in words(page).split("There is a problem", 1)[1]
    assert f'value="{iso(prague(25, 10))}" checked' in page.content.decode()
    assert world.state() == before


def test_client_can_not_change_length_or_price(world, booking):
    world.suggest(booking, prague(25, 10), minutes=45, price=40)

    send(world, world.kim, booking, prague(25, 13), minutes="60", price="0")

    assert table(world, booking) == [(prague(25, 13), 45, 40)]


@pytest.mark.parametrize(
    ("starts", "status", "sentence"),
    [
        ((), 422, "Choose a time first."),
        (
            (prague(25, 10), prague(25, 11), prague(25, 12), prague(25, 13)),
            422,
            "You can suggest 3 times at most. Remove the others.",
        ),
        ((prague(25, 10), prague(25, 10, 15)), 422, "Two of your times overlap each other. Move one of them."),
        ((prague(23, 9),), 409, "Mon 23 Nov, 9am has passed. Choose a later time."),
    ],
)
def test_times_that_can_not_be_suggested(world, booking, starts, status, sentence):
    before = world.state()

    page = send(world, world.ana.member, booking, *starts, message="Typed already")

    assert page.status_code == status
    assert f"There is a problem {sentence}" in words(page)
    assert 'href="#id_time"' in page.content.decode()
    assert page.content.decode().count('id="id_time"') == 1
    assert "Typed already</textarea>" in page.content.decode()
    assert world.state() == before


def test_time_inside_the_answer_lead_is_refused_with_the_rule(south, now, clock):
    """`consult`: agreed at least 24 hours before the start (decisions.md 9); the price does not exist there."""
    world = World(south, now)
    booking = world.ask(prague(26, 15))

    shown = world.get(world.ana.member, path(booking))
    page = send(world, world.ana.member, booking, prague(24, 8))

    assert page.status_code == 409
    assert "Tue 24 Nov, 8am is too soon: a session is agreed at least 24 hours before it starts." in words(page)
    assert "Length" in words(shown)
    assert 'name="price"' not in shown.content.decode()


def test_client_is_refused_what_is_not_free_with_the_nearest_that_is(world, booking):
    world.suggest(booking, prague(25, 10))
    busy(world, prague(26, 10), prague(26, 11))

    page = send(world, world.kim, booking, prague(26, 10))

    assert page.status_code == 409
    assert "Thu 26 Nov, 3am is not free. Choose another time." in words(page)
    assert "Free for Ana Nowak near that time Thu 26 Nov, 2am to 2:30am" in words(page)


def test_client_answers_with_other_times_and_the_provider_with_others_again(world, booking):
    """S1.13, T10 both ways: who made the open proposal waits, the other answers."""
    world.suggest(booking, prague(25, 10))

    done = send(world, world.kim, booking, prague(25, 13), prague(26, 13))

    assert done.status_code == 303
    assert mails(world, "booking_suggested_provider") == 1
    assert "Accept this suggestion" in words(world.get(world.ana.member, path(booking, "accept")))


def test_provider_revives_a_declined_request(world, booking):
    """T29, S4.27."""
    world.act(booking, Action.DECLINE, reason_code="time")

    page = words(world.get(world.ana.member, path(booking)))
    done = send(world, world.ana.member, booking, prague(25, 10))

    assert "Suggest other times" in page
    assert done.status_code == 303
    assert world.again(booking).status == Status.PENDING
    assert mails(world, "booking_revived_client") == 1


@pytest.mark.parametrize("side", [CLIENT, PROVIDER])
def test_another_date_is_suggested_while_the_agreed_one_stays(world, agreed, side):
    """T23, S4.24, S4.25."""
    who = world.kim if side == CLIENT else world.ana.member
    other = "Ana Nowak" if side == CLIENT else "Kim Okafor"
    client = world.client(who)

    done = client.post(world.url(path(agreed)), {"time": iso(prague(27, 10)), "seen": agreed.last_sequence})

    booking = world.again(agreed)
    assert done.status_code == 303
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, prague(26, 15))
    when = "Fri 27 Nov, 3am" if side == CLIENT else "Fri 27 Nov, 10am"
    assert f"You suggested {when}. {other} is told by mail and has to answer." in words(client.get(done.url))


def test_same_time_as_agreed_is_no_change(world, agreed):
    page = send(world, world.ana.member, agreed, prague(26, 15))

    assert page.status_code == 422
    assert "This is the time that stands already. Choose another one." in words(page)


# --- once, and how it stands --------------------------------------------------------------------------


def test_second_press_is_no_error(world, booking):
    """R-HX-5: the page that was sent twice tells of one suggestion."""
    client, sent = world.client(world.ana.member), {"time": iso(prague(25, 10)), "seen": "1"}
    client.post(world.url(path(booking)), sent)
    before = world.state()

    again = client.post(world.url(path(booking)), sent)

    assert (again.status_code, again.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert "You have done this already." in words(client.get(again.url))
    assert world.state() == before


def test_booking_that_went_on_meanwhile_is_shown_as_it_is_now_with_the_form_filled_in(world, agreed):
    """ux.md 2.0, 409: what changed, the current truth, everything typed, and the next press counts for that."""
    seen = agreed.last_sequence
    world.suggest(agreed, prague(27, 13), by=CLIENT)
    sent = {"time": iso(prague(27, 10)), "message": "Earlier?", "seen": seen}

    page = world.post(world.ana.member, path(agreed), sent)
    now_sent = world.post(world.ana.member, path(agreed), sent | {"seen": values(page, "seen")[0]})

    assert page.status_code == 409
    assert (
        "Kim Okafor suggested other times on Mon 23 Nov, 9:14am. Look at it as it is now, then decide again. "
        "Nothing was changed."
    ) in words(page)
    assert "On the table now, from Kim Okafor Fri 27 Nov, 1pm to 1:30pm" in words(page)
    assert "Earlier?</textarea>" in page.content.decode()
    assert now_sent.status_code == 303


def test_suggestion_for_what_is_over_says_what_happened(world, booking):
    world.act(booking, Action.WITHDRAW)

    page = send(world, world.ana.member, booking, prague(25, 10), message="What about this?")

    assert page.status_code == 409
    assert "Kim Okafor took back the request on Mon 23 Nov, 9:14am. Nothing was changed." in words(page)
    assert "What you had written What about this?" in words(page)


@pytest.mark.parametrize(
    ("preset", "sentence", "way", "button"),
    [
        ("studio", "You can move this booking yourself.", "reschedule", "Move it"),
        (
            "talks",
            "Agree on a new time with Kim Okafor; then ask support to change it.",
            "ask-support",
            "Ask support to change it",
        ),
    ],
)
def test_tenant_with_another_way_to_move_leads_there(db, now, clock, preset, sentence, way, button):
    """D7: `instead` is a link."""
    world = World(factories.tenant("west", preset=preset), now)
    booking = world.confirm(world.ask(prague(30, 15)))

    shown = world.get(world.ana.member, path(booking))
    sent = send(world, world.ana.member, booking, prague(30, 10))

    assert (shown.status_code, sent.status_code) == (200, 422)
    for page in (shown, sent):
        assert sentence in words(page)
        href = world.url(path(booking, way))
        assert f'<a class="btn primary" href="{href}">{button}</a>' in page.content.decode()
