"""Credits follow a booking (decisions 18, 19): S4.11-12, S4.21-22, S4.32, S4.35, C13, C18, F63, F88, F89, B2, L8."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.enums import Role
from accounts.policies import CancelTier
from accounts.presets import PRESETS
from accounts.services import adopt_policy
from bookings import services, workflow
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor, CreditStatus, Status
from bookings.models import Booking
from calendars.models import Claim
from config.verification import laws
from credits import queries, verification
from credits import services as credits
from credits.models import Hold
from notifications.models import EmailMessage
from tests import factories

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
DONE = {"consequences_accepted": True, "reason_text": "I am ill"}
REASONS = {Action.DECLINE: "time", Action.CANCEL: "ill"}


@pytest.fixture
def scene(scene):
    """Kim has 100 credits and a session costs 30; Ana has earned nothing."""
    scene.kim = factories.member("Kim Okafor", credits=100)
    scene.staff = factories.member("Sam Doyle", roles=(Role.STAFF,))
    return scene


@pytest.fixture
def rules(scene):
    def rules(**changes):
        adopt_policy(policy=replace(PRESETS["mentors"].policy, **changes))

    return rules


@pytest.fixture
def has(scene):
    """What Kim may use and has held, and what Ana has earned."""

    def has():
        kim, ana = queries.balances(scene.kim), queries.balances(scene.ana.member)
        return kim.available, kim.held, ana.earned

    return has


@pytest.fixture
def do(act, scene):
    """Do something as anybody; afterwards every law of the books holds."""

    def do(booking, action, actor=PROVIDER, now=None, **details):
        by = {CLIENT: booking.client, PROVIDER: booking.provider.member, STAFF: scene.staff}.get(actor)
        done = services.perform(
            booking=booking,
            action=action,
            actor=actor,
            by=by,
            now=now or scene.now,
            **{**DONE, "reason_code": REASONS.get(action, "") if actor == PROVIDER else "", **details},
        )
        broken(scene.now)
        return done

    return do


def broken(now):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert verification.verify(laws(), now=now) == []


def credit_of(booking):
    booking.refresh_from_db()
    return booking.credit_status


def status_of(booking):
    booking.refresh_from_db()
    return booking.status


@pytest.fixture
def agreed(ask, do, at):
    """Agreed for Thursday at ten."""
    return do(ask(at(26, 10)), Action.ACCEPT, start=at(26, 10))


# --- held ---------------------------------------------------------------------------------------------------


def test_asking_holds_the_price(ask, at, has, scene):
    """S4.11, S4.32: once, whatever the number of times."""
    adopt_policy(policy=replace(PRESETS["mentors"].policy, max_times=3))
    booking = ask(at(25, 10), at(26, 10), at(27, 10))
    assert (status_of(booking), credit_of(booking), has()) == (Status.PENDING, CreditStatus.BLOCKED, (70, 30, 0))
    hold = Hold.objects.get(pk=booking.hold_id)
    assert (hold.amount, hold.reference, hold.state) == (30, booking.reference, "blocked")
    assert booking.events.get().data["credits"] == {"held": 30, "before": 0}


def test_where_nothing_costs_credits_none_move(ask, at, has, rules):
    rules(price_unit="none")
    booking = ask(at(26, 10))
    assert (credit_of(booking), booking.hold_id, has()) == (CreditStatus.NONE, None, (100, 0, 0))


def test_what_is_free_of_charge_holds_nothing(ask, at, has, scene):
    booking = ask(at(26, 10), service=factories.service(scene.ana, "First talk", price=0))
    assert (status_of(booking), credit_of(booking), has()) == (Status.PENDING, CreditStatus.NONE, (100, 0, 0))


def test_accepting_leaves_what_is_held(agreed, has):
    assert (status_of(agreed), credit_of(agreed), has()) == (Status.CONFIRMING, CreditStatus.BLOCKED, (70, 30, 0))


def offer(*starts, price=30):
    return [TimeOnTable(start, 30, price) for start in starts]


def test_an_invitation_holds_nothing_until_it_is_accepted(scene, at, has, do, rules):
    """Decisions 18: the client commits by accepting (T12, T13)."""
    booking = services.begin(
        action=Action.INVITE, actor=PROVIDER, client=scene.kim, service=scene.service, offer=offer(at(26, 10), price=40),
        now=scene.now,
    )  # fmt: skip
    assert (credit_of(booking), has()) == (CreditStatus.NONE, (100, 0, 0))
    do(booking, Action.ACCEPT, CLIENT, start=at(26, 10))
    assert (credit_of(booking), booking.price, has()) == (CreditStatus.BLOCKED, 40, (60, 40, 0))


@pytest.mark.parametrize(("price", "left"), [(45, (55, 45, 0)), (10, (90, 10, 0)), (30, (70, 30, 0))])
def test_what_is_held_moves_with_the_price(ask, at, do, has, price, left):
    """F88, T34: the difference is taken or comes back when the client agrees, not before."""
    booking = ask(at(26, 10))
    do(booking, Action.SUGGEST, PROVIDER, offer=offer(at(27, 10), price=price))
    assert has() == (70, 30, 0)
    do(booking, Action.ACCEPT, CLIENT, start=at(27, 10))
    assert (credit_of(booking), booking.price, has()) == (CreditStatus.BLOCKED, price, left)


def test_a_price_that_falls_to_nothing_comes_back(ask, at, do, has):
    booking = ask(at(26, 10))
    do(booking, Action.SUGGEST, PROVIDER, offer=offer(at(27, 10), price=0))
    do(booking, Action.ACCEPT, CLIENT, start=at(27, 10))
    assert (credit_of(booking), booking.price, has()) == (CreditStatus.RETURNED, 0, (100, 0, 0))


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.SUGGEST])
def test_a_difference_that_is_missing_is_refused_and_said(ask, at, do, has, action):
    """Requirements 3.6, 5: it stays on the table, and the client is told what is missing."""
    booking = ask(at(26, 10))
    do(booking, Action.SUGGEST, PROVIDER, offer=offer(at(27, 10), price=120))
    answer = {"start": at(27, 10)} if action == Action.ACCEPT else {"offer": offer(at(27, 14), price=120)}
    with pytest.raises(services.Refused) as refused:
        do(booking, action, CLIENT, **answer)
    assert refused.value.refusal.sentence == "You need 20 more credits for this. Add them first; nothing was changed."
    assert (credit_of(booking), has()) == (CreditStatus.BLOCKED, (70, 30, 0))


def test_another_date_of_what_is_agreed_leaves_the_hold(agreed, at, do, has):
    """S4.35, decisions 6: declined or accepted, the price stays the price."""
    do(agreed, Action.SUGGEST, CLIENT, offer=offer(at(27, 10)))
    do(agreed, Action.DECLINE, PROVIDER)
    assert (credit_of(agreed), has()) == (CreditStatus.BLOCKED, (70, 30, 0))
    do(agreed, Action.SUGGEST, PROVIDER, offer=offer(at(27, 14)))
    do(agreed, Action.ACCEPT, CLIENT, start=at(27, 14))
    assert (credit_of(agreed), has()) == (CreditStatus.BLOCKED, (70, 30, 0))


def test_what_became_free_of_charge_stays_so_whatever_is_said_of_it(ask, at, do, has, scene):
    """The hold that came back belongs to no outcome."""
    booking = ask(at(26, 10))
    do(booking, Action.SUGGEST, PROVIDER, offer=offer(at(27, 10), price=0))
    do(booking, Action.ACCEPT, CLIENT, start=at(27, 10))
    services.set_up(booking_id=booking.pk, now=scene.now)
    booking.refresh_from_db()
    later = booking.ends_at + timedelta(hours=1)
    do(booking, Action.NO_SHOW, PROVIDER, now=later)
    do(booking, Action.UNDO, PROVIDER, now=later)
    do(booking, Action.NO_SHOW, PROVIDER, now=later)
    do(booking, Action.COMPLETE, STAFF, now=later)
    assert (credit_of(booking), has()) == (CreditStatus.RETURNED, (100, 0, 0))


# --- returned ------------------------------------------------------------------------------------------------

ENDS_WITHOUT = {
    "declined (S4.11, S4.12)": (Action.DECLINE, PROVIDER, Status.DECLINED, {}),
    "withdrawn (C17)": (Action.WITHDRAW, CLIENT, Status.CANCELLED, {}),
    "declined by staff": (Action.DECLINE, STAFF, Status.DECLINED, {}),
    "cancelled by staff": (Action.CANCEL, STAFF, Status.CANCELLED, {}),
    "not answered": (Action.EXPIRE, SYSTEM, Status.EXPIRED, {"now": timedelta(days=10)}),
}


@pytest.mark.parametrize(("action", "actor", "status", "more"), ENDS_WITHOUT.values(), ids=ENDS_WITHOUT)
def test_a_request_that_ends_gives_everything_back(ask, at, do, has, scene, action, actor, status, more):
    booking = ask(at(26, 10))
    do(booking, action, actor, **{key: scene.now + later for key, later in more.items()})
    assert (status_of(booking), credit_of(booking), has()) == (status, CreditStatus.RETURNED, (100, 0, 0))
    assert booking.events.last().data["credits"] == {"returned": 30, "kept": 0, "to_provider": 0}


@pytest.mark.parametrize("hours", [49, 47, 1])
def test_an_expert_who_cancels_gives_everything_back(agreed, do, has, hours):
    """S4.21, S4.22: early or late."""
    do(agreed, Action.CANCEL, PROVIDER, now=agreed.starts_at - timedelta(hours=hours))
    assert (credit_of(agreed), has()) == (CreditStatus.RETURNED, (100, 0, 0))


@pytest.mark.parametrize(
    ("before", "status", "left"),
    [
        (timedelta(hours=48), CreditStatus.RETURNED, (100, 0, 0)),
        (timedelta(hours=48, minutes=-1), CreditStatus.PARTLY_CHARGED, (85, 0, 7)),
        (timedelta(minutes=1), CreditStatus.PARTLY_CHARGED, (85, 0, 7)),
    ],
)
def test_a_client_who_cancels_pays_by_the_tier(agreed, do, has, before, status, left):
    """C18, T21, T22: 50 % are kept below 48 hours, half of that is the expert's, fractions fall to the client."""
    do(agreed, Action.CANCEL, CLIENT, now=agreed.starts_at - before)
    assert (credit_of(agreed), has()) == (status, left)


