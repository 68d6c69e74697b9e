"""Every transition of the whole negotiation through the real services: status, timeline, proposals, claims (T10-T41)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts.enums import Role
from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, LateChangeKind, ProposalState, Status, SupportState
from bookings.models import Booking, LateChange
from calendars.enums import ClaimKind
from calendars.models import Claim
from tests import factories

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
SIDES = [(CLIENT, PROVIDER, "user", "expert"), (PROVIDER, CLIENT, "expert", "user")]
RULES = Policy(provider_made="needs_client", answer_window_hours=72, max_times=3, logistics="manual", completion="both")


def times(*starts, minutes=30, price=30):
    return [TimeOnTable(start, minutes, price) for start in starts]


@pytest.fixture
def rules(scene):
    """The tenant's rules, with changes."""

    def rules(**changes):
        adopt_policy(policy=replace(RULES, **changes))

    rules()
    return rules


@pytest.fixture
def do(scene, rules):
    """Do something to a booking as anybody."""
    staff = factories.member("Sam Support", roles=(Role.STAFF,))

    def do(booking, action, actor, now=None, **details):
        by = {CLIENT: booking.client, PROVIDER: booking.provider.member, STAFF: staff}.get(actor)
        if actor == STAFF:
            details = {"reason_text": "Both asked us", **details}
        return services.perform(booking=booking, action=action, actor=actor, by=by, now=now or scene.now, **details)

    return do


@pytest.fixture
def begin(scene, rules):
    """Begin a booking for Kim, as Ana unless said otherwise."""

    def begin(action, *starts, actor=PROVIDER, **more):
        return services.begin(
            action=action, actor=actor, client=scene.kim, service=scene.service, offer=times(*starts),
            now=more.pop("now", scene.now), **more,
        )  # fmt: skip

    return begin


@pytest.fixture
def agreed(ask, do, at):
    """Agreed for Wednesday at ten."""
    return do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))


def names(booking):
    return list(booking.events.values_list("name", flat=True))


def states(booking):
    return [(row.made_by, row.state) for row in booking.proposals.order_by("number")]


def held(booking, kind):
    rows = Claim.objects.filter(reference=booking.reference, kind=kind, calendar=booking.provider.calendar)
    return sorted(row.during.lower for row in rows)


def refusal_of(call, *args, **kwargs):
    with pytest.raises(services.Refused) as refused:
        call(*args, **kwargs)
    return refused.value.refusal


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


# --- another date for what is agreed ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("asks", "answers", "asker", "answerer"), SIDES)
def test_the_agreed_time_stands_until_the_other_one_is_accepted(agreed, do, at, asks, answers, asker, answerer):
    """T23-T25, S4.25, S4.29-S4.33, B9: the old stays blocked beside the new; both change places in one commit."""
    booking = do(agreed, Action.SUGGEST, asks, offer=times(at(26, 10), at(27, 10)))
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, at(25, 10))
    assert names(booking)[-2:] == [f"Alternative date selected by {asker}", f"Approved by {asker}"]
    assert (held(booking, ClaimKind.SESSION), held(booking, ClaimKind.ASKED)) == (
        [at(25, 10)],
        [at(26, 10), at(27, 10)],
    )
    booking = do(booking, Action.ACCEPT, answers, start=at(27, 10))
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, at(27, 10))
    assert names(booking)[-1] == f"Approval of alternative date by {answerer}"
    assert (held(booking, ClaimKind.SESSION), held(booking, ClaimKind.ASKED)) == ([at(27, 10)], [])
    assert booking.events.last().data["was"] == at(25, 10).isoformat()
    assert booking.calendar_sequence == 1


