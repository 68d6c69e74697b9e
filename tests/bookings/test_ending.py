"""Cancelling what is agreed, and saying how it went (T18-T22, T34, T37-T41)."""

from datetime import timedelta

import pytest

from bookings import services
from bookings.enums import Action, LateChangeKind, ProposalState, Status
from bookings.models import LateChange
from calendars.enums import ClaimKind
from calendars.models import Claim

from .negotiating import CLIENT, PROVIDER, STAFF, held, names, refusal_of, states, times

SIDES = [(CLIENT, PROVIDER, "user", "expert"), (PROVIDER, CLIENT, "expert", "user")]


# --- cancelling ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "hours", "name"),
    [
        (PROVIDER, 48, "Cancellation by expert"),  # T18, S4.21, decisions 10
        (PROVIDER, 47, "Cancelled by expert"),  # T19, S4.22
        (CLIENT, 48, "Cancelled by user"),  # T21
        (CLIENT, 47, "Cancelled by user"),  # T22
        (STAFF, 1, "Cancelled by staff"),  # T34
    ],
)
def test_cancelling_frees_everything(agreed, do, at, actor, hours, name):
    booking = do(agreed, Action.SUGGEST, CLIENT, offer=times(at(27, 10)))
    now = at(25, 10) - timedelta(hours=hours)
    booking = do(booking, Action.CANCEL, actor, now=now, consequences_accepted=True)
    assert (booking.status, names(booking)[-1]) == (Status.CANCELLED, name)
    assert states(booking)[-1] == (CLIENT, ProposalState.VOID)
    assert not Claim.objects.exists()
    assert booking.events.last().data["hours_before"] == hours


def test_the_clients_fee_is_kept_with_the_numbers_of_that_moment(agreed, do, at):
    """D6, D-5."""
    booking = do(agreed, Action.CANCEL, CLIENT, now=at(25, 9), consequences_accepted=True)
    assert booking.events.last().data["price"] == {"returned": 0, "kept": 30, "to_provider": 0}


def test_cancelling_on_the_providers_wish_costs_nothing_and_counts_for_the_provider(rules, ask, do, at):
    """T20, S1.14-S1.16."""
    rules(provider_cancel="ask_client", late_change_hours=120)
    booking = do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))
    booking = do(booking, Action.ASK_TO_CANCEL, PROVIDER, message="I am ill.")
    assert (booking.status, names(booking)[-1]) == (Status.CONFIRMED, "Expert asks to cancel")
    assert held(booking, ClaimKind.SESSION) == [at(25, 10)]
    booking = do(booking, Action.CANCEL, CLIENT, now=at(25, 9))
    assert booking.events.last().data["price"] == {"returned": 30, "kept": 0, "to_provider": 0}
    [late] = LateChange.objects.all()
    assert (late.kind, late.provider) == (LateChangeKind.CANCEL, booking.provider)


def test_a_late_change_counts_once_for_a_booking_and_kind(rules, ask, do, at):
    """S1.16, S1.21, T43: three proposals to move it and one cancellation are two late changes."""
    rules(late_change_hours=120)
    booking = do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))
    for day in (26, 27, 30):
        booking = do(booking, Action.SUGGEST, PROVIDER, offer=times(at(day, 10)))
    do(booking, Action.CANCEL, PROVIDER, consequences_accepted=True)
    assert sorted(LateChange.objects.values_list("kind", flat=True)) == ["cancel", "reschedule"]


# --- afterwards ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [(CLIENT, PROVIDER), (PROVIDER, CLIENT)])
def test_where_both_say_it_took_place_the_second_word_completes(agreed, do, at, first, second):
    """T37, D15."""
    booking = do(agreed, Action.COMPLETE, first, now=at(25, 11))
    assert (booking.status, booking.held_by) == (Status.CONFIRMED, first)
    assert refusal_of(do, booking, Action.COMPLETE, first, now=at(25, 11)).code == "said_already"
    booking = do(booking, Action.COMPLETE, second, now=at(25, 12))
    assert booking.status == Status.COMPLETED
    assert sorted(names(booking)[-2:]) == ["Meeting progress confirmed by user", "Meeting progress recorded by expert"]


