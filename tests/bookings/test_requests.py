"""A client asks (T7): what is written, and every way to be told no."""

from datetime import timedelta

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.enums import Actor, ProposalState, Status
from bookings.models import Booking
from calendars.enums import ClaimKind
from calendars.models import Claim
from calendars.slots import ReasonCode
from notifications.models import EmailMessage
from tests import factories


def refusal_of(call, *args, **kwargs):
    with pytest.raises(services.Refused) as refused:
        call(*args, **kwargs)
    return refused.value.refusal


def test_request_puts_the_times_on_the_table(ask, at, scene):
    """S0.7-S0.10, T7."""
    booking = ask(at(25, 10), notes="VAT before January?")
    assert booking.status == Status.PENDING
    assert booking.starts_at is None
    assert (booking.minutes, booking.price, booking.notes) == (30, 30, "VAT before January?")
    assert booking.code.startswith("NO-")
    proposal = booking.proposals.get()
    assert (proposal.made_by, proposal.state) == (Actor.CLIENT, ProposalState.OPEN)
    assert [time.starts_at for time in proposal.times.all()] == [at(25, 10)]


def test_request_writes_the_first_line_of_the_timeline(ask, at, scene):
    event = ask(at(25, 10)).events.get()
    assert (event.sequence, event.name, event.status_before, event.status) == (1, "Suggested by user", "", "pending")
    assert event.by == scene.kim
    assert event.data["times"] == [at(25, 10).isoformat()]
    assert event.data["rule"] == {"answer_window_hours": 72, "answer_lead_hours": 0}


def test_request_holds_the_time_softly_with_buffers(ask, at, scene):
    """Decisions 15 and 20."""
    service = factories.service(scene.ana, "Deep dive", minutes=60, buffer_before=10, buffer_after=15)
    booking = ask(at(25, 10), service=service)
    claim = Claim.objects.get()
    assert (claim.kind, claim.reference) == (ClaimKind.ASKED, f"booking:{booking.code}")
    assert (claim.during.lower, claim.during.upper) == (at(25, 9, 50), at(25, 11, 15))


def test_request_mails_each_side_once(ask, at, scene):
    ask(at(25, 10))
    mails = {mail.kind: mail.recipient for mail in EmailMessage.objects.all()}
    assert mails == {"booking_requested_provider": scene.ana.member, "booking_requested_client": scene.kim}


def test_several_preferred_times_keep_their_order(ask, at, scene):
    """S1.8."""
    adopt_policy(policy=Policy(booking_mode="preferred_dates", max_times=3))
    booking = ask(at(26, 10), at(25, 9), at(27, 11))
    times = booking.proposals.get().times.all()
    assert [(time.position, time.starts_at) for time in times] == [(1, at(26, 10)), (2, at(25, 9)), (3, at(27, 11))]


def test_answer_by_is_the_window_or_the_last_possible_time(ask, at, scene, now):
    """Decisions 9: window 72 h in this tenant; the start itself comes first for Wednesday."""
    assert ask(at(25, 10)).proposals.get().answer_by == at(25, 10)
    assert ask(at(30, 10)).proposals.get().answer_by == now + timedelta(hours=72)


def test_same_key_makes_one_booking(ask, at):
    """F66: a double press."""
    first, second = ask(at(25, 10), request_key="k1"), ask(at(25, 10), request_key="k1")
    assert first == second
    assert Booking.objects.count() == 1
    assert EmailMessage.objects.count() == 2


def test_time_outside_the_hours_is_gone_with_the_nearest_free(ask, at):
    with pytest.raises(services.SlotGone) as gone:
        ask(at(25, 20))
    assert [(time.start, time.reason.code) for time in gone.value.gone] == [(at(25, 20), ReasonCode.OUTSIDE_HOURS)]
    assert gone.value.nearest_free == [at(25, 15, 30), at(25, 16), at(25, 16, 30)]
    assert gone.value.refusal.sentence == "That time is not free any more. Choose another one."


def test_past_time_says_so(ask, at, now):
    refusal = refusal_of(ask, at(20, 10))
    assert refusal.sentence == "That time has passed. Choose another one."
    assert not Booking.objects.exists()


def test_time_somebody_asked_for_is_gone_for_others(ask, at):
    """S15 in ux.md 0.3, decisions 15."""
    ask(at(25, 10))
    with pytest.raises(services.SlotGone) as gone:
        ask(at(25, 10), client=factories.member("Lena Hartmann"))
    assert gone.value.gone[0].reason.code == ReasonCode.ASKED
    assert Booking.objects.count() == 1


def test_asked_time_may_be_asked_again_where_it_is_not_hidden(ask, at, scene):
    service = factories.service(scene.ana, "Open", hides_asked_times=False)
    ask(at(25, 10), service=service)
    ask(at(25, 10), service=service, client=factories.member("Lena Hartmann"))
    assert Booking.objects.count() == 2


def test_same_time_twice_by_one_client_names_the_open_request(ask, at, scene):
    service = factories.service(scene.ana, "Open", hides_asked_times=False)
    first = ask(at(25, 10), service=service)
    assert refusal_of(ask, at(25, 10), service=service).sentence == (
        f"You have asked Ana Nowak for this time already: {first.code}."
    )


@pytest.mark.parametrize(
    ("_case", "starts", "notes", "sentence"),
    [
        ("no time", [], "", "Choose a time first."),
        ("twice", [(25, 10), (25, 10)], "", "You chose one time twice. Remove one of them."),
        ("too many", [(25, 10), (25, 11)], "", "You can ask for 1 at most. Remove the others."),
        ("long notes", [(25, 10)], "x" * 2001, "Your notes are 1 character too long: 2000 fit."),
    ],
)
def test_bad_request_is_refused_in_a_sentence(ask, at, _case, starts, notes, sentence):
    assert refusal_of(ask, *(at(*start) for start in starts), notes=notes).sentence == sentence
    assert not Booking.objects.exists()
    assert not Claim.objects.exists()


def test_nobody_books_themselves(ask, at, scene):
    """Edge case 13."""
    refusal = refusal_of(ask, at(25, 10), client=scene.ana.member)
    assert refusal.sentence == "You can't ask yourself for a meeting. Choose an expert."


def test_hidden_service_is_closed(ask, at, scene):
    service = factories.service(scene.ana, "Old")
    service.is_active = False
    service.save()
    assert refusal_of(ask, at(25, 10), service=service).code == "closed"


def test_lead_of_the_tenant_counts_as_notice(ask, at, scene, now):
    """S0.21: a time that could not be accepted any more is not offered (preset consult)."""
    adopt_policy(policy=Policy(answer_lead_hours=24))
    with pytest.raises(services.SlotGone) as gone:
        ask(at(24, 9))
    assert gone.value.gone[0].reason.code == ReasonCode.TOO_SOON
    assert ask(at(24, 9, 30)).status == Status.PENDING
