"""PG-34: cancelling what is agreed, asking the other side to, moving it at once (S1.14, S3.13-S3.15, S4.20-S4.23, D5-D7)."""

import re

import pytest

from bookings.enums import Action, Actor, Status
from bookings.models import Booking, BookingEvent, LateChange
from notifications.models import EmailMessage
from tests import factories

from .conftest import World, iso, prague, words


def of(now, preset: str) -> World:
    return World(factories.tenant("west", preset=preset), now)


@pytest.fixture
def soon(world) -> Booking:
    """Tue 24 Nov, 3pm in Prague: 29 hours and 46 minutes away."""
    return world.confirm(world.ask(prague(24, 15)))


@pytest.fixture
def later_on(world) -> Booking:
    """Thu 26 Nov, 3pm: more than 48 hours away."""
    return world.confirm(world.ask(prague(26, 15)))


def path(booking: Booking, page: str = "cancel") -> str:
    return f"/bookings/{booking.code}/{page}/"


def send(world: World, who, booking: Booking, page: str = "cancel", **data):
    return world.post(who, path(booking, page), {"seen": world.again(booking).last_sequence, **data})


def mails(world: World, kind: str) -> int:
    with world.inside():
        return EmailMessage.objects.filter(kind=kind).count()


# --- the provider -------------------------------------------------------------------------------------


def test_provider_sees_reasons_effects_and_the_gentler_way(world, later_on):
    """S4.20, S4.21: the list for cancelling is another one than that for declining."""
    response = world.get(world.ana.member, path(later_on))
    page = words(response)

    assert "Cancel this meeting" in page
    assert "Thu 26 Nov, 3pm to 3:30pm Prague, your time 8am to 8:30am Chicago, where Kim Okafor is" in page
    assert "Instead: another time Suggest another time" in page
    for reason in ("I am ill", "Something urgent came up at work", "Technical trouble", "Something else"):
        assert reason in page
    assert "The time does not suit me" not in page
    assert "Thu 26 Nov, 3pm is free again and leaves both calendars." in page
    assert "Kim Okafor and you are told by mail, with a calendar file." in page
    assert "Cancel meeting Keep the meeting" in page
    assert "short notice" not in page
    assert "checked" not in response.content.decode()


def test_provider_cancels_early_with_a_reason_alone(world, later_on):
    """T18."""
    client = world.client(world.ana.member)

    done = client.post(
        world.url(path(later_on)), {"reason_code": "ill", "message": "Sorry!", "seen": later_on.last_sequence}
    )

    with world.inside():
        event = BookingEvent.objects.get(booking=later_on, action=Action.CANCEL)
    assert (done.status_code, done.url) == (303, world.url(f"/bookings/{later_on.code}/"))
    assert world.again(later_on).status == Status.CANCELLED
    assert (event.reason_code, event.message) == ("ill", "Sorry!")
    assert (mails(world, "booking_cancelled_client"), mails(world, "booking_cancelled_provider")) == (1, 1)
    assert "You cancelled the meeting. Kim Okafor is told by mail." in words(client.get(done.url))


def test_provider_under_48_hours_has_a_section_with_the_hours_left(world, soon):
    """S4.22, T19: a tick that names the hours; the late change is said before the click (D8)."""
    shown = words(world.get(world.ana.member, path(soon)))
    refused = send(world, world.ana.member, soon, reason_code="ill", message="Fever")
    done = send(world, world.ana.member, soon, reason_code="ill", consequences_accepted="on")

    assert (
        "This is short notice 29 hours are left until the start. I know that Kim Okafor counts on me, and cancel anyway."
    ) in shown
    assert "late cancellation 1 of 2 within 12 months" in shown
    assert refused.status_code == 422
    assert (
        "There is a problem 29 hours are left until the start. Tick the box to say that you know what follows."
        in words(refused)
    )
    assert 'href="#id_consequences_accepted"' in refused.content.decode()
    assert "Fever</textarea>" in refused.content.decode()
    assert re.search(r'value="ill"[^>]* checked', refused.content.decode())
    assert done.status_code == 303
    with world.inside():
        assert LateChange.objects.count() == 1


