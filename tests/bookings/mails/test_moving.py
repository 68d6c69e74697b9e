"""Mails about another date: old beside new, and a calendar file that follows (T23-T28, T32)."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.enums import Action
from notifications.models import EmailMessage

from .reading import ANA, CLIENT, KIM, PROVIDER, offer


def test_a_proposed_move_tells_the_other_side_and_sends_no_file(agreed, act, at, post, said):
    """T23, S4.25, EM-C7, R-MAIL-8: never a file for what is not agreed. Old and new stand side by side."""
    booking = agreed()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10)), message="A day later?")
    assert post() == [(KIM, "booking_move_proposed_client", None)]
    text = said("booking_move_proposed_client")
    assert text.startswith("Ana Nowak asks to move Wed 25 Nov, 3am (Chicago). It stays until you agree\n")
    assert "- Stands now: Wed 25 Nov, 3am to 3:30am (10am to 10:30am in Prague)\n" in text
    assert "- Proposed: Thu 26 Nov, 3am to 3:30am (10am to 10:30am in Prague)\n" in text
    assert f"Keep the agreed time: http://localhost:8000/t/north/bookings/{booking.code}/decline/\n" in text


@pytest.mark.parametrize(("asks", "answers"), [(PROVIDER, CLIENT), (CLIENT, PROVIDER)])
def test_an_accepted_move_sends_the_next_file_to_both(agreed, act, at, post, said, asks, answers):
    """T24, T25, EM-C8, EM-E5, R-MAIL-8: same UID, SEQUENCE + 1."""
    booking = agreed()
    first = {mail.calendar_file for mail in EmailMessage.objects.filter(kind="booking_confirmed_client")}
    act(booking, Action.SUGGEST, asks, offer=offer(at(26, 10)))
    post()
    act(booking, Action.ACCEPT, answers, start=at(26, 10))
    file = ("REQUEST", 1, "CONFIRMED", at(26, 10))
    assert post() == [(KIM, "booking_moved_client", file), (ANA, "booking_moved_provider", file)]
    uids = {
        str(event["UID"])
        for text in (*first, EmailMessage.objects.get(kind="booking_moved_client").calendar_file)
        for event in Calendar.from_ical(text).walk("VEVENT")
    }
    assert len(uids) == 1
    is_own = answers == PROVIDER
    start = "New time confirmed with Kim Okafor: " if is_own else "Kim Okafor accepted "
    assert said("booking_moved_provider").startswith(f"{start}Thu 26 Nov, 10am (Prague)\n")
    assert "- Before: Wed 25 Nov, 3am" in said("booking_moved_client")


def test_a_calendar_file_has_both_clocks_and_the_way_in(agreed):
    """R-MAIL-8: the reader's clock first; the other's beside it."""
    booking = agreed()
    lines = {
        kind: str(
            Calendar.from_ical(EmailMessage.objects.get(kind=kind).calendar_file).walk("VEVENT")[0]["DESCRIPTION"]
        )
        for kind in ("booking_confirmed_client", "booking_confirmed_provider")
    }
    kims, anas = "Wed 25 Nov, 3am to 3:30am (Chicago)", "Wed 25 Nov, 10am to 10:30am (Prague)"
    assert lines["booking_confirmed_client"].startswith(f"{kims}\n{anas}\nJoin: https://meet.jit.si/parley-")
    assert lines["booking_confirmed_provider"].startswith(f"{anas}\n{kims}\nJoin: ")
    assert lines["booking_confirmed_client"].endswith(
        f"\nDetails: http://localhost:8000/t/north/bookings/{booking.code}/"
    )


@pytest.mark.parametrize(("asks", "answers", "told"), [(PROVIDER, CLIENT, ANA), (CLIENT, PROVIDER, KIM)])
def test_a_declined_move_says_what_still_stands(agreed, act, at, post, asks, answers, told):
    """T26, S4.34, EM-C9, EM-E7."""
    booking = agreed()
    act(booking, Action.SUGGEST, asks, offer=offer(at(26, 10)))
    post()
    act(booking, Action.DECLINE, answers, reason_code="time" if answers == PROVIDER else "")
    assert post() == [(told, f"booking_move_declined_{asks}", None)]


def test_a_move_taken_back_says_what_still_stands(agreed, act, at, post, said):
    """T27, EM-C10."""
    booking = agreed()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10)))
    post()
    act(booking, Action.WITHDRAW, PROVIDER)
    assert post() == [(KIM, "booking_move_withdrawn_client", None)]
    text = said("booking_move_withdrawn_client")
    assert "Wed 25 Nov, 3am (Chicago) still stands\n" in text
    assert "- Taken back: Thu 26 Nov, 3am" in text
    assert "- Still stands: Wed 25 Nov, 3am" in text


def test_a_move_that_nobody_answered_lapses_for_both(agreed, act, at, scene, post, said):
    """T28."""
    booking = agreed()
    act(booking, Action.SUGGEST, PROVIDER, offer=offer(at(26, 10)))
    post()
    services.expire_overdue(tenant=scene.tenant, now=at(25, 10) + timedelta(seconds=1))
    assert post() == [(KIM, "booking_move_lapsed_client", None), (ANA, "booking_move_lapsed_provider", None)]
    assert said("booking_move_lapsed_client").startswith("You didn't answer Ana Nowak. Wed 25 Nov, 3am (Chicago)")


@pytest.mark.parametrize("actor", [CLIENT, PROVIDER])
def test_a_direct_move_tells_both_with_the_reason(agreed, act, at, post, said, actor):
    """T32, S3.13, S3.14."""
    adopt_policy(policy=Policy(reschedule="direct"))
    booking = agreed()
    act(booking, Action.RESCHEDULE, actor, offer=offer(at(26, 10)), reason_text="A clash")
    file = ("REQUEST", 1, "CONFIRMED", at(26, 10))
    assert post() == [(KIM, "booking_moved_client", file), (ANA, "booking_moved_provider", file)]
    text = said("booking_moved_client")
    mover = "You moved Ana Nowak" if actor == CLIENT else "Ana Nowak moved your meeting"
    assert text.startswith(f"{mover} to Thu 26 Nov, 3am (Chicago)\n")
    assert "The reason:\n> A clash\n" in text
    assert f"Choose another time: http://localhost:8000/t/north/bookings/{booking.code}/reschedule/" in text


def test_a_move_while_setting_up_brings_its_file_with_the_confirmation(ask, act, at, scene, post, said):
    """R-MAIL-8: one first file, of the time that stands when the room is there."""
    adopt_policy(policy=Policy(reschedule="direct"))
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    act(booking, Action.RESCHEDULE, PROVIDER, offer=offer(at(26, 10)), reason_text="A clash")
    assert [file for _, kind, file in post() if "moved" in kind] == [None, None]
    assert "we are setting it up for Thu 26 Nov, 3am (Chicago)" in said("booking_moved_client")
    services.set_up(booking_id=booking.pk, now=scene.now)
    file = ("REQUEST", 1, "CONFIRMED", at(26, 10))
    assert post() == [(KIM, "booking_confirmed_client", file), (ANA, "booking_confirmed_provider", file)]
