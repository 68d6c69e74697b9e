"""Staff change the price of what is open: the hold follows, the table follows, and each is told (T34, F88, L8, L10)."""

from dataclasses import replace

import pytest

from accounts.enums import Role
from accounts.presets import PRESETS
from accounts.services import adopt_policy
from bookings import services, workflow
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, CreditStatus, Status
from bookings.models import ProposalTime
from credits import queries
from credits import services as wallets
from tests import factories

from .test_credits import broken

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM


@pytest.fixture
def scene(scene):
    """Kim has 100 credits and a session costs 30; people arrange the rest themselves."""
    adopt_policy(policy=replace(PRESETS["mentors"].policy, logistics="manual", provider_made="needs_client"))
    scene.kim = factories.member("Kim Okafor", credits=100)
    scene.staff = factories.member("Sam Doyle", roles=(Role.STAFF,))
    scene.owner = factories.member("Priya Shah", roles=(Role.OWNER,))
    return scene


@pytest.fixture
def has(scene):
    """What Kim may use and has held."""

    def has():
        kim = queries.balances(scene.kim)
        return kim.available, kim.held

    return has


@pytest.fixture
def price(scene):
    """Have staff change the price; afterwards every law of the books holds."""

    def price(booking, amount, by=None, **more):
        more = {"reason_text": "As promised", "now": scene.now, **more}
        done = services.perform(
            booking=booking, action=Action.CHANGE_PRICE, actor=STAFF, by=by or scene.staff, new_price=amount, **more
        )
        broken(scene.now)
        return done

    return price


@pytest.fixture
def agreed(ask, act, at):
    return act(ask(at(26, 10)), Action.ACCEPT, start=at(26, 10))


def refusal_of(call, *args, **more):
    with pytest.raises(services.Refused) as refused:
        call(*args, **more)
    refusal = refused.value.refusal
    return refusal.code, refusal.sentence


def on_table(booking):
    rows = ProposalTime.objects.filter(proposal__booking=booking, proposal__state="open")
    return sorted(rows.values_list("price", flat=True))


def offer(*starts, price=30):
    return [TimeOnTable(start, 30, price) for start in starts]


# --- what is held follows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "left", "credit_status"),
    [
        (20, (80, 20), CreditStatus.BLOCKED),
        (45, (55, 45), CreditStatus.BLOCKED),
        (100, (0, 100), CreditStatus.BLOCKED),
        (0, (100, 0), CreditStatus.RETURNED),
    ],
)
def test_what_is_held_follows_the_price_of_what_is_agreed(agreed, price, has, amount, left, credit_status):
    booking = price(agreed, amount)
    assert (booking.price, booking.credit_status, has()) == (amount, credit_status, left)
    assert (booking.status, booking.starts_at, booking.calendar_sequence) == (Status.CONFIRMED, agreed.starts_at, 0)
    event = booking.events.last()
    assert (event.name, event.reason_text) == ("Price changed by staff", "As promised")
    assert event.data["price_change"] == {"was": 30, "now": amount}
    assert event.data["credits"] == {"held": amount, "before": 30}


def test_it_can_go_up_again_from_nothing(agreed, price, has):
    booking = price(price(agreed, 0), 25)
    assert (booking.price, booking.credit_status, has()) == (25, CreditStatus.BLOCKED, (75, 25))


def test_what_was_free_of_charge_is_held_from_then_on(ask, act, at, scene, price, has):
    service = factories.service(scene.ana, "First talk", price=0)
    booking = act(ask(at(26, 10), service=service), Action.ACCEPT, start=at(26, 10))
    assert price(booking, 25).credit_status == CreditStatus.BLOCKED
    assert has() == (75, 25)


def test_too_few_credits_are_said_in_numbers_and_nothing_moves(agreed, price, has):
    assert refusal_of(price, agreed, 101) == (
        "too_few",
        "Kim Okafor needs 1 more credit for this. Nothing was changed.",
    )
    agreed.refresh_from_db()
    assert (agreed.price, agreed.last_sequence, has()) == (30, 2, (70, 30))


def test_what_is_spent_afterwards_is_the_new_price(agreed, price, act, scene):
    """T37, L8."""
    booking = price(agreed, 20)
    for side in (PROVIDER, CLIENT):
        act(booking, Action.COMPLETE, side, now=booking.ends_at)
    assert (queries.balances(scene.kim).available, queries.balances(scene.ana.member).earned) == (80, 20)


# --- what lies on the table -----------------------------------------------------------------------------------


def test_a_request_costs_the_new_price_when_it_is_accepted(ask, act, at, price, has):
    booking = price(ask(at(26, 10)), 20)
    assert (booking.status, has(), on_table(booking)) == (Status.PENDING, (80, 20), [20])
    booking = act(booking, Action.ACCEPT, start=at(26, 10))
    assert (booking.price, has()) == (20, (80, 20))


def test_a_request_that_was_free_of_charge_is_held_at_once(ask, at, scene, price, has):
    """Decisions 18: who asks commits."""
    booking = price(ask(at(26, 10), service=factories.service(scene.ana, "First talk", price=0)), 25)
    assert (booking.credit_status, has()) == (CreditStatus.BLOCKED, (75, 25))


