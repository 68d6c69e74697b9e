"""Mails about what staff do: named as support, with the reason (T33, T34, PG-35b)."""

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.enums import Action
from tests import factories

from .reading import ANA, CLIENT, KIM, PROVIDER, RUI, offer


def test_support_that_moves_it_says_so_and_why(agreed, staff, at, post, said):
    """T33, S1.19, EM-C16, EM-E16."""
    adopt_policy(policy=Policy(reschedule="via_staff"))
    booking = agreed()
    assert "Ask support: http://localhost:8000/" in said("booking_confirmed_client")
    adopt_policy(policy=Policy())
    booking = agreed(at(27, 10))
    staff(booking, Action.AMEND, offer=offer(at(26, 10)), on_behalf_of=PROVIDER)
    file = ("REQUEST", 1, "CONFIRMED", at(26, 10))
    assert post() == [(KIM, "booking_amended_client", file), (ANA, "booking_amended_provider", file)]
    text = said("booking_amended_client")
    assert text.startswith("Support moved your meeting with Ana Nowak to Thu 26 Nov, 3am (Chicago)\n")
    assert "Support of Northwind Mentors moved your meeting with Ana Nowak on behalf of Ana Nowak.\n" in text
    assert "The reason:\n> Ana is ill\n" in text
    assert "Support of Northwind Mentors moved your meeting with Kim Okafor on your behalf.\n" in said(
        "booking_amended_provider"
    )


def test_support_that_declines_or_accepts_says_so(ask, staff, at, scene, post, said):
    """T34: both are told, with the reason."""
    booking = ask(at(25, 10))
    post()
    staff(booking, Action.DECLINE)
    assert post() == [(KIM, "booking_declined_client", None), (ANA, "booking_declined_provider", None)]
    for kind in ("booking_declined_client", "booking_declined_provider"):
        assert "Support of Northwind Mentors declined the request.\n" in said(kind)
        assert "The reason:\n> Ana is ill\n" in said(kind)
    booking = staff(ask(at(26, 10)), Action.ACCEPT, start=at(26, 10), on_behalf_of=PROVIDER)
    services.set_up(booking_id=booking.pk, now=scene.now)
    assert "Support of Northwind Mentors accepted Kim Okafor on your behalf.\n" in said("booking_confirmed_provider")
    assert "Support of Northwind Mentors confirmed your meeting with Ana Nowak on behalf of Ana" in said(
        "booking_confirmed_client"
    )


@pytest.mark.parametrize("is_agreed", [True, False])
def test_support_that_cancels_says_so(ask, agreed, staff, at, post, said, is_agreed):
    """T34: what was agreed leaves the calendars; a request was in none."""
    booking = agreed() if is_agreed else ask(at(25, 10))
    post()
    staff(booking, Action.CANCEL, on_behalf_of=PROVIDER)
    file = ("CANCEL", 1, "CANCELLED", at(25, 10)) if is_agreed else None
    assert post() == [(KIM, "booking_cancelled_client", file), (ANA, "booking_cancelled_provider", file)]
    assert said("booking_cancelled_client").startswith(
        "Cancelled by support: Wed 25 Nov, 3am (Chicago) with Ana Nowak\n"
    )


def test_support_that_changes_the_price_says_old_and_new(agreed, staff, scene, post, said):
    """T34: the client reads what it does to their credits, too."""
    adopt_policy(policy=Policy(price_unit="credits", logistics="manual"))
    booking = agreed(client=factories.member("Lena Hartmann", credits=50))
    staff(booking, Action.CHANGE_PRICE, new_price=20, on_behalf_of=PROVIDER)
    assert post() == [("Lena Hartmann", "booking_repriced_client", None), (ANA, "booking_repriced_provider", None)]
    text = said("booking_repriced_client")
    assert text.startswith("New price, 20 credits: Wed 25 Nov, 3am (Chicago) with Ana Nowak\n")
    fact = (
        "changed the price of your meeting with Ana Nowak on behalf of Ana Nowak: 20 credits instead of 30 credits.\n"
    )
    assert f"Support of Northwind Mentors {fact}" in text
    assert "Next: nothing to do: everything else stays as it was.\n" in text
    assert "Price: 20 credits\nCredits: 20 credits are held.\n" in text
    assert "The reason:\n> Ana is ill\n" in text
    text = said("booking_repriced_provider")
    assert "with Lena Hartmann on your behalf: 20 credits instead of 30 credits.\n" in text
    assert "Credits:" not in text


def test_the_new_price_of_a_request_says_who_answers(ask, staff, scene, post, said, at):
    adopt_policy(policy=Policy(price_unit="credits"))
    booking = ask(at(25, 10), client=factories.member("Lena Hartmann", credits=50))
    post()
    staff(booking, Action.CHANGE_PRICE, new_price=0)
    text = said("booking_repriced_client")
    assert text.startswith("New price, no charge: Wed 25 Nov, 3am (Chicago) with Ana Nowak\n")
    assert "the price of your request with Ana Nowak: no charge instead of 30 credits.\n" in text
    assert "Next: Ana Nowak answers by " in text
    assert "Credits: 30 credits are back.\n" in text
    assert "Next: answer by " in said("booking_repriced_provider")


def test_a_request_that_waits_for_credits_is_no_news_to_its_provider(ask, staff, scene, post, said, at):
    adopt_policy(policy=Policy(price_unit="credits"))
    booking = ask(at(25, 10), client=factories.member("Lena Hartmann", credits=10))
    post()
    staff(booking, Action.CHANGE_PRICE, new_price=20)
    assert post() == [("Lena Hartmann", "booking_repriced_client", None)]
    assert "Next: it goes on by itself as soon as you have 20 credits; until " in said("booking_repriced_client")


def test_asking_support_tells_the_staff_and_their_no_tells_who_asked(agreed, act, staff, rui, at, post, said):
    """PG-35b, S1.18, EM-S2."""
    booking = agreed()
    act(booking, Action.ASK_SUPPORT, CLIENT, offer=offer(at(26, 10)), message="Ana agrees to Thursday.")
    assert post() == [(RUI, "booking_support_asked_staff", None)]
    text = said("booking_support_asked_staff")
    assert f"/t/north/admin/bookings/booking/{booking.pk}/change/\n" in text
    assert "- Asked for: Thu 26 Nov, 9am to 9:30am (10am to 10:30am in Prague)\n" in text
    staff(booking, Action.REFUSE_SUPPORT)
    assert post() == [(KIM, "booking_support_refused_client", None)]
    assert "Wed 25 Nov, 3am (Chicago) stands as agreed." in said("booking_support_refused_client")


def test_a_no_show_by_staff_says_who(agreed, staff, rui, at, post, said):
    """T34."""
    staff(agreed(), Action.NO_SHOW, now=at(25, 11), absent=CLIENT)
    assert post() == [(KIM, "booking_decided_client", None), (ANA, "booking_decided_provider", None)]
    assert "with Ana Nowak: you did not come.\n" in said("booking_decided_client")
    assert "with Kim Okafor: Kim Okafor did not come.\n" in said("booking_decided_provider")


def test_changed_notes_and_notes_by_staff_tell_nobody(ask, act, staff, at, post):
    booking = ask(at(25, 10))
    post()
    act(booking, Action.CHANGE_NOTES, CLIENT, notes="VAT, too")
    staff(booking, Action.NOTE, message="Called Ana.")
    assert post() == []