def test_what_nobody_contradicts_is_completed_by_the_clock(agreed, at, scene):
    """T40: so many hours after the end, and once."""
    due = at(25, 10, 30) + timedelta(hours=24)
    assert services.complete_ended(tenant=scene.tenant, now=due - timedelta(seconds=1)) == 0
    assert services.complete_ended(tenant=scene.tenant, now=due) == 1
    assert services.complete_ended(tenant=scene.tenant, now=due) == 0
    agreed.refresh_from_db()
    assert (agreed.status, names(agreed)[-1]) == (Status.COMPLETED, "Completed automatically")


def test_where_the_provider_completes_the_clock_does_not(rules, ask, do, at, scene):
    """D15."""
    rules(completion="provider")
    do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))
    assert services.complete_ended(tenant=scene.tenant, now=at(29, 10)) == 0


@pytest.mark.parametrize(("says", "accused", "_name", "_other"), SIDES)
def test_a_no_show_names_the_other_and_gives_back_what_was_held_for_another_date(
    agreed, do, at, says, accused, _name, _other
):
    """T38, T39: an alternative that is still open is void, and its time free again."""
    booking = do(agreed, Action.SUGGEST, CLIENT, offer=times(at(27, 10)))
    booking = do(booking, Action.NO_SHOW, says, now=at(25, 10, 10))
    assert (booking.status, booking.absent, names(booking)[-1]) == (Status.NOSHOW, accused, "No-show recorded")
    assert states(booking)[-1] == (CLIENT, ProposalState.VOID)
    assert held(booking, ClaimKind.ASKED) == []


def test_what_was_said_is_taken_back_and_the_clock_waits_again(agreed, do, at, scene):
    """PG-32: who takes back what the clock said has as long again to say how it was."""
    due = at(25, 10, 30) + timedelta(hours=24)
    services.complete_ended(tenant=scene.tenant, now=due)
    agreed.refresh_from_db()
    booking = do(agreed, Action.UNDO, PROVIDER, now=due + timedelta(hours=2))
    assert (booking.status, names(booking)[-1]) == (Status.CONFIRMED, "Outcome taken back")
    assert services.complete_ended(tenant=scene.tenant, now=due + timedelta(hours=3)) == 0
    assert services.complete_ended(tenant=scene.tenant, now=due + timedelta(hours=26)) == 1


def test_staff_decide_what_is_contested(agreed, do, at):
    """T41, D15: it stays, or staff correct it."""
    booking = do(agreed, Action.NO_SHOW, PROVIDER, now=at(25, 11))
    booking = do(booking, Action.CONTEST, CLIENT, now=at(25, 12), message="I was there.")
    assert (booking.status, booking.contested_at) == (Status.NOSHOW, at(25, 12))
    assert refusal_of(do, booking, Action.UNDO, PROVIDER, now=at(25, 12)).code == "contested"
    booking = do(booking, Action.UPHOLD, STAFF, now=at(25, 13))
    assert (booking.status, booking.contested_at) == (Status.NOSHOW, None)
    booking = do(booking, Action.COMPLETE, STAFF, now=at(25, 14))
    assert (booking.status, booking.absent) == (Status.COMPLETED, "")
    assert names(booking)[-4:] == ["No-show recorded", "Dispute opened", "Dispute closed", "Completed by staff"]
    assert refusal_of(do, booking, Action.CONTEST, CLIENT, now=at(25, 15)).code == "not_yours"


def test_a_note_changes_nothing_but_the_timeline(agreed, do):
    """T34."""
    booking = do(agreed, Action.NOTE, STAFF, message="Called both.")
    assert (booking.status, names(booking)[-1], booking.events.last().message) == (
        Status.CONFIRMED, "Note by staff", "Called both.",
    )  # fmt: skip
