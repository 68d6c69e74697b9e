"""A provider books at once, and takes an invitation back (PG-39)."""

import pytest

from tests import factories

from ..conftest import prague, words
from .making import PATH, WED, ana, provider_made


@pytest.fixture
def at_once(world):
    provider_made(world, "confirmed")


def test_booked_at_once(world, form, made, at_once):
    """S3.12: confirmed at once; length and price as the provider said."""
    answer = world.post(ana(world), PATH, form())

    (booking,) = made()
    assert answer.status_code == 303
    assert (booking.status, booking.starts_at, booking.minutes, booking.price) == ("confirming", WED, 45, 40)
    with world.inside():
        assert [event.name for event in booking.events.all()] == ["Booked by organizer"]


def test_booking_at_once_says_what_it_does(world, form, at_once):
    answer = world.post(ana(world), PATH, form(show=""))

    assert answer.context["page"].button == "Book this meeting"
    assert answer.context["page"].picker.kind == "radio"
    assert "Wed 25 Nov, 3pm is kept for Kim Okafor in your calendar." in words(answer)
    assert "has to answer" not in words(answer)


def test_booking_at_once_takes_one_time(world, form, made, at_once):
    answer = world.post(ana(world), PATH, form(WED, prague(26, 15)))

    assert answer.status_code == 422
    assert "Only one time is possible here. Remove the others." in words(answer)
    assert made() == []


def test_the_client_who_is_busy_then_is_not_booked(world, form, made, at_once):
    with world.inside():
        other = factories.provider("Olga Other", now=world.now)
        service = factories.service(other)
    start = prague(25, 15)
    request = world.ask(start, service=service)
    world.act(request, "accept", start=start)

    answer = world.post(ana(world), PATH, form())

    assert answer.status_code == 409
    assert "Kim Okafor has agreed to something else at that time." in words(answer)
    assert request.code not in words(answer)


def test_an_unanswered_invitation_is_taken_back(world, form, made):
    """S4.18, T15."""
    world.post(ana(world), PATH, form())
    (booking,) = made()

    answer = world.post(ana(world), f"/bookings/{booking.code}/withdraw/", {"seen": "1"})

    assert answer.status_code == 303
    assert made()[0].status == "cancelled"
    with world.inside():
        assert booking.events.order_by("sequence").last().name == "Cancelled by expert"