def test_who_cancels_on_the_experts_wish_pays_nothing(agreed, do, has, rules, ask, at):
    """T20."""
    Booking.objects.filter(pk=agreed.pk).update(cancel_asked_at=agreed.created_at)
    agreed.refresh_from_db()
    do(agreed, Action.CANCEL, CLIENT, now=agreed.starts_at - timedelta(hours=1))
    assert (credit_of(agreed), has()) == (CreditStatus.RETURNED, (100, 0, 0))


def test_a_declined_request_that_is_taken_up_again_holds_anew(ask, at, do, has):
    """T29: the credits have come back; accepting takes them again."""
    booking = ask(at(26, 10))
    do(booking, Action.DECLINE)
    do(booking, Action.SUGGEST, PROVIDER, offer=offer(at(27, 10)))
    assert (credit_of(booking), has()) == (CreditStatus.RETURNED, (100, 0, 0))
    do(booking, Action.ACCEPT, CLIENT, start=at(27, 10))
    assert (credit_of(booking), has()) == (CreditStatus.BLOCKED, (70, 30, 0))


# --- spent ---------------------------------------------------------------------------------------------------


@pytest.fixture
def over(agreed, scene, do):
    """Set up, and an hour after its end."""
    services.set_up(booking_id=agreed.pk, now=scene.now)
    agreed.refresh_from_db()
    return agreed, agreed.ends_at + timedelta(hours=1)