def test_exactly_48_hours_before_is_early(world, later_on, clock, now):
    """decisions.md 10."""
    clock.shift(prague(24, 15) - now)

    assert "short notice" not in words(world.get(world.ana.member, path(later_on)))


@pytest.mark.parametrize(
    ("sent", "sentence", "at"),
    [
        ({}, "Choose a reason, so that Kim Okafor knows why.", "id_reason_code_error"),
        ({"reason_code": "time"}, "Choose a reason from the list.", "id_reason_code_error"),
        ({"reason_code": "other"}, "Say the reason in a few words.", "id_reason_text_error"),
        (
            {"reason_code": "other", "reason_text": "x" * 501},
            "This is too long: 500 characters fit, these are 501.",
            "id_reason_text_error",
        ),
    ],
)
def test_refused_cancellation_keeps_what_was_typed(world, later_on, sent, sentence, at):
    before = world.state()

    page = send(world, world.ana.member, later_on, message="Typed already", **sent)

    assert page.status_code == 422
    assert sentence in words(page).split("There is a problem", 1)[1]
    assert sentence in page.content.decode().split(f'id="{at}"', 1)[1]
    assert "Typed already</textarea>" in page.content.decode()
    assert world.state() == before


# --- the client ---------------------------------------------------------------------------------------


def test_client_sees_what_is_kept_before_the_click(world, soon):
    """T22, D6: `mentors` keeps half below 48 hours; the same function that applies it says so."""
    shown = words(world.get(world.kim, path(soon)))
    refused = send(world, world.kim, soon, reason_text="I have to travel")
    done = send(world, world.kim, soon, reason_text="I have to travel", consequences_accepted="on")

    assert "15 of 30 credits are kept, since so little time is left." in shown
    assert "Cancelling cost nothing until Sun 22 Nov, 8am." in shown
    assert "This is short notice 29 hours are left until the start. I know that 15 of 30 credits are kept." in shown
    assert "late cancellation" not in shown
    assert refused.status_code == 422
    assert 'value="I have to travel"' in refused.content.decode()
    assert done.status_code == 303
    with world.inside():
        event = BookingEvent.objects.get(booking=soon, action=Action.CANCEL)
    assert event.data["price"] == {"returned": 15, "kept": 15, "to_provider": 7}


def test_client_cancels_early_for_nothing_with_a_reason_in_own_words(world, later_on):
    """T21, S3.15: the list says why a provider cancels; a client has words."""
    shown = world.get(world.kim, path(later_on))
    refused = send(world, world.kim, later_on)
    done = send(world, world.kim, later_on, reason_text="I have to travel")

    assert "You pay nothing: all 30 credits come back." in words(shown)
    assert "Cancelling costs nothing until Tue 24 Nov, 8am." in words(shown)
    assert "short notice" not in words(shown)
    assert 'type="radio"' not in shown.content.decode()
    assert refused.status_code == 422
    assert "There is a problem Say the reason in a few words." in words(refused)
    assert done.status_code == 303


def test_reason_is_optional_where_the_tenant_says_so(south, now, clock):
    """`consult`: no list, no price, a form for the provider under 24 hours only."""
    world = World(south, now)
    booking = world.confirm(world.ask(prague(26, 15)))

    shown = words(world.get(world.ana.member, path(booking)))

    assert "Cancel this session" in shown
    assert "Why? (optional)" in shown
    assert "credits" not in shown
    assert send(world, world.kim, booking).status_code == 303


# --- asking the client to cancel ----------------------------------------------------------------------


