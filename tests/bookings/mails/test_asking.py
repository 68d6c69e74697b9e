"""Mails from the request to the agreement (T7-T17, T29)."""

from datetime import timedelta

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.enums import Action
from tests import factories

from .reading import ANA, CLIENT, KIM, PROVIDER, invite, offer


def test_a_request_tells_both(ask, at, post, said):
    """T7, EM-C1, EM-E1: each time has its own way to be accepted."""
    adopt_policy(policy=Policy(max_times=2))
    booking = ask(at(25, 10), at(26, 14))
    assert post() == [(KIM, "booking_requested_client", None), (ANA, "booking_requested_provider", None)]
    text = said("booking_requested_provider")
    page = f"/bookings/{booking.code}/"
    assert f"{page}accept/?time=2026-11-25T09:00Z\nAccept Thu 2pm: " in text
    assert f"Suggest other times: http://localhost:8000/t/north{page}suggest/" in text


def test_times_a_week_apart_are_told_apart_by_date(ask, at, said):
    adopt_policy(policy=Policy(max_times=2))
    ask(at(23, 14), at(30, 14))
    assert "Accept 23 Nov, 2pm: " in said("booking_requested_provider")
    assert "Accept 30 Nov, 2pm: " in said("booking_requested_provider")


def test_an_invitation_tells_the_client(at, scene, post, said):
    """T12, S4.14-S4.16, EM-C6: with price and words, and nothing in a calendar."""
    invite(scene, at(25, 10), at(26, 10), message="Shall we?")
    assert post() == [(KIM, "booking_invited_client", None)]
    text = said("booking_invited_client")
    assert text.startswith("Ana Nowak invites you to a meeting: Wed 25 Nov, 3am (Chicago) and 1 more time\n")
    assert "Ana Nowak:\n> Shall we?\n" in text
    assert "Price: 30 credits\n" in text


def test_an_accepted_invitation_is_confirmed_in_the_clients_words(act, at, scene, post, said):
    """T13, EM-E5: the provider reads that the client accepted, not "you accepted"."""
    booking = act(invite(scene, at(25, 10)), Action.ACCEPT, CLIENT, start=at(25, 10), message="Gladly.")
    post()
    services.set_up(booking_id=booking.pk, now=scene.now)
    file = ("REQUEST", 0, "CONFIRMED", at(25, 10))
    assert post() == [(KIM, "booking_confirmed_client", file), (ANA, "booking_confirmed_provider", file)]
    text = said("booking_confirmed_provider")
    assert text.startswith("Kim Okafor accepted Wed 25 Nov, 10am (Prague)\n\nKim Okafor accepted your time.\n")
    assert "Kim Okafor:\n> Gladly." in text
    assert "Not you?" not in text


def test_a_provider_who_accepts_is_asked_whether_it_was_them(ask, act, at, scene, said):
    """EM-E3: also after setting up, which is the system's doing."""
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    services.set_up(booking_id=booking.pk, now=scene.now)
    text = said("booking_confirmed_provider")
    assert text.startswith("You accepted Kim Okafor: Wed 25 Nov, 10am (Prague)\n")
    assert "Not you? Answer this mail at once" in text


@pytest.mark.parametrize(("day", "is_free"), [(27, True), (25, False)])
def test_a_confirmation_says_until_when_cancelling_costs_nothing(ask, act, at, scene, said, day, is_free):
    """EM-C2, D6: 48 hours before the start, on the reader's clock, while that is still to come."""
    booking = act(ask(at(day, 9)), Action.ACCEPT, start=at(day, 9))
    services.set_up(booking_id=booking.pk, now=scene.now)
    sentence = "Cancelling costs nothing until Wed 25 Nov, 2am (Chicago).\n"
    assert (sentence in said("booking_confirmed_client")) == is_free
    assert "costs" not in said("booking_confirmed_provider")


@pytest.mark.parametrize(
    ("actor", "more", "subject"),
    [
        (PROVIDER, {"provider_made": "confirmed"}, "You booked Kim Okafor: Wed 25 Nov, 10am (Prague)"),
        (CLIENT, {}, "Kim Okafor booked Wed 25 Nov, 10am (Prague)"),
    ],
)
def test_a_booking_made_at_once_is_confirmed_to_both(at, scene, post, said, actor, more, subject):
    """T7b, T12, D16."""
    adopt_policy(policy=Policy(logistics="manual", **more))
    service = factories.service(scene.ana, "Quick call", is_instant=True)
    services.begin(
        action=Action.BOOK, actor=actor, client=scene.kim, service=service, offer=offer(at(25, 10)), now=scene.now
    )
    file = ("REQUEST", 0, "CONFIRMED", at(25, 10))
    assert post() == [(KIM, "booking_confirmed_client", file), (ANA, "booking_confirmed_provider", file)]
    assert said("booking_confirmed_provider").startswith(subject)