def test_a_completed_session_is_earned(over, do, has):
    """T37."""
    booking, later = over
    do(booking, Action.COMPLETE, PROVIDER, now=later)
    assert (credit_of(booking), has()) == (CreditStatus.BLOCKED, (70, 30, 0)), "both have to say it (D15)"
    do(booking, Action.COMPLETE, CLIENT, now=later)
    assert (credit_of(booking), has()) == (CreditStatus.CHARGED, (70, 0, 30))


def test_a_client_who_does_not_come_pays_as_for_cancelling_at_the_last_moment(over, do, has):
    """T38."""
    booking, later = over
    do(booking, Action.NO_SHOW, PROVIDER, now=later)
    assert (credit_of(booking), has()) == (CreditStatus.PARTLY_CHARGED, (85, 0, 7))


def test_an_expert_who_does_not_come_earns_nothing(over, do, has):
    """T39: returned in full."""
    booking, later = over
    do(booking, Action.NO_SHOW, CLIENT, now=later)
    assert (credit_of(booking), has()) == (CreditStatus.RETURNED, (100, 0, 0))


def test_what_is_taken_back_is_held_again(over, do, has):
    """PG-32: until somebody says otherwise."""
    booking, later = over
    do(booking, Action.NO_SHOW, PROVIDER, now=later)
    do(booking, Action.UNDO, PROVIDER, now=later)
    assert (credit_of(booking), has()) == (CreditStatus.BLOCKED, (70, 30, 0))