def test_provider_who_may_not_cancel_asks_the_client_to(db, now, clock):
    """S1.14, T20, D5: `talks`. The sentence, the way, the words, the answer."""
    world = of(now, "talks")
    booking = world.confirm(world.ask(prague(30, 15)))
    blocked = world.get(world.ana.member, path(booking))
    client = world.client(world.ana.member)

    shown = words(client.get(world.url(path(booking, "ask-to-cancel"))))
    refused = send(world, world.ana.member, booking, "ask-to-cancel")
    done = client.post(
        world.url(path(booking, "ask-to-cancel")), {"message": "I am ill.", "seen": booking.last_sequence}
    )

    assert blocked.status_code == 200
    assert "You can't cancel an agreed booking here. Ask Kim Okafor to cancel it." in words(blocked)
    href = world.url(path(booking, "ask-to-cancel"))
    assert f'<a class="btn primary" href="{href}">Ask Kim Okafor to cancel</a>' in blocked.content.decode()
    assert "Ask Kim Okafor to cancel" in shown
    assert "It stays agreed until Kim Okafor cancels it." in shown
    assert "Kim Okafor is told by mail, with your words, and loses nothing by cancelling." in shown
    assert refused.status_code == 422
    assert "There is a problem Say in a few words what you ask for and why." in words(refused)
    assert done.status_code == 303
    assert "You asked Kim Okafor to cancel. Kim Okafor is told by mail." in words(client.get(done.url))
    assert send(world, world.ana.member, booking).status_code == 422


def test_client_who_was_asked_reads_why_and_pays_nothing(db, now, clock):
    world = of(now, "talks")
    booking = world.confirm(world.ask(prague(24, 15)))
    world.act(booking, Action.ASK_TO_CANCEL, message="I am ill.")

    page = words(world.get(world.kim, path(booking)))

    assert "Ana Nowak asks you to cancel this booking. You lose nothing by it. I am ill." in page
    assert "short notice" not in page
    assert send(world, world.kim, booking).status_code == 303


def test_asking_twice_is_once(db, now, clock):
    world = of(now, "talks")
    booking = world.confirm(world.ask(prague(30, 15)))
    sent = {"message": "I am ill.", "seen": booking.last_sequence}
    first = world.post(world.ana.member, path(booking, "ask-to-cancel"), sent)
    before = world.state()

    second = world.post(world.ana.member, path(booking, "ask-to-cancel"), sent)
    third = world.get(world.ana.member, path(booking, "ask-to-cancel"))

    assert (first.status_code, second.status_code) == (303, 303)
    assert "You have asked Kim Okafor to cancel already. The answer comes by mail." in words(third)
    assert world.state() == before


def test_provider_who_may_cancel_is_led_there(world, later_on):
    page = world.get(world.ana.member, path(later_on, "ask-to-cancel"))

    assert "You can cancel this meeting yourself." in words(page)
    assert f'href="{world.url(path(later_on))}"' in page.content.decode()


# --- moving at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [Actor.CLIENT, Actor.PROVIDER])
def test_move_at_once_with_one_time_and_a_reason(db, now, clock, side):
    """T32, S3.13, S3.14: `studio`, both sides."""
    world = of(now, "studio")
    booking = world.confirm(world.ask(prague(25, 15)))
    who, name = (world.kim, "Ana Nowak") if side == Actor.CLIENT else (world.ana.member, "Kim Okafor")
    old, new = ("8am", "3am") if side == Actor.CLIENT else ("3pm", "10am")
    client = world.client(who)

    shown = client.get(world.url(f"{path(booking, 'reschedule')}?time={iso(prague(26, 10))}"))
    refused = send(world, who, booking, "reschedule", time=iso(prague(26, 10)), message="Sorry")
    done = client.post(
        world.url(path(booking, "reschedule")),
        {"time": iso(prague(26, 10)), "reason_text": "A court date", "seen": booking.last_sequence},
    )

    assert f"Move this booking It moves at once, and {name} is told by mail with your reason." in words(shown)
    assert f"Agreed now Nov 25 Wed Wed 25 Nov, {old} to " in words(shown)
    assert f"Wed 25 Nov, {old} is free again." in words(shown)
    assert 'type="radio"' in shown.content.decode()
    assert 'type="checkbox"' not in shown.content.decode()
    assert refused.status_code == 422
    assert "There is a problem Say the reason in a few words." in words(refused)
    assert f'value="{iso(prague(26, 10))}" checked' in refused.content.decode()
    assert "Sorry</textarea>" in refused.content.decode()
    assert done.status_code == 303
    assert (world.again(booking).status, world.again(booking).starts_at) == (Status.CONFIRMED, prague(26, 10))
    assert f"You moved it to Thu 26 Nov, {new}. {name} is told by mail." in words(client.get(done.url))
    assert (mails(world, "booking_moved_client"), mails(world, "booking_moved_provider")) == (1, 1)