@pytest.mark.parametrize(
    ("action", "by_asker", "state", "name"),
    [
        (Action.DECLINE, False, ProposalState.DECLINED, "{Answers} rejection of alternate appointment"),  # T26, S4.34
        (Action.WITHDRAW, True, ProposalState.WITHDRAWN, "{Asks} canceled alternate date"),  # T27, S4.37
    ],
)
@pytest.mark.parametrize(("asks", "answers", "asker", "answerer"), SIDES)
def test_without_the_other_date_the_agreed_one_goes_ahead(
    agreed, do, at, asks, answers, asker, answerer, action, by_asker, state, name
):
    """Decisions 6, S4.35: only what was held for the alternative is given back."""
    booking = do(agreed, Action.SUGGEST, asks, offer=times(at(26, 10)))
    booking = do(booking, action, asks if by_asker else answers)
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, at(25, 10))
    assert names(booking)[-1] == name.format(Answers=answerer.title(), Asks=asker.title())
    assert states(booking)[-1] == (asks, state)
    assert (held(booking, ClaimKind.SESSION), held(booking, ClaimKind.ASKED)) == ([at(25, 10)], [])


def test_an_alternative_lapses_at_the_agreed_start(agreed, do, at, scene):
    """T28, S4.42: whatever the window says."""
    booking = do(agreed, Action.SUGGEST, CLIENT, now=at(24, 10), offer=times(at(27, 10)))
    assert booking.proposals.last().answer_by == at(25, 10)
    assert services.expire_overdue(tenant=scene.tenant, now=at(25, 10)) == 0
    assert services.expire_overdue(tenant=scene.tenant, now=at(25, 10) + timedelta(seconds=1)) == 1
    booking.refresh_from_db()
    assert (booking.status, names(booking)[-1]) == (Status.CONFIRMED, "Alternative date lapsed")
    assert (held(booking, ClaimKind.SESSION), held(booking, ClaimKind.ASKED)) == ([at(25, 10)], [])


def test_a_counter_proposal_takes_the_place_of_the_first(agreed, do, at):
    """requirements.md 3.6, 2: never two open ones."""
    booking = do(agreed, Action.SUGGEST, CLIENT, offer=times(at(26, 10)))
    booking = do(booking, Action.SUGGEST, PROVIDER, offer=times(at(27, 10)))
    assert states(booking)[1:] == [(CLIENT, ProposalState.SUPERSEDED), (PROVIDER, ProposalState.OPEN)]
    assert held(booking, ClaimKind.ASKED) == [at(27, 10)]


def test_an_alternative_that_overlaps_the_agreed_time_itself_is_possible(agreed, do, at):
    """B1: a booking does not clash with itself."""
    booking = do(agreed, Action.SUGGEST, CLIENT, offer=times(at(25, 10, 15)))
    booking = do(booking, Action.ACCEPT, PROVIDER, start=at(25, 10, 15))
    assert held(booking, ClaimKind.SESSION) == [at(25, 10, 15)]


def test_a_lost_alternative_leaves_the_agreed_time(agreed, ask, do, at):
    """B9, F62: somebody else got the new time meanwhile."""
    booking = do(agreed, Action.SUGGEST, PROVIDER, offer=times(at(26, 10)))
    lena = factories.member("Lena Hartmann")
    rival = services.begin(
        action=Action.INVITE, actor=PROVIDER, client=lena, service=booking.service, offer=times(at(26, 10)),
        now=at(23, 10), clash_accepted=True,
    )  # fmt: skip
    do(rival, Action.ACCEPT, CLIENT, start=at(26, 10))
    refusal = refusal_of(do, booking, Action.ACCEPT, CLIENT, start=at(26, 10))
    assert refusal.sentence == "Ana Nowak has agreed to something else at that time. Choose another time."
    booking.refresh_from_db()
    assert (booking.status, booking.starts_at) == (Status.CONFIRMED, at(25, 10))
    assert held(booking, ClaimKind.SESSION) == [at(25, 10)]


@pytest.mark.parametrize(("who", "_other", "name", "_name"), SIDES)
def test_where_moves_are_direct_one_word_moves(rules, ask, do, at, who, _other, name, _name):
    """T32, S3.13, S3.14; what was on the table is void."""
    rules(reschedule="direct")
    booking = do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))
    booking = do(booking, Action.RESCHEDULE, who, offer=times(at(26, 11)), reason_text="A clash")
    assert (booking.starts_at, names(booking)[-1]) == (at(26, 11), f"Rescheduled by {name}")
    assert held(booking, ClaimKind.SESSION) == [at(26, 11)]