def test_who_is_invited_has_nothing_held_before_they_accept(scene, act, at, price, has):
    booking = services.begin(
        action=Action.INVITE, actor=PROVIDER, client=scene.kim, service=scene.service, offer=offer(at(26, 10)), now=scene.now
    )  # fmt: skip
    booking = price(booking, 20)
    assert (booking.credit_status, has(), on_table(booking)) == (CreditStatus.NONE, (100, 0), [20])
    booking = act(booking, Action.ACCEPT, CLIENT, start=at(26, 10))
    assert (booking.price, has()) == (20, (80, 20))


def test_other_times_of_a_request_cost_the_new_price_whatever_they_cost(ask, act, at, price, has):
    booking = act(ask(at(26, 10)), Action.SUGGEST, offer=offer(at(27, 10), price=40))
    booking = price(booking, 35)
    assert (has(), on_table(booking)) == ((65, 35), [35])
    assert booking.events.last().data["price_change"] == {"was": 40, "now": 35}


@pytest.mark.parametrize(("costs", "then"), [(30, 20), (50, 50)])
def test_another_date_follows_unless_it_has_a_price_of_its_own(agreed, act, at, price, costs, then):
    booking = act(agreed, Action.SUGGEST, offer=offer(at(27, 10), price=costs))
    booking = price(booking, 20)
    assert (booking.price, on_table(booking)) == (20, [then])
    assert act(booking, Action.ACCEPT, CLIENT, start=at(27, 10)).price == then


# --- what waits for credits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "left"), [(20, (0, 20)), (0, (20, 0))])
def test_what_waits_for_credits_goes_on_when_they_suffice(scene, ask, at, price, has, amount, left):
    """Decisions 19, T7c: within a minute, like after a purchase."""
    wallets.hold(member=scene.kim, amount=80, reference="other", key="1", now=scene.now)
    booking = ask(at(26, 10))
    assert booking.status == Status.WAITING
    booking = price(booking, amount)
    assert (booking.status, booking.price, has()) == (Status.WAITING, amount, (20, 80))
    assert services.settle_waiting(tenant=scene.tenant, now=scene.now) == 1
    booking.refresh_from_db()
    assert (booking.status, booking.price, has()) == (Status.PENDING, amount, (left[0], 80 + left[1]))
    broken(scene.now)


def test_what_waits_may_cost_more_and_waits_on(scene, ask, at, price):
    wallets.hold(member=scene.kim, amount=80, reference="other", key="1", now=scene.now)
    booking = ask(at(26, 10))
    pay_by = booking.pay_by
    booking = price(booking, 50)
    assert (booking.status, booking.pay_by, booking.credit_status) == (Status.WAITING, pay_by, CreditStatus.NONE)
    assert services.settle_waiting(tenant=scene.tenant, now=scene.now) == 0


# --- who, and when not ----------------------------------------------------------------------------------------


def test_more_than_the_limit_is_an_owners_to_decide(agreed, price, scene, has):
    """L10: today's limit of the marketplace, for one of the staff; an owner answers for it."""
    adopt_policy(policy=replace(PRESETS["mentors"].policy, adjust_alone_limit=9))
    assert refusal_of(price, agreed, 20) == (
        "over_limit",
        "One of the staff decides about 9 credits at most, and this is about 10. Ask an owner to do it.",
    )
    assert price(agreed, 21).price == 21
    assert price(agreed, 0, by=scene.owner).price == 0
    assert has() == (100, 0)


def test_a_reason_is_needed(agreed, price):
    assert refusal_of(price, agreed, 20, reason_text=" ")[0] == "reason_text_missing"


@pytest.mark.parametrize("actor", [CLIENT, PROVIDER, SYSTEM])
def test_only_staff_change_it(agreed, scene, actor):
    who = {"actor": actor, "by": {CLIENT: scene.kim, PROVIDER: scene.ana.member}.get(actor)}
    call = {"booking": agreed, "action": Action.CHANGE_PRICE, "new_price": 20, "reason_text": "x", "now": scene.now}
    assert refusal_of(services.perform, **who, **call) == ("not_yours", "Only staff can do this.")


def test_what_has_ended_keeps_its_price(agreed, act, price):
    act(agreed, Action.CANCEL, CLIENT, reason_text="Ill", consequences_accepted=True)
    assert refusal_of(price, agreed, 20)[0] == "moved_on"


def test_a_page_that_is_out_of_date_changes_nothing(agreed, price):
    """409, like every step."""
    assert refusal_of(price, agreed, 20, seen=1)[0] == "changed"


def test_the_same_facts_foretell_it(agreed, scene):
    facts = services.facts_about(
        agreed, action=Action.CHANGE_PRICE, actor=STAFF, by=scene.staff, now=scene.now, new_price=45
    )
    said = [line.sentence for line in workflow.preview(services.with_balance(facts, agreed))]
    assert said[:2] == [
        "It costs 45 credits instead of 30.",
        "15 credits are held of what Kim Okafor has.",
    ]