def test_staff_decide_otherwise_and_the_credits_follow(over, do, has):
    """T41: from no-show to completed, and back."""
    booking, later = over
    do(booking, Action.NO_SHOW, PROVIDER, now=later)
    do(booking, Action.COMPLETE, STAFF, now=later)
    assert (credit_of(booking), has()) == (CreditStatus.CHARGED, (70, 0, 30))
    do(booking, Action.NO_SHOW, STAFF, now=later, absent=PROVIDER)
    assert (credit_of(booking), has()) == (CreditStatus.RETURNED, (100, 0, 0))


@pytest.fixture
def spent(over, do, ask, at):
    """Kim says that Ana did not come, and what came back is held for something else by now."""
    booking, later = over
    booking = do(booking, Action.NO_SHOW, CLIENT, now=later)
    ask(at(30, 10), service=factories.service(booking.provider, "Deep dive", minutes=60, price=90), now=later)
    return booking, later


TAKES_BACK = {
    "who said it (PG-32)": (Action.UNDO, CLIENT, "Ask support."),
    "staff (T41)": (Action.COMPLETE, STAFF, "Give what is missing first, then try again."),
}


@pytest.mark.parametrize(("action", "actor", "helps"), TAKES_BACK.values(), ids=TAKES_BACK)
def test_what_has_gone_elsewhere_can_not_be_taken_back(spent, do, has, action, actor, helps):
    """The page knows it as well as the service does (D-7), and nothing has changed."""
    booking, later = spent
    foretold = workflow.check(services.facts_about(booking, action=action, actor=actor, now=later))
    assert foretold.code == "credits_gone"
    assert foretold.sentence == (
        f"The credits for this are used for something else by now, so this can't be taken back. {helps} Nothing was changed."
    )
    with pytest.raises(services.Refused, match="used for something else"):
        do(booking, action, actor, now=later)
    assert (status_of(booking), credit_of(booking), has()) == (Status.NOSHOW, CreditStatus.RETURNED, (10, 90, 0))


def test_with_enough_credits_again_it_can_be_taken_back(spent, do, has, scene):
    """As soon as the credits are there, so is the way back."""
    booking, later = spent
    factories.purse(scene.kim, 20)
    do(booking, Action.UNDO, CLIENT, now=later)
    assert (credit_of(booking), has()) == (CreditStatus.BLOCKED, (0, 120, 0))


def test_tiers_that_keep_all_charge_all(agreed, do, has, rules):
    """Each booking keeps the rules it was made under (decisions 16)."""
    rules(client_cancel_tiers=(CancelTier(0, 0, 100),))
    do(agreed, Action.CANCEL, CLIENT, now=agreed.starts_at - timedelta(hours=1))
    assert has() == (85, 0, 7)


# --- waiting -------------------------------------------------------------------------------------------------


@pytest.fixture
def lena(scene):
    """10 credits, for what costs 30."""
    return factories.member("Lena Hartmann", credits=10)


def mails(booking):
    return sorted(EmailMessage.objects.filter(reference=booking.reference).values_list("kind", flat=True))


def top_up(scene, member, amount):
    credits.adjust(
        member=member, amount=amount, reason="Welcome", by=scene.staff, request_key=f"{amount}", now=scene.now
    )


def settle(scene, later=timedelta(0)):
    """The clock's work, outside of this test's scope."""
    return services.settle_waiting(tenant=scene.tenant, now=scene.now + later)


def test_too_few_credits_keep_the_time_and_wait(ask, at, scene, lena):
    """Decisions 19, S3.7: nobody has to answer yet, only the client is told; others don't get the time."""
    booking = ask(at(26, 10), client=lena)
    assert (status_of(booking), credit_of(booking)) == (Status.WAITING, CreditStatus.NONE)
    assert booking.pay_by == scene.now + timedelta(hours=24)
    assert mails(booking) == ["booking_waiting_client"]
    assert EmailMessage.objects.get().context["missing"] == 20
    assert queries.balances(lena).available == 10
    with pytest.raises(services.SlotGone):
        ask(at(26, 10))


