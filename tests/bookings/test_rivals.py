"""Pairs of rival moves by real threads through the services: always one order, no deadlock, and the laws hold (F61, F62).

Each pair meets once; RIVAL_ROUNDS=500 lets it meet as often as the bar of F61 and F62 says, in a new marketplace each time.
"""

import os
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from accounts.enums import Role
from accounts.policies import Policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings import services
from bookings.context import Refusal, TimeOnTable
from bookings.enums import Action, Actor, Status
from bookings.models import Booking
from calendars.models import Claim
from marketplace import queries as marketplace
from tests import factories
from tests.bookings.rivals import at_once, deadlocks
from tests.simulation import laws
from tests.simulation.world import World

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
RULES = Policy(
    provider_made="needs_client",
    max_times=3,
    answer_window_hours=72,
    completion="both",
    hides_asked_times=False,
    price_unit="credits",
)
GOOD = {"clash_accepted": True, "consequences_accepted": True, "reason_text": "I am ill", "message": "Please."}
MOMENT = timedelta(milliseconds=5)


def rules(shop, **changes):
    with tenant_scope(shop.tenant):
        adopt_policy(policy=replace(RULES, **changes))


def at(shop, days=0, minutes=0):
    return shop.start + timedelta(days=days, minutes=minutes)


def offer(shop, *starts):
    return [TimeOnTable(start, shop.service.minutes, shop.service.price) for start in starts]


def move(shop, booking, action, actor, now=None, **details):
    """A call that does it; it gives back the booking, or the refusal."""

    def call():
        with tenant_scope(shop.tenant):
            loaded = Booking.objects.select_related("provider__member", "client__user", "service", "policy_version")
            fresh = loaded.get(pk=booking.pk)
            by = {CLIENT: fresh.client, PROVIDER: fresh.provider.member, STAFF: shop.staff}.get(actor)
            try:
                return services.perform(
                    booking=fresh, action=action, actor=actor, by=by, now=now or shop.now, **{**GOOD, **details}
                )
            except services.Refused as refused:
                return refused.refusal

    return call


def ask(shop, *starts, client=None, service=None):
    with tenant_scope(shop.tenant):
        return services.request_session(
            client=client or shop.kim, service=service or shop.service, starts=starts, now=shop.now
        )


def agree(shop, start, **more):
    booking = ask(shop, start, **more)
    assert not isinstance(move(shop, booking, Action.ACCEPT, PROVIDER, start=start)(), Refusal)
    return booking


def race(shop, *calls):
    """Run them at one instant; how many were done, after a look at every law."""
    before = deadlocks()
    answers = at_once(*calls)
    assert deadlocks() == before
    for answer in answers:
        if isinstance(answer, Refusal):
            assert answer.sentence.endswith(".")
    look(shop)
    return sum(not isinstance(answer, Refusal) for answer in answers)


def look(shop):
    """Every law holds."""
    with tenant_scope(shop.tenant):
        keys = {pk: number for number, pk in enumerate(Booking.objects.values_list("pk", flat=True))}
        laws.hold(World.load(keys))


@pytest.fixture(params=range(int(os.environ.get("RIVAL_ROUNDS", "1"))), autouse=True)
def round_(request):
    """One meeting of each pair."""
    return request.param


@pytest.fixture
def rivals(shop):
    """The shop with Kim, Lena and staff, and Ben who could take over what is Ana's, under rules that let both sides propose."""
    with tenant_scope(shop.tenant):
        shop.kim, shop.lena = factories.member("Kim Okafor"), factories.member("Lena Hartmann")
        shop.staff = factories.member("Sam Support", roles=(Role.STAFF,))
        factories.service(factories.provider("Ben Roth", now=shop.now), hides_asked_times=False)
        [shop.bens] = marketplace.offered_by("Ben Roth")
    rules(shop)
    return shop


