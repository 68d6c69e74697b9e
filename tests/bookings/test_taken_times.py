"""Times that somebody else has got meanwhile, pages that are out of date, and both changes of clocks (D11, decisions 15)."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings import services
from bookings.enums import Action, ProposalState, Status
from calendars.enums import ClaimKind
from calendars.models import Claim
from tests import factories

from .negotiating import CLIENT, PROVIDER, held, names, refusal_of, states, times

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


def test_an_answer_looks_at_the_time_it_chooses_whatever_else_is_sent_along(scene, ask, do, at):
    """B1: times belong to the actions that put some forward; the other one would be free."""
    mine, theirs = ask(at(25, 10)), ask(at(25, 10), service=factories.service(factories.provider("Ben Roth")))
    do(mine, Action.ACCEPT, PROVIDER, start=at(25, 10))
    refusal = refusal_of(do, theirs, Action.ACCEPT, PROVIDER, start=at(25, 10), offer=times(at(30, 10)))
    assert refusal.code == "other_busy"


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