def test_moving_twice_is_once(db, now, clock):
    world = of(now, "studio")
    booking = world.confirm(world.ask(prague(25, 15)))
    sent = {"time": iso(prague(26, 10)), "reason_text": "A court date", "seen": booking.last_sequence}
    world.post(world.ana.member, path(booking, "reschedule"), sent)
    before = world.state()

    again = world.post(world.ana.member, path(booking, "reschedule"), sent)

    assert again.status_code == 303
    assert world.state() == before


def test_direct_move_needs_a_time(db, now, clock):
    world = of(now, "studio")
    booking = world.confirm(world.ask(prague(25, 15)))

    page = send(world, world.ana.member, booking, "reschedule", reason_text="A court date")

    assert page.status_code == 422
    assert "There is a problem Choose a time first." in words(page)
    assert 'value="A court date"' in page.content.decode()


def test_tenant_with_proposals_leads_from_moving_to_suggesting(world, later_on):
    page = world.get(world.ana.member, path(later_on, "reschedule"))

    assert "Kim Okafor has to agree to a new time. Propose one." in words(page)
    href = world.url(path(later_on, "suggest"))
    assert f'<a class="btn primary" href="{href}">Suggest another time</a>' in page.content.decode()


# --- once, and how it stands --------------------------------------------------------------------------


def test_second_press_is_no_error(world, later_on):
    sent = {"reason_code": "ill", "seen": later_on.last_sequence}

    answers = [world.post(world.ana.member, path(later_on), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert mails(world, "booking_cancelled_client") == 1


def test_cancelling_what_the_other_side_cancelled_says_so(world, later_on):
    world.act(later_on, Action.CANCEL, Actor.CLIENT, reason_text="Travel")

    page = send(world, world.ana.member, later_on, reason_code="ill", message="Sorry!")

    assert page.status_code == 409
    assert "Kim Okafor cancelled on Mon 23 Nov, 9:14am. Nothing was changed." in words(page)
    assert "What you had written Sorry!" in words(page)


def test_every_change_closes_at_the_start(world, soon, later):
    """S4.42, B7."""
    later(days=1, hours=5, minutes=46)

    shown = [world.get(who, path(soon)) for who in (world.kim, world.ana.member)]
    answers = [
        send(world, world.kim, soon, reason_text="Travel", consequences_accepted="on"),
        send(world, world.ana.member, soon, reason_code="ill", consequences_accepted="on"),
        send(world, world.ana.member, soon, "suggest", time=iso(prague(25, 10))),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    for page in (*shown, *answers):
        assert "The time of this meeting has come. Ask for a new time instead." in words(page)


def test_page_takes_a_fixed_number_of_queries(world, soon, later_on, django_assert_num_queries):
    for who in (world.kim, world.ana.member):
        client = world.client(who)
        client.get(world.url(path(soon)))
        for booking in (soon, later_on):
            with django_assert_num_queries(18):
                client.get(world.url(path(booking)))