def test_waiting_ends_with_the_last_time_asked_for(ask, at, lena, scene):
    booking = ask(at(24, 9), client=lena)
    assert booking.pay_by == at(24, 9)


def test_exactly_enough_does_not_wait(ask, at, scene):
    booking = ask(at(26, 10), client=factories.member("Joon", credits=30))
    assert booking.status == Status.PENDING


def test_a_request_goes_on_by_itself_when_the_credits_are_there(ask, at, scene, lena, do):
    """T7c: the provider is asked now."""
    booking = ask(at(26, 10), client=lena)
    with pytest.raises(services.Refused, match=r"Lena Hartmann needs 20 more credits"):
        do(booking, Action.PAY, SYSTEM)
    top_up(scene, lena, 20)
    assert settle(scene) == 1
    booking.refresh_from_db()
    assert (booking.status, booking.credit_status, booking.pay_by) == (Status.PENDING, CreditStatus.BLOCKED, None)
    assert mails(booking) == ["booking_requested_client", "booking_requested_provider", "booking_waiting_client"]
    assert queries.balances(lena) == queries.Balances(available=0, held=30)
    assert settle(scene) == 0


def test_what_is_not_paid_for_in_time_is_free_again(ask, at, scene, lena):
    """C13, F89: at the moment itself the time is still kept."""
    booking = ask(at(26, 10), client=lena)
    assert settle(scene, timedelta(hours=24)) == 0
    assert settle(scene, timedelta(hours=24, seconds=1)) == 1
    booking.refresh_from_db()
    assert (booking.status, booking.credit_status, booking.pay_by) == (Status.EXPIRED, CreditStatus.NONE, None)
    assert mails(booking) == ["booking_unpaid_client", "booking_waiting_client"]
    assert not Claim.objects.filter(reference=booking.reference).exists()
    assert ask(at(26, 10)).status == Status.PENDING


def test_credits_that_come_too_late_buy_nothing(ask, at, scene, lena, do):
    booking = ask(at(26, 10), client=lena)
    top_up(scene, lena, 20)
    with pytest.raises(services.Refused, match="was kept until"):
        do(booking, Action.PAY, SYSTEM, now=scene.now + timedelta(hours=24, seconds=1))


def test_an_instant_booking_waits_a_quarter_of_an_hour(scene, at, lena, rules):
    """Decisions 19: the time is taken for real meanwhile; paid, it is agreed."""
    rules(pay_by_minutes=15)
    call = factories.service(scene.ana, "Quick call", price=30, is_instant=True)
    booking = services.begin(
        action=Action.BOOK, actor=CLIENT, client=lena, service=call, offer=offer(at(26, 10)), now=scene.now
    )
    assert (booking.status, booking.pay_by) == (Status.WAITING, scene.now + timedelta(minutes=15))
    assert Claim.objects.filter(reference=booking.reference, kind="session").count() == 2
    top_up(scene, lena, 20)
    assert settle(scene) == 1
    booking.refresh_from_db()
    assert (booking.status, booking.credit_status) == (Status.CONFIRMING, CreditStatus.BLOCKED)
    assert mails(booking) == ["booking_waiting_client"]


def test_time_that_waits_for_credits_closes_no_request_before_they_are_there(ask, at, scene, lena, rules):
    """D11, C13: what is only kept may be free again; found by a life of `make simulate`."""
    rules(max_times=2)
    talk = factories.service(scene.ana, "Talk", price=30, hides_asked_times=False)
    call = factories.service(scene.ana, "Quick call", price=30, is_instant=True, hides_asked_times=False)
    asked = ask(at(26, 10), at(26, 14), service=talk)

    def book(who, start):
        return services.begin(
            action=Action.BOOK, actor=CLIENT, client=who, service=call, offer=offer(start), now=scene.now
        )

    def closed_by(booking):
        return services.close_rivals(booking_id=booking.pk, tenant=scene.tenant, now=scene.now)

    kept, agreed = book(lena, at(26, 10)), book(factories.member("Joon", credits=30), at(26, 14))
    assert (kept.status, agreed.status) == (Status.WAITING, Status.CONFIRMING)
    assert closed_by(agreed) == 0
    top_up(scene, lena, 20)
    assert settle(scene) == 1
    assert closed_by(kept) == 1
    asked.refresh_from_db()
    assert asked.status == Status.DECLINED