def test_staff_amend_what_has_begun(rules, ask, do, at):
    """requirements.md 3.4: the two can change nothing from the start on (S4.42); staff still move what nobody came to."""
    booking = do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))
    refused = refusal_of(do, booking, Action.RESCHEDULE, CLIENT, offer=times(at(27, 10)), now=at(25, 10))
    assert refused.code == "started"
    booking = do(booking, Action.AMEND, STAFF, offer=times(at(27, 10)), on_behalf_of=CLIENT, now=at(25, 10))
    assert booking.starts_at == at(27, 10)


def test_staff_amend_and_settle_the_wish(rules, ask, do, at):
    """T33, S1.18, S1.19, PG-35b: length and price, too; any open proposal is void."""
    rules(reschedule="via_staff")
    booking = do(ask(at(25, 10)), Action.ACCEPT, PROVIDER, start=at(25, 10))
    booking = do(booking, Action.ASK_SUPPORT, CLIENT, message="We agreed on Friday.", offer=times(at(27, 10)))
    wish = booking.support_requests.get()
    assert (wish.state, wish.starts, wish.made_by) == (SupportState.OPEN, [at(27, 10)], CLIENT)
    booking = do(booking, Action.AMEND, STAFF, offer=times(at(27, 10), minutes=60, price=50), on_behalf_of=CLIENT)
    assert (booking.starts_at, booking.minutes, booking.price) == (at(27, 10), 60, 50)
    assert names(booking)[-2:] == ["Change asked for by user", "Amended by staff"]
    wish.refresh_from_db()
    assert (wish.state, wish.answer) == (SupportState.DONE, "Both asked us")
    assert held(booking, ClaimKind.SESSION) == [at(27, 10)]


def test_a_wish_is_answered_even_when_its_booking_is_over(agreed, do, at):
    """PG-35b: it outlives a cancellation, and its asker hears why nothing was changed."""
    booking = do(agreed, Action.ASK_SUPPORT, CLIENT, message="We agreed on Friday.")
    assert refusal_of(do, booking, Action.ASK_SUPPORT, PROVIDER, message="Me, too.").code == "asked_already"
    booking = do(booking, Action.CANCEL, CLIENT)
    booking = do(booking, Action.REFUSE_SUPPORT, STAFF)
    assert (booking.status, names(booking)[-1]) == (Status.CANCELLED, "Left as it is by staff")
    assert booking.support_requests.get().state == SupportState.REFUSED


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


# --- rivals, and the world that moves on -----------------------------------------------------------------------------


@pytest.fixture
def open_service(scene, rules):
    """A service whose asked times others still see (D11)."""
    return factories.service(scene.ana, "Open", hides_asked_times=False)


def test_requests_whose_every_time_is_taken_are_closed(open_service, ask, do, at, scene):
    """D11, decisions 15: only where no time is left; safe to run twice."""
    winner = ask(at(25, 10), service=open_service)
    loser = ask(at(25, 10), service=open_service, client=factories.member("Lena Hartmann"))
    lucky = ask(at(25, 10), at(26, 10), service=open_service, client=factories.member("Rui Tanaka"))
    do(winner, Action.ACCEPT, PROVIDER, start=at(25, 10), clash_accepted=True)
    for closed in (1, 0):
        assert services.close_rivals(booking_id=winner.pk, tenant=scene.tenant, now=scene.now) == closed
    loser.refresh_from_db()
    lucky.refresh_from_db()
    assert (loser.status, names(loser)[-1], states(loser)) == (
        Status.DECLINED, "Times taken", [(CLIENT, ProposalState.VOID)],
    )  # fmt: skip
    assert lucky.status == Status.PENDING
    assert held(loser, ClaimKind.ASKED) == []


