"""Mails about what ends: cancelled, held, missed, contested (T18-T22, T37-T41)."""

import re

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.enums import Action
from tests import factories

from .reading import ANA, CLIENT, KIM, PROVIDER, RUI


@pytest.mark.parametrize(
    ("actor", "to_kim", "to_ana"),
    [
        (CLIENT, "You cancelled Wed 25 Nov, 3am (Chicago) with Ana Nowak", "Cancelled by Kim Okafor: Wed 25 Nov, 10am"),
        (
            PROVIDER,
            "Cancelled by Ana Nowak: Wed 25 Nov, 3am (Chicago)",
            "You cancelled Wed 25 Nov, 10am (Prague) with Kim",
        ),
    ],
)
def test_cancelling_takes_it_out_of_both_calendars(agreed, act, at, post, said, actor, to_kim, to_ana):
    """T18, T21, EM-C11, EM-C12, EM-E8, R-MAIL-8: SEQUENCE + 1."""
    adopt_policy(policy=Policy(cancel_form_under_hours=24, price_unit="credits"))
    booking = agreed()
    act(booking, Action.CANCEL, actor, message="Sorry!", consequences_accepted=True)
    file = ("CANCEL", 1, "CANCELLED", at(25, 10))
    assert post() == [(KIM, "booking_cancelled_client", file), (ANA, "booking_cancelled_provider", file)]
    assert said("booking_cancelled_client").startswith(to_kim)
    assert said("booking_cancelled_provider").startswith(to_ana)
    assert "the attached file takes it out of your calendar" in said("booking_cancelled_client")


def test_a_client_who_cancels_late_reads_what_is_kept(agreed, act, at, post, said):
    """T22, D6: half of the price in the last 48 hours."""
    booking = agreed()
    act(booking, Action.CANCEL, CLIENT, now=at(24, 10), reason_text="Ill", consequences_accepted=True)
    assert "15 of 30 credits are kept, since so little time was left.\n" in said("booking_cancelled_client")


def test_an_early_cancellation_keeps_nothing(agreed, act, at, said):
    """T21."""
    booking = agreed(at(27, 10))
    act(booking, Action.CANCEL, CLIENT, reason_text="Ill")
    assert "You pay nothing: none of the 30 credits are kept.\n" in said("booking_cancelled_client")
    assert "Kim Okafor pays nothing.\n" in said("booking_cancelled_provider")


def test_where_nothing_costs_anything_no_mail_speaks_of_it(agreed, act, said):
    """D13: the service has a price, but this marketplace knows no credits."""
    adopt_policy(policy=Policy())
    act(agreed(), Action.CANCEL, CLIENT, consequences_accepted=True)
    for kind in ("booking_requested_client", "booking_confirmed_client", "booking_cancelled_client"):
        assert not {"Price", "credits", "pay", "costs"} & set(re.findall(r"\w+", said(kind)))


def test_no_price_no_word_about_it(agreed, act, at, scene, said):
    booking = agreed(service=factories.service(scene.ana, "Free talk"))
    act(booking, Action.CANCEL, CLIENT, reason_text="Ill", consequences_accepted=True)
    assert "pay" not in said("booking_cancelled_client").lower()


def test_cancelling_what_no_calendar_knows_sends_no_file(ask, act, at, post, said):
    """R-MAIL-8: agreed, but still setting up."""
    booking = act(ask(at(25, 10)), Action.ACCEPT, start=at(25, 10))
    post()
    act(booking, Action.CANCEL, PROVIDER, reason_code="ill", consequences_accepted=True)
    assert post() == [(KIM, "booking_cancelled_client", None), (ANA, "booking_cancelled_provider", None)]
    assert "attached" not in said("booking_cancelled_client")