# Each is (action, actor, day of the time it chooses or offers).
ON_A_REQUEST = [
    (Action.ACCEPT, PROVIDER, 0),
    (Action.DECLINE, PROVIDER, 0),
    (Action.SUGGEST, PROVIDER, 1),
    (Action.SUGGEST, CLIENT, 2),
    (Action.WITHDRAW, CLIENT, 0),
    (Action.ACCEPT, STAFF, 0),
    (Action.CANCEL, STAFF, 0),
    (Action.REASSIGN, STAFF, 0),
    (Action.CHANGE_PRICE, STAFF, 0),
]
ON_ANOTHER_DATE = [
    (Action.ACCEPT, CLIENT, 1),
    (Action.DECLINE, CLIENT, 0),
    (Action.SUGGEST, CLIENT, 2),
    (Action.SUGGEST, PROVIDER, 5),
    (Action.WITHDRAW, PROVIDER, 0),
    (Action.CANCEL, PROVIDER, 0),
    (Action.CANCEL, CLIENT, 0),
    (Action.AMEND, STAFF, 6),
    (Action.REASSIGN, STAFF, 0),
    (Action.CHANGE_PRICE, STAFF, 0),
]
ENDS_NOTHING = (Action.REASSIGN, Action.CHANGE_PRICE)


def call_of(shop, booking, what, **more):
    action, actor, day = what
    time = at(shop, day)
    said = {
        Action.SUGGEST: {"offer": offer(shop, time)},
        Action.AMEND: {"offer": offer(shop, time)},
        Action.REASSIGN: {"new_service": shop.bens},
        Action.CHANGE_PRICE: {"new_price": 20},
    }
    return move(shop, booking, action, actor, **said.get(action, {"start": time}), **more)


def name_of(pair):
    return "-".join(f"{action}_{actor}" for action, actor, *_ in pair)


@pytest.mark.parametrize("pair", [*combinations(ON_A_REQUEST, 2)], ids=name_of)
def test_rivals_on_a_request(site, rivals, pair):
    """F61: who saw the same page, only one of them acts; the other is told. Later clocks never come first (B5)."""
    booking = ask(rivals, at(rivals))
    first, second = (call_of(rivals, booking, what, seen=1, now=rivals.now + n * MOMENT) for n, what in enumerate(pair))
    assert race(rivals, first, second) == 1


@pytest.mark.parametrize("pair", [*combinations(ON_A_REQUEST, 2)], ids=name_of)
def test_rivals_on_a_request_without_a_page(site, rivals, pair):
    """F61: both at once in either order; whatever is legal after the first may follow it."""
    booking = ask(rivals, at(rivals))
    first, second = (call_of(rivals, booking, what, now=rivals.now + n * MOMENT) for n, what in enumerate(pair))
    assert race(rivals, first, second) >= 1


@pytest.mark.parametrize("pair", [*combinations(ON_ANOTHER_DATE, 2)], ids=name_of)
def test_rivals_on_another_date(site, rivals, pair):
    """F61, B9: cancel, accept, counter, amend at once; the agreed time is never lost on the way."""
    booking = agree(rivals, at(rivals))
    assert not isinstance(call_of(rivals, booking, (Action.SUGGEST, PROVIDER, 1))(), Refusal)
    first, second = (call_of(rivals, booking, what, now=rivals.now + n * MOMENT) for n, what in enumerate(pair))
    assert race(rivals, first, second) >= 1


def test_everybody_at_once(site, rivals):
    """F61: nine hands on a request, ten on what is agreed."""
    booking = ask(rivals, at(rivals))
    assert race(rivals, *(call_of(rivals, booking, what) for what in ON_A_REQUEST)) >= 1
    agreed = agree(rivals, at(rivals, 7), client=rivals.lena)
    assert race(rivals, *(call_of(rivals, agreed, what) for what in ON_ANOTHER_DATE)) >= 1


@pytest.mark.parametrize("what", ON_A_REQUEST, ids=lambda what: name_of([what]))
def test_the_clock_against_a_last_moment(site, rivals, what):
    """F61: whatever is done at the last instant, or the end of its time; both only of what leaves it unanswered (T34)."""
    booking = ask(rivals, at(rivals))
    done, expired = against_the_clock(rivals, call_of(rivals, booking, what, now=rivals.now + timedelta(hours=72)))
    if what[0] in ENDS_NOTHING:
        assert expired or not isinstance(done, Refusal)
    else:
        assert isinstance(done, Refusal) == bool(expired)
    with tenant_scope(rivals.tenant):
        booking.refresh_from_db()
        assert (booking.status == Status.EXPIRED) == bool(expired)