def test_room_around_a_session_takes_times_too(open_service, ask, do, at, scene):
    """D11 with buffers: accepting would be refused, so it is closed."""
    open_service.buffer_after = 30
    open_service.save()
    winner = ask(at(25, 10), service=open_service)
    loser = ask(at(25, 10, 30), service=open_service, client=factories.member("Lena Hartmann"))
    do(winner, Action.ACCEPT, PROVIDER, start=at(25, 10), clash_accepted=True)
    assert services.close_rivals(booking_id=winner.pk, tenant=scene.tenant, now=scene.now) == 1
    loser.refresh_from_db()
    assert loser.status == Status.DECLINED


def test_a_provider_who_is_somebodys_client_has_that_time_no_more(open_service, ask, do, at, scene):
    """D11, decisions 14: one person's two roles share one time."""
    ben = factories.provider("Ben Roth", now=scene.now)
    loser = ask(at(25, 10), service=open_service)
    winner = ask(at(25, 10), service=factories.service(ben, hides_asked_times=False), client=scene.ana.member)
    do(winner, Action.ACCEPT, PROVIDER, start=at(25, 10))
    assert services.close_rivals(booking_id=winner.pk, tenant=scene.tenant, now=scene.now) == 1
    loser.refresh_from_db()
    assert loser.status == Status.DECLINED


def test_time_that_only_warns_closes_nothing(open_service, ask, do, at, scene):
    """D11: blocked time is the provider's to weigh."""
    winner = ask(at(25, 12), service=open_service)
    waits = ask(at(25, 10), service=open_service, client=factories.member("Lena Hartmann"))
    do(winner, Action.ACCEPT, PROVIDER, start=at(25, 12))
    Claim.objects.create(
        calendar=scene.ana.calendar, kind=ClaimKind.BLOCKED, during=(at(25, 10), at(25, 13)), reference="block:1"
    )
    assert services.close_rivals(booking_id=winner.pk, tenant=scene.tenant, now=scene.now) == 0
    waits.refresh_from_db()
    assert waits.status == Status.PENDING


def test_a_page_that_shows_less_than_happened_changes_nothing(ask, do, at):
    """ux.md 2.0: the hidden number of the last line."""
    booking = ask(at(25, 10))
    do(booking, Action.SUGGEST, PROVIDER, offer=times(at(26, 10)), seen=1)
    refusal = refusal_of(do, booking, Action.SUGGEST, PROVIDER, offer=times(at(27, 10)), seen=1)
    assert refusal.is_conflict
    assert refusal.sentence == (
        "This booking changed since you opened the page. Look at it as it is now, then decide again. Nothing was changed."
    )
    assert do(booking, Action.ACCEPT, CLIENT, start=at(26, 10), seen=3).status == Status.CONFIRMED


# --- both changes of clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "start"),
    [
        (datetime(2026, 10, 23, 9, tzinfo=UTC), datetime(2026, 10, 26, 9, tzinfo=UTC)),  # clocks go back on the 25th
        (datetime(2027, 3, 26, 9, tzinfo=UTC), datetime(2027, 3, 29, 9, tzinfo=UTC)),  # clocks go forward on the 28th
    ],
    ids=["back", "forward"],
)
def test_deadlines_are_elapsed_hours_across_a_change_of_clocks(scene, rules, do, now, start):
    """Decisions 9, 10, 3.6 no. 11: 48 hours are 48 hours, whatever the clock on the wall says."""
    rules(answer_window_hours=72, answer_lead_hours=24, provider_cancel="direct_with_form_under")
    offer = times(start)
    booking = services.begin(
        action=Action.INVITE, actor=PROVIDER, client=scene.kim, service=scene.service, offer=offer, now=now
    )
    lead = start - timedelta(hours=24)
    assert booking.proposals.get().answer_by == lead
    late = refusal_of(do, booking, Action.ACCEPT, CLIENT, start=start, now=lead + timedelta(seconds=1))
    assert late.code == "too_late"
    booking = do(booking, Action.ACCEPT, CLIENT, start=start, now=lead)
    threshold = start - timedelta(hours=48)
    assert services.facts_about(booking, action=Action.CANCEL, actor=PROVIDER, now=threshold).needs_form is False
    just_after = threshold + timedelta(seconds=1)
    assert services.facts_about(booking, action=Action.CANCEL, actor=PROVIDER, now=just_after).needs_form is True
