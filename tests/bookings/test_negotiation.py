"""Before anything is agreed, through the real services: status, timeline, proposals, claims (T7-T16, T29-T31)."""

import pytest

from bookings import services
from bookings.enums import Action, ProposalState, Status
from bookings.models import Booking
from calendars.enums import ClaimKind
from calendars.models import Claim

from .negotiating import CLIENT, PROVIDER, STAFF, held, names, refusal_of, states, times

# --- before anything is agreed ---------------------------------------------------------------------------------------


def test_an_invitation_waits_for_the_client_and_holds_its_time(begin, at):
    """T12, S4.14-S4.17."""
    booking = begin(Action.INVITE, at(25, 10), at(25, 11))
    assert (booking.status, booking.starts_at) == (Status.PENDING, None)
    assert names(booking) == ["Expert approval"]
    assert states(booking) == [(PROVIDER, ProposalState.OPEN)]
    assert held(booking, ClaimKind.ASKED) == [at(25, 10), at(25, 11)]


def test_the_client_accepts_an_invitation(begin, do, at):
    """T13, S4.16."""
    booking = do(begin(Action.INVITE, at(25, 10), at(25, 11)), Action.ACCEPT, CLIENT, start=at(25, 11))
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, at(25, 11))
    assert names(booking) == ["Expert approval", "User approval"]
    assert states(booking) == [(PROVIDER, ProposalState.ACCEPTED)]
    assert (held(booking, ClaimKind.SESSION), held(booking, ClaimKind.ASKED)) == ([at(25, 11)], [])


@pytest.mark.parametrize(
    ("action", "actor", "status", "state", "name"),
    [
        (Action.DECLINE, CLIENT, Status.DECLINED, ProposalState.DECLINED, "Rejected by user"),  # T14
        (Action.WITHDRAW, PROVIDER, Status.CANCELLED, ProposalState.WITHDRAWN, "Cancelled by expert"),  # T15, S4.18
        (Action.DECLINE, STAFF, Status.DECLINED, ProposalState.DECLINED, "Rejected by staff"),  # T34
        (Action.CANCEL, STAFF, Status.CANCELLED, ProposalState.VOID, "Cancelled by staff"),  # T34
    ],
)
def test_an_invitation_ends(begin, do, at, action, actor, status, state, name):
    booking = do(begin(Action.INVITE, at(25, 10)), action, actor)
    assert booking.status == status
    assert names(booking) == ["Expert approval", name]
    assert states(booking) == [(PROVIDER, state)]
    assert not Claim.objects.exists()


def test_other_times_of_the_provider_take_the_place_of_those_asked_for(ask, do, at):
    """T10, S4.26: two lines on the timeline; the second only belongs to the first."""
    booking = do(ask(at(25, 10)), Action.SUGGEST, PROVIDER, offer=times(at(26, 10), at(27, 10)))
    assert booking.status == Status.PENDING
    assert names(booking) == ["Suggested by user", "Alternative date selected by expert", "Approved by expert"]
    first, second = booking.events.all()[1:]
    assert first.data["times"] == [at(26, 10).isoformat(), at(27, 10).isoformat()]
    assert (second.data, second.reason_text, second.message) == ({"with": 2}, "", "")
    assert booking.last_sequence == 3
    assert states(booking) == [(CLIENT, ProposalState.SUPERSEDED), (PROVIDER, ProposalState.OPEN)]
    assert held(booking, ClaimKind.ASKED) == [at(26, 10), at(27, 10)]


def test_times_go_back_and_forth_until_one_is_accepted(ask, do, at):
    """T10, T31, decisions 5: each answers the other; one proposal is open at any time."""
    booking = do(ask(at(25, 10)), Action.SUGGEST, PROVIDER, offer=times(at(26, 10)))
    booking = do(booking, Action.SUGGEST, CLIENT, offer=times(at(27, 10)))
    assert names(booking)[-2:] == ["Alternative date selected by user", "Approved by user"]
    booking = do(booking, Action.ACCEPT, PROVIDER, start=at(27, 10))
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, at(27, 10))
    assert states(booking) == [
        (CLIENT, ProposalState.SUPERSEDED), (PROVIDER, ProposalState.SUPERSEDED), (CLIENT, ProposalState.ACCEPTED),
    ]  # fmt: skip