def test_asking_to_cancel_tells_both_and_changes_nothing(agreed, act, at, post, said):
    """T20, EM-E19, S1.14; then the client cancels and keeps everything (S1.15)."""
    adopt_policy(policy=Policy(provider_cancel="ask_client", price_unit="credits"))
    booking = agreed()
    confirmed = said("booking_confirmed_provider")
    assert f"Ask to cancel: http://localhost:8000/t/north/bookings/{booking.code}/ask-to-cancel/" in confirmed
    act(booking, Action.ASK_TO_CANCEL, PROVIDER, message="I am ill.")
    assert post() == [(KIM, "booking_cancel_asked_client", None), (ANA, "booking_cancel_asked_provider", None)]
    assert "Ana Nowak:\n> I am ill.\n" in said("booking_cancel_asked_client")
    assert "What you wrote:\n> I am ill.\n" in said("booking_cancel_asked_provider")
    booking.refresh_from_db()
    act(booking, Action.CANCEL, CLIENT, now=at(25, 9))
    assert "Kim Okafor cancelled your meeting, as you asked.\n" in said("booking_cancelled_provider")
    assert "You cancelled your meeting with Ana Nowak, as Ana Nowak asked.\n" in said("booking_cancelled_client")
    assert "none of the 30 credits are kept" in said("booking_cancelled_client")


def test_a_completed_session_tells_the_client(agreed, act, at, post, said):
    """T37, EM-C19."""
    adopt_policy(policy=Policy(completion="provider"))
    act(agreed(), Action.COMPLETE, PROVIDER, now=at(25, 11))
    assert post() == [(KIM, "booking_completed_client", None)]
    text = said("booking_completed_client")
    assert text.startswith("Done: Tax planning with Ana Nowak, Wed 25 Nov, 3am (Chicago)\n")
    assert "If not, say so by Fri 27 Nov, 4am (Chicago)." in text


def test_where_both_say_it_the_client_is_asked_and_then_told(agreed, act, at, post, said):
    """T37, D15: who said it first is not told what they said."""
    adopt_policy(policy=Policy(completion="both"))
    first, second = agreed(), agreed(at(26, 10))
    act(first, Action.COMPLETE, PROVIDER, now=at(25, 11))
    assert post() == [(KIM, "booking_completed_client", None)]
    assert said("booking_completed_client").startswith("Ana Nowak says that it took place: Wed 25 Nov")
    act(second, Action.COMPLETE, CLIENT, now=at(26, 11))
    assert post() == []
    act(second, Action.COMPLETE, PROVIDER, now=at(26, 12))
    assert post() == [(KIM, "booking_completed_client", None)]
    assert said("booking_completed_client").startswith("Done: ")


def test_a_session_completed_by_itself_tells_the_client(agreed, at, scene, post):
    """T40."""
    agreed()
    assert services.complete_ended(tenant=scene.tenant, now=at(27, 11)) == 1
    assert post() == [(KIM, "booking_completed_client", None)]


@pytest.mark.parametrize(("says", "accused"), [(PROVIDER, CLIENT), (CLIENT, PROVIDER)])
def test_a_no_show_asks_who_was_missed_and_taking_it_back_tells_them(agreed, act, at, post, said, says, accused):
    """T38, T39, EM-C18, PG-32."""
    names = {CLIENT: KIM, PROVIDER: ANA}
    booking = act(agreed(), Action.NO_SHOW, says, now=at(25, 11))
    assert post() == [(names[accused], f"booking_noshow_{accused}", None)]
    assert said(f"booking_noshow_{accused}").startswith(f"{names[says]} missed you on Wed 25 Nov, ")
    act(booking, Action.UNDO, says, now=at(25, 12))
    assert post() == [(names[accused], f"booking_undone_{accused}", None)]
    assert "no longer says that you did not come." in said(f"booking_undone_{accused}")


def test_a_contested_no_show_goes_to_the_other_and_to_staff_who_tell_both(agreed, act, staff, rui, at, post, said):
    """T41, D15, EM-S1."""
    booking = act(agreed(), Action.NO_SHOW, PROVIDER, now=at(25, 11))
    post()
    act(booking, Action.CONTEST, CLIENT, now=at(25, 12), message="I waited for 20 minutes.")
    assert post() == [(ANA, "booking_contested_provider", None), (RUI, "booking_contested_staff", None)]
    assert "Kim Okafor:\n> I waited for 20 minutes.\n" in said("booking_contested_staff")
    staff(booking, Action.COMPLETE, now=at(25, 13))
    assert post() == [(KIM, "booking_decided_client", None), (ANA, "booking_decided_provider", None)]
    assert "about your meeting with Ana Nowak: it took place.\n" in said("booking_decided_client")