def test_suggestions_go_to_the_other_side_alone(ask, act, at, post, said):
    """T10, T31, EM-C5: with their own length and price."""
    booking = ask(at(25, 10))
    post()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10), at(27, 10), minutes=60, price=60), message="Longer?")
    assert post() == [(KIM, "booking_suggested_client", None)]
    text = said("booking_suggested_client")
    assert text.startswith("Ana Nowak suggests 2 other times. Answer by ")
    assert "- Thu 26 Nov, 3am to 4am (10am to 11am in Prague)" in text
    assert "What: Tax planning, 60 minutes\n" in text
    assert "Price: 60 credits\n" in text
    act(booking, Action.SUGGEST, CLIENT, offer=offer(at(30, 10)))
    assert post() == [(ANA, "booking_suggested_provider", None)]


def test_a_declined_request_that_is_revived_tells_the_client(ask, act, at, post, said):
    """T9, T29, S4.27."""
    booking = ask(at(25, 10))
    act(booking, Action.DECLINE, reason_code="time")
    post()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10)))
    assert post() == [(KIM, "booking_revived_client", None)]
    assert "Ana Nowak declined your request and now suggests another time.\n" in said("booking_revived_client")


def test_a_client_who_declines_tells_the_provider(act, at, scene, post, said):
    """T14, EM-E7."""
    booking = invite(scene, at(25, 10))
    post()
    act(booking, Action.DECLINE, CLIENT, message="I am away.")
    assert post() == [(ANA, "booking_declined_provider", None)]
    text = said("booking_declined_provider")
    assert text.startswith("Kim Okafor can't do Wed 25 Nov, 10am (Prague)\n")
    assert "Kim Okafor:\n> I am away." in text


def test_an_invitation_taken_back_tells_the_client(act, at, scene, post):
    """T15."""
    booking = invite(scene, at(25, 10))
    post()
    act(booking, Action.WITHDRAW, PROVIDER)
    assert post() == [(KIM, "booking_withdrawn_client", None)]


def test_a_request_taken_back_tells_the_provider(ask, act, at, post):
    """T11, C17, EM-E4."""
    booking = ask(at(25, 10))
    post()
    act(booking, Action.WITHDRAW, CLIENT)
    assert post() == [(ANA, "booking_withdrawn_provider", None)]


def test_an_expired_invitation_blames_who_did_not_answer(at, scene, post, said):
    """T16: here the client had to answer."""
    invite(scene, at(25, 10))
    post()
    services.expire_overdue(tenant=scene.tenant, now=at(25, 10) + timedelta(seconds=1))
    assert post() == [(KIM, "booking_expired_client", None), (ANA, "booking_expired_provider", None)]
    assert said("booking_expired_client").startswith("You didn't answer Ana Nowak in time: Wed 25 Nov")
    assert said("booking_expired_provider").startswith("Kim Okafor didn't answer in time: Wed 25 Nov")


@pytest.mark.parametrize(("rule", "is_offered"), [("needs_client", True), ("confirmed", True), ("off", False)])
def test_a_provider_who_missed_it_may_offer_a_time(ask, at, scene, said, rule, is_offered):
    """EM-E9, D16: where providers make bookings at all."""
    adopt_policy(policy=Policy(provider_made=rule))
    booking = ask(at(25, 10))
    services.expire_overdue(tenant=scene.tenant, now=at(25, 10) + timedelta(seconds=1))
    text = said("booking_expired_provider")
    assert ("Suggest a time: http://localhost:8000/t/north/portal/bookings/new/?client=" in text) == is_offered
    assert (f"&again={booking.code}\n" in text) == is_offered


def test_a_rival_request_is_told_kindly(ask, act, at, scene, post, said):
    """D11, decisions.md 15: the other one's name is not said."""
    service = factories.service(scene.ana, "Open", hides_asked_times=False)
    lena = factories.member("Lena Hartmann")
    booking = ask(at(25, 10), service=service)
    ask(at(25, 10), service=service, client=lena)
    act(booking, Action.ACCEPT, start=at(25, 10), clash_accepted=True)
    post()
    assert services.close_rivals(booking_id=booking.pk, tenant=scene.tenant, now=scene.now) == 1
    assert post() == [("Lena Hartmann", "booking_taken_client", None)]
    assert KIM not in said("booking_taken_client")


def test_asking_again_points_at_the_earlier_request(ask, act, at, said):
    """T30, S0.22."""
    booking = act(ask(at(25, 10)), Action.DECLINE, reason_code="time")
    page = f"/experts/{booking.provider.slug}/?service={booking.service_id}&again={booking.code}\n"
    assert page in said("booking_declined_client")