def test_the_client_changes_the_own_request(ask, do, at):
    """T11: times and notes, while nobody has answered."""
    booking = do(ask(at(25, 10)), Action.SUGGEST, CLIENT, offer=times(at(26, 10)))
    booking = do(booking, Action.CHANGE_NOTES, CLIENT, notes="Bring the papers.")
    assert names(booking) == ["Suggested by user", "Changed by user", "Changed by user"]
    assert (booking.notes, held(booking, ClaimKind.ASKED)) == ("Bring the papers.", [at(26, 10)])
    answered = do(booking, Action.SUGGEST, PROVIDER, offer=times(at(27, 10)))
    refusal = refusal_of(do, answered, Action.CHANGE_NOTES, CLIENT, notes="More.")
    assert refusal.sentence == "It is your turn: write it to Ana Nowak with your answer."


def test_a_declined_request_is_revived_with_another_date(ask, do, at):
    """T29, S4.27: pending again, and the client answers."""
    booking = do(ask(at(25, 10)), Action.DECLINE, PROVIDER)
    booking = do(booking, Action.SUGGEST, PROVIDER, offer=times(at(26, 10)))
    assert booking.status == Status.PENDING
    assert names(booking)[-2:] == ["Alternative date selected by expert", "Approved by expert"]
    assert states(booking) == [(CLIENT, ProposalState.DECLINED), (PROVIDER, ProposalState.OPEN)]
    assert do(booking, Action.ACCEPT, CLIENT, start=at(26, 10)).starts_at == at(26, 10)


def test_a_declined_request_whose_time_has_come_is_not_revived(ask, do, at):
    """T29: "future start"."""
    booking = do(ask(at(25, 10)), Action.DECLINE, PROVIDER)
    refusal = refusal_of(do, booking, Action.SUGGEST, PROVIDER, now=at(25, 10), offer=times(at(26, 10)))
    assert refusal.code == "started"


def test_asking_again_keeps_the_thread(ask, do, at):
    """T30, S0.22."""
    declined = do(ask(at(25, 10)), Action.DECLINE, PROVIDER)
    again = ask(at(26, 10), earlier=declined)
    assert (again.earlier, again.status) == (declined, Status.PENDING)


def test_staff_accept_on_somebodys_behalf(ask, do, at):
    """T34, decisions 17: by the same services, and the timeline says for whom."""
    booking = do(ask(at(25, 10)), Action.ACCEPT, STAFF, start=at(25, 10), on_behalf_of=PROVIDER)
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, at(25, 10))
    event = booking.events.last()
    assert (event.name, event.on_behalf_of, event.reason_text) == ("Confirmed by staff", PROVIDER, "Both asked us")
    assert event.by.name == "Sam Support"


# --- beginnings ------------------------------------------------------------------------------------------------------


def test_the_same_form_makes_one_booking(begin, at):
    """CK-16."""
    first = begin(Action.INVITE, at(25, 10), request_key="one")
    again = begin(Action.INVITE, at(25, 10), request_key="one")
    assert first.pk == again.pk
    assert Booking.objects.count() == 1
    assert begin(Action.INVITE, at(26, 10), request_key="two").pk != first.pk


def test_a_booking_by_the_organizer_is_agreed_at_once(begin, rules, at):
    """T12, S3.12, D16."""
    rules(provider_made="confirmed", logistics="automatic")
    booking = begin(Action.BOOK, at(25, 10))
    assert (booking.status, booking.starts_at) == (Status.CONFIRMING, at(25, 10))
    assert names(booking) == ["Booked by organizer"]
    assert states(booking) == []
    assert held(booking, ClaimKind.SESSION) == [at(25, 10)]


def test_an_instant_booking_is_agreed_at_once(scene, begin, at):
    """T7b, S3.3."""
    scene.service.is_instant = True
    scene.service.save()
    booking = begin(Action.BOOK, at(25, 10), actor=CLIENT)
    assert (booking.status, names(booking)) == (Status.CONFIRMED, ["Booked by client"])
    refusal = refusal_of(begin, Action.BOOK, at(25, 10), actor=CLIENT)
    assert refusal.is_conflict
    assert Booking.objects.count() == 1


def test_nobody_invites_oneself(scene, rules, at):
    """requirements.md 3.6, 13."""
    with pytest.raises(services.Refused, match="You can't book a meeting with yourself"):
        services.begin(
            action=Action.INVITE, actor=PROVIDER, client=scene.ana.member, service=scene.service,
            offer=times(at(25, 10)), now=scene.now,
        )  # fmt: skip
