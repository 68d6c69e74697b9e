"""Another date for what is agreed, by either side, staff or the clock; until then the agreed time stands (T23-T33, B9)."""

from datetime import timedelta

import pytest

from bookings import services
from bookings.enums import Action, ProposalState, Status, SupportState
from calendars.enums import ClaimKind
from tests import factories

from .negotiating import CLIENT, PROVIDER, STAFF, held, names, refusal_of, states, times

SIDES = [(CLIENT, PROVIDER, "user", "expert"), (PROVIDER, CLIENT, "expert", "user")]


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