def test_an_accepted_invitation_waits_and_lapses_for_both(scene, at, lena, do):
    booking = services.begin(
        action=Action.INVITE, actor=PROVIDER, client=lena, service=scene.service, offer=offer(at(26, 10)), now=scene.now
    )
    do(booking, Action.ACCEPT, CLIENT, start=at(26, 10))
    booking.refresh_from_db()
    assert booking.status == Status.WAITING
    assert settle(scene, timedelta(hours=25)) == 1
    assert {"booking_unpaid_client", "booking_unpaid_provider"} <= set(mails(booking))


def test_who_waits_may_let_it_go(ask, at, lena, do, scene):
    booking = ask(at(26, 10), client=lena)
    do(booking, Action.WITHDRAW, CLIENT)
    booking.refresh_from_db()
    assert (booking.status, mails(booking)) == (Status.CANCELLED, ["booking_waiting_client"])
    assert not Claim.objects.filter(reference=booking.reference).exists()


# --- said before the click, and held by the database ---------------------------------------------------------


def foretold(booking, action, actor, scene, **details):
    by = booking.client if actor == CLIENT else booking.provider.member
    facts = services.facts_about(booking, action=action, actor=actor, now=scene.now, by=by, **details)
    lines = workflow.preview(services.with_balance(facts, booking))
    return [line.sentence for line in lines if line.icon == "coins"]


def test_what_remains_is_said_before_the_click(ask, at, do, scene):
    booking = services.begin(
        action=Action.INVITE, actor=PROVIDER, client=scene.kim, service=scene.service, offer=offer(at(26, 10)),
        now=scene.now,
    )  # fmt: skip
    assert foretold(booking, Action.ACCEPT, CLIENT, scene, start=at(26, 10)) == [
        "30 credits are held, and 70 remain to use."
    ]
    factories.purse(scene.kim, 2000)
    assert foretold(booking, Action.ACCEPT, CLIENT, scene, start=at(26, 10)) == [
        "30 credits are held, and 2,070 remain to use."
    ]
    asked = ask(at(27, 10))
    assert foretold(asked, Action.DECLINE, PROVIDER, scene) == ["All of Kim Okafor's 30 credits come back."]
    assert foretold(asked, Action.WITHDRAW, CLIENT, scene) == ["All of your 30 credits come back."]
    assert foretold(asked, Action.ACCEPT, PROVIDER, scene, start=at(27, 10)) == ["30 credits stay held."]


def test_what_becomes_of_every_credit_is_said_before_the_click(over, scene):
    """C18, ux.md 0.1-6: spent, earned and come back add up to the price."""
    booking, later = over
    scene.now = later

    assert foretold(booking, Action.NO_SHOW, PROVIDER, scene) == [
        "15 credits of Kim Okafor's 30 are spent, 7 of them go to you, 15 come back."
    ]


def test_what_is_missing_is_said_before_the_click(at, scene, lena):
    booking = services.begin(
        action=Action.INVITE, actor=PROVIDER, client=lena, service=scene.service, offer=offer(at(26, 10)), now=scene.now
    )
    assert foretold(booking, Action.ACCEPT, CLIENT, scene, start=at(26, 10)) == [
        "You need 20 more credits. The time is kept for you until Tue 24 Nov, 2:14am."
    ]


def test_a_booking_can_not_say_what_its_hold_does_not(ask, at):
    """B2: a key compared at the commit."""
    booking = ask(at(26, 10))
    with transaction.atomic(), connection.cursor() as cursor:
        Booking.objects.filter(pk=booking.pk).update(credit_status="returned")
        with pytest.raises(IntegrityError, match="credit_status_is_hold"), transaction.atomic():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        Booking.objects.filter(pk=booking.pk).update(credit_status="blocked")
    for row in ({"credit_status": "none"}, {"hold_id": None}, {"status": "waiting"}, {"pay_by": booking.created_at}):
        with pytest.raises(IntegrityError, match=r"booking_(credits_have_hold|waiting_has_end)"), transaction.atomic():
            Booking.objects.filter(pk=booking.pk).update(**row)


@pytest.mark.usefixtures("scene")
def test_the_same_request_sent_twice_holds_once(ask, at, has):
    """F64."""
    first, again = ask(at(26, 10), request_key="form"), ask(at(26, 10), request_key="form")
    assert (first.pk, has()) == (again.pk, (70, 30, 0))