@pytest.mark.parametrize("what", ON_ANOTHER_DATE, ids=lambda what: name_of([what]))
def test_the_clock_against_the_last_moment_of_another_date(site, rivals, what):
    """F61, T28, B9: an answer or the end of its time, never both; what needs no open proposal may follow the end."""
    booking = agree(rivals, at(rivals))
    assert not isinstance(call_of(rivals, booking, (Action.SUGGEST, PROVIDER, 1))(), Refusal)
    done, lapsed = against_the_clock(rivals, call_of(rivals, booking, what, now=rivals.now + timedelta(hours=72)))
    answers = what[0] in (Action.ACCEPT, Action.DECLINE, Action.WITHDRAW)
    assert isinstance(done, Refusal) == (answers and bool(lapsed))


def against_the_clock(shop, call):
    """What the call gave back, and how many proposals the clock closed a second after their time at the same instant."""
    before, late = deadlocks(), shop.now + timedelta(hours=72, seconds=1)
    found = at_once(call, lambda: services.expire_overdue(tenant=shop.tenant, now=late))
    assert deadlocks() == before
    look(shop)
    return found


@pytest.mark.parametrize("turn", range(4))
def test_another_date_against_a_rival_agreement_on_that_time(site, rivals, turn):
    """F62: either, never both; the agreed time stays on refusal."""
    moving = agree(rivals, at(rivals))
    assert not isinstance(call_of(rivals, moving, (Action.SUGGEST, PROVIDER, 1))(), Refusal)
    rival = ask(rivals, at(rivals, 1), client=rivals.lena)
    calls = (
        move(rivals, moving, Action.ACCEPT, CLIENT, start=at(rivals, 1)),
        move(rivals, rival, Action.ACCEPT, PROVIDER, start=at(rivals, 1)),
    )
    assert race(rivals, *calls) == 1
    with tenant_scope(rivals.tenant):
        moving.refresh_from_db()
        rival.refresh_from_db()
        assert (moving.starts_at, rival.status) in [
            (at(rivals, 1), Status.PENDING), (at(rivals), Status.CONFIRMING),
        ]  # fmt: skip


@pytest.fixture
def bens_time(rivals):
    """Lena asked Ben for the time that Kim has with Ana; a call that accepts it."""
    asked = ask(rivals, at(rivals), client=rivals.lena, service=rivals.bens)
    return move(rivals, asked, Action.ACCEPT, PROVIDER, start=at(rivals))


@pytest.mark.parametrize("turn", range(4))
def test_giving_it_on_against_an_acceptance_of_that_time(site, rivals, bens_time, turn):
    """F62, B1, T34: Ben has one of the two at that time."""
    booking = agree(rivals, at(rivals))
    assert race(rivals, call_of(rivals, booking, (Action.REASSIGN, STAFF, 0)), bens_time) == 1


def change_hands(shop, anas, bens):
    """Staff give Ana's session to Ben and Ben's to Ana at one instant; how many of the two were done."""
    with tenant_scope(shop.tenant):
        [of_ana] = marketplace.offered_by("Ana Nowak")
    calls = (
        move(shop, anas, Action.REASSIGN, STAFF, new_service=shop.bens),
        move(shop, bens, Action.REASSIGN, STAFF, new_service=of_ana),
    )
    return race(shop, *calls)


def test_two_sessions_that_change_hands(site, rivals, bens_time):
    """Locks in one order, four calendars of which each takes three: no deadlock, and nobody has two at one time."""
    one = agree(rivals, at(rivals))
    other = bens_time()
    assert change_hands(rivals, one, other) == 0


def test_two_sessions_at_other_times_that_change_hands(site, rivals):
    one, other = agree(rivals, at(rivals)), agree(rivals, at(rivals, 1), client=rivals.lena, service=rivals.bens)
    assert change_hands(rivals, one, other) == 2


@pytest.mark.parametrize("turn", range(2))
def test_reopening_against_an_acceptance_of_that_time(site, rivals, turn):
    """F62, T34: the time is Kim's again, or Lena's."""
    booking = agree(rivals, at(rivals))
    assert not isinstance(call_of(rivals, booking, (Action.CANCEL, STAFF, 0))(), Refusal)
    asked = ask(rivals, at(rivals), client=rivals.lena)
    calls = (
        call_of(rivals, booking, (Action.REOPEN, STAFF, 0)),
        move(rivals, asked, Action.ACCEPT, PROVIDER, start=at(rivals)),
    )
    assert race(rivals, *calls) == 1


def test_reopening_twice(site, rivals):
    """T34: two of the staff at one moment; the other one reads who did it."""
    booking = agree(rivals, at(rivals))
    assert not isinstance(call_of(rivals, booking, (Action.CANCEL, STAFF, 0))(), Refusal)
    again = call_of(rivals, booking, (Action.REOPEN, STAFF, 0))
    assert race(rivals, again, again) == 1


def test_a_direct_move_against_an_acceptance_of_that_time(site, rivals):
    """F62, T32."""
    rules(rivals, reschedule="direct")
    moving, rival = agree(rivals, at(rivals)), ask(rivals, at(rivals, 1), client=rivals.lena)
    calls = (
        move(rivals, moving, Action.RESCHEDULE, PROVIDER, offer=offer(rivals, at(rivals, 1))),
        move(rivals, rival, Action.ACCEPT, PROVIDER, start=at(rivals, 1)),
    )
    assert race(rivals, *calls) == 1


def test_two_sessions_that_change_places(site, rivals):
    """Locks in one order: each wants the other's time; no deadlock, and nobody gets what is not free."""
    rules(rivals, reschedule="direct")
    one, two = agree(rivals, at(rivals)), agree(rivals, at(rivals, 1), client=rivals.lena)
    calls = (
        move(rivals, one, Action.RESCHEDULE, PROVIDER, offer=offer(rivals, at(rivals, 1))),
        move(rivals, two, Action.RESCHEDULE, PROVIDER, offer=offer(rivals, at(rivals))),
    )
    assert race(rivals, *calls) == 0


def test_one_client_and_two_providers_at_one_time(site, rivals):
    """Decisions 14, B1: nobody is in two places, clients neither."""
    with tenant_scope(rivals.tenant):
        ben = factories.provider("Ben Roth", now=rivals.now)
        other = factories.service(ben, hides_asked_times=False)
    mine, theirs = ask(rivals, at(rivals)), ask(rivals, at(rivals), service=other)
    calls = [move(rivals, booking, Action.ACCEPT, PROVIDER, start=at(rivals)) for booking in (mine, theirs)]
    assert race(rivals, *calls) == 1
    with tenant_scope(rivals.tenant):
        assert Claim.objects.filter(calendar__member=rivals.kim, kind="session").count() == 1


def test_a_booking_by_the_provider_against_an_acceptance_of_that_time(site, rivals):
    """F62, D16: what begins agreed queues at the same calendars."""
    rules(rivals, provider_made="confirmed")
    asked = ask(rivals, at(rivals))

    def book():
        with tenant_scope(rivals.tenant):
            try:
                return services.begin(
                    action=Action.BOOK, actor=PROVIDER, client=rivals.lena, service=rivals.service,
                    offer=offer(rivals, at(rivals)), now=rivals.now, clash_accepted=True,
                )  # fmt: skip
            except services.Refused as refused:
                return refused.refusal

    assert race(rivals, book, move(rivals, asked, Action.ACCEPT, PROVIDER, start=at(rivals))) == 1


@pytest.mark.parametrize(
    ("one", "other", "done"),
    [
        ((Action.COMPLETE, CLIENT), (Action.COMPLETE, PROVIDER), 2),
        ((Action.COMPLETE, CLIENT), (Action.NO_SHOW, PROVIDER), None),
        ((Action.NO_SHOW, CLIENT), (Action.NO_SHOW, PROVIDER), 1),
    ],
)
def test_both_say_at_once_how_it_went(site, rivals, one, other, done):
    """F61, D15: two who agree complete it together; two who don't have one order."""
    booking = agree(rivals, at(rivals))
    assert not isinstance(
        move(rivals, booking, Action.FINISH_SETUP, SYSTEM, setup_done=True)(), Refusal
    )  # fmt: skip
    over = at(rivals, 0, 60)
    found = race(rivals, *(move(rivals, booking, *what, now=over) for what in (one, other)))
    assert found == done or (done is None and found in (1, 2))


def test_one_key_makes_one_invitation(site, rivals):
    """F64: the same form twenty times at once."""

    def invite():
        with tenant_scope(rivals.tenant):
            return services.begin(
                action=Action.INVITE, actor=PROVIDER, client=rivals.kim, service=rivals.service,
                offer=offer(rivals, at(rivals)), now=rivals.now, request_key="the-same",
            ).pk  # fmt: skip

    assert len(set(at_once(*[invite] * 20))) == 1
    with tenant_scope(rivals.tenant):
        assert Booking.objects.count() == 1
