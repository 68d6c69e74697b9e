"""What may be said once the time has come, to the second (T37-T41, D15), and what counts as late (S1.16, T43)."""

from datetime import timedelta

import pytest

from accounts.policies import CancelTier, Policy
from bookings import fees, workflow
from bookings.context import LateCount, Outcome
from bookings.enums import Action, Actor, LateChangeKind, Status
from tests.bookings.facts import END, NOBODY_MUST_ANSWER, START, context_of, with_policy

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
A_SECOND = timedelta(seconds=1)


def cell(status, action, actor):
    return status, NOBODY_MUST_ANSWER, action, actor


def refusal(status, action, actor, policy=None, **changed):
    return workflow.check(with_policy(context_of(*cell(status, action, actor), **changed), **(policy or {})))


@pytest.mark.parametrize("actor", [CLIENT, PROVIDER, STAFF])
def test_it_took_place_from_its_end_on(actor):
    """T37."""
    assert refusal(Status.CONFIRMED, Action.COMPLETE, actor, now=END) is None
    early = refusal(Status.CONFIRMED, Action.COMPLETE, actor, now=END - A_SECOND)
    assert early.sentence == "This is possible from Thu 26 Nov, 9:44am, after the end."
    assert early.possible_from == END


@pytest.mark.parametrize("actor", [CLIENT, PROVIDER, STAFF])
def test_nobody_is_absent_before_ten_minutes(actor):
    """T38, T39."""
    waited = START + timedelta(minutes=10)
    assert refusal(Status.CONFIRMED, Action.NO_SHOW, actor, now=waited) is None
    early = refusal(Status.CONFIRMED, Action.NO_SHOW, actor, now=waited - A_SECOND)
    assert early.sentence == "Wait until Thu 26 Nov, 9:24am, 10 minutes after the start."
    assert early.possible_from == waited


def test_staff_say_who_did_not_come():
    missing = refusal(Status.CONFIRMED, Action.NO_SHOW, STAFF, absent=None)
    assert (missing.sentence, missing.field) == ("Say who did not come.", "absent")
    assert refusal(Status.CONFIRMED, Action.NO_SHOW, STAFF, absent=PROVIDER) is None


@pytest.mark.parametrize(
    ("completion", "client", "provider", "system"),
    [("provider", False, True, False), ("both", True, True, True), ("automatic", True, True, True)],
)
def test_who_completes_is_the_tenants_rule(completion, client, provider, system):
    """D15, T37, T40."""
    for actor, may in ((CLIENT, client), (PROVIDER, provider), (SYSTEM, system), (STAFF, True)):
        found = refusal(Status.CONFIRMED, Action.COMPLETE, actor, {"completion": completion})
        assert (found and found.sentence) == (None if may else "Ana Nowak says whether it took place.")


def test_the_clock_completes_so_long_after_the_end_and_not_before():
    """T40, decisions 10."""
    rules, due = {"complete_after_hours": 48}, END + timedelta(hours=48)
    assert refusal(Status.CONFIRMED, Action.COMPLETE, SYSTEM, rules, now=due) is None
    early = refusal(Status.CONFIRMED, Action.COMPLETE, SYSTEM, rules, now=due - A_SECOND)
    assert (early.code, early.possible_from) == ("not_yet", due)


def test_the_clock_waits_again_after_what_was_said_was_taken_back():
    """PG-32: as long as after the end."""
    undone = END + timedelta(hours=30)
    rules, due = {"complete_after_hours": 48}, undone + timedelta(hours=48)
    assert refusal(Status.CONFIRMED, Action.COMPLETE, SYSTEM, rules, now=due, undone_at=undone) is None
    early = refusal(Status.CONFIRMED, Action.COMPLETE, SYSTEM, rules, now=due - A_SECOND, undone_at=undone)
    assert (early.code, early.possible_from) == ("not_yet", due)


@pytest.mark.parametrize(("actor", "other"), [(CLIENT, "Ana Nowak"), (PROVIDER, "Kim Okafor")])
def test_each_says_once_that_it_took_place(actor, other):
    again = refusal(Status.CONFIRMED, Action.COMPLETE, actor, {"completion": "both"}, held_said_by=actor)
    assert again.sentence == f"You have said so already. {other} confirms it, or it follows by itself."


SAID = END + timedelta(hours=1)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.NOSHOW])
@pytest.mark.parametrize(
    ("actor", "by", "may"),
    [
        (PROVIDER, PROVIDER, True),
        (PROVIDER, SYSTEM, True),
        (PROVIDER, CLIENT, False),
        (PROVIDER, STAFF, False),
        (CLIENT, CLIENT, True),
        (CLIENT, SYSTEM, False),
        (CLIENT, PROVIDER, False),
        (CLIENT, STAFF, False),
    ],
)
def test_who_said_it_takes_it_back(status, actor, by, may):
    """PG-32, 3.4."""
    found = refusal(status, Action.UNDO, actor, outcome=Outcome(by, SAID), now=SAID)
    other = "Kim Okafor" if actor == PROVIDER else "Ana Nowak"
    assert (found and found.sentence) == (
        None if may else f"{other} or support said this. Tell them if it is wrong."
    )  # fmt: skip


def test_undo_closes_after_24_hours_and_when_somebody_disagrees():
    until = SAID + timedelta(hours=24)
    mine = {"outcome": Outcome(PROVIDER, SAID)}
    assert refusal(Status.NOSHOW, Action.UNDO, PROVIDER, **mine, now=until) is None
    late = refusal(Status.NOSHOW, Action.UNDO, PROVIDER, **mine, now=until + A_SECOND)
    assert late.sentence == "This could be changed until Fri 27 Nov, 10:44am. Ask support."
    assert late.is_conflict
    contested = Outcome(PROVIDER, SAID, is_contested=True)
    found = refusal(Status.NOSHOW, Action.UNDO, PROVIDER, outcome=contested, now=SAID)
    assert found.sentence == "Kim Okafor disagrees; support decides."


@pytest.mark.parametrize(
    ("actor", "by", "may"),
    [
        (CLIENT, PROVIDER, True),
        (CLIENT, SYSTEM, True),
        (CLIENT, CLIENT, False),
        (CLIENT, STAFF, False),
        (PROVIDER, CLIENT, True),
        (PROVIDER, PROVIDER, False),
        (PROVIDER, STAFF, False),
    ],
)
def test_the_other_side_disagrees(actor, by, may):
    """T41, D15."""
    found = refusal(Status.NOSHOW, Action.CONTEST, actor, outcome=Outcome(by, SAID), now=SAID)
    assert (found and found.sentence) == (None if may else "This was decided. Ask support if something is wrong.")


def test_disagreeing_closes_after_48_hours_and_happens_once():
    until = SAID + timedelta(hours=48)
    theirs = {"outcome": Outcome(PROVIDER, SAID)}
    assert refusal(Status.COMPLETED, Action.CONTEST, CLIENT, **theirs, now=until) is None
    late = refusal(Status.COMPLETED, Action.CONTEST, CLIENT, **theirs, now=until + A_SECOND)
    assert late.sentence == "You could disagree until Sat 28 Nov, 10:44am. Ask support."
    assert late.is_conflict
    again = Outcome(PROVIDER, SAID, is_contested=True)
    found = refusal(Status.COMPLETED, Action.CONTEST, CLIENT, outcome=again, now=SAID)
    assert found.sentence == "Support has been told already and decides."
    assert refusal(Status.COMPLETED, Action.CONTEST, CLIENT, **theirs, now=SAID, message="").field == "message"


def test_staff_decide_only_what_somebody_disagrees_with():
    found = refusal(Status.NOSHOW, Action.UPHOLD, STAFF, outcome=Outcome(PROVIDER, SAID))
    assert found.sentence == "Nobody disagrees with this."


TIERS = Policy(client_cancel_tiers=(CancelTier(48, 100), CancelTier(24, 50, 25), CancelTier(0, 0, 60)))


@pytest.mark.parametrize(
    ("before", "split"),
    [
        (timedelta(hours=72), (30, 0, 0)),
        (timedelta(hours=48), (30, 0, 0)),
        (timedelta(hours=48) - A_SECOND, (15, 15, 7)),
        (timedelta(hours=24), (15, 15, 7)),
        (timedelta(hours=24) - A_SECOND, (0, 30, 18)),
        (A_SECOND, (0, 30, 18)),
    ],
)
def test_tiers_of_a_client_who_cancels(before, split):
    """D6, T21, T22, decisions 10 and 11: exactly at a threshold is early; a half credit falls to the client."""
    found = fees.when_client_cancels(30, TIERS, before)
    assert (found.returned, found.kept, found.to_provider) == split


def test_an_odd_price_never_costs_more_than_the_rule():
    found = fees.when_client_cancels(31, TIERS, timedelta(hours=30))
    assert (found.returned, found.kept, found.to_provider) == (16, 15, 7)


LATE = {"late_change_hours": 120}

FOR_PROVIDER = [
    (Action.CANCEL, PROVIDER, {}),
    (Action.SUGGEST, PROVIDER, {}),
    (Action.RESCHEDULE, PROVIDER, {}),
    (Action.CANCEL, CLIENT, {"cancel_asked": True}),
    (Action.CANCEL, STAFF, {"on_behalf_of": PROVIDER}),
    (Action.AMEND, STAFF, {"on_behalf_of": PROVIDER}),
]
FOR_CLIENT = [
    (Action.CANCEL, CLIENT, {}),
    (Action.SUGGEST, CLIENT, {}),
    (Action.CANCEL, STAFF, {"on_behalf_of": CLIENT}),
    (Action.AMEND, STAFF, {}),
]


def late_change(action, actor, **changed):
    return with_policy(context_of(*cell(Status.CONFIRMED, action, actor), **changed), **LATE)


@pytest.mark.parametrize(("action", "actor", "more"), FOR_PROVIDER)
def test_a_change_caused_by_the_provider_inside_five_days_is_late(action, actor, more):
    """S1.16, T43, T33, decisions 13: exactly five days before is early."""
    five_days = START - timedelta(hours=120)
    assert not late_change(action, actor, now=five_days, **more).is_late_change
    assert late_change(action, actor, now=five_days + A_SECOND, **more).is_late_change


@pytest.mark.parametrize(("action", "actor", "more"), FOR_CLIENT)
def test_a_change_caused_by_the_client_never_counts(action, actor, more):
    assert not late_change(action, actor, now=START - timedelta(hours=1), **more).is_late_change


def test_a_late_change_counts_once_for_each_booking_and_kind():
    """S1.16: "counted separately"."""
    late = {LateChangeKind.RESCHEDULE: LateCount(1, has_own=True)}
    assert not late_change(Action.SUGGEST, PROVIDER, now=START - timedelta(hours=1), late=late).is_late_change
    assert late_change(Action.CANCEL, PROVIDER, now=START - timedelta(hours=1), late=late).is_late_change


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (0, "This is late cancellation 1 of 2 within 12 months."),
        (1, "This is late cancellation 2 of 2 within 12 months. After one more our staff look into it."),
        (2, "This is late cancellation 3: more than 2 in 12 months. Our staff look into it."),
    ],
)
def test_what_counts_is_said_before_the_click(number, sentence):
    """PG-34."""
    late = {LateChangeKind.CANCEL: LateCount(number)}
    lines = workflow.preview(late_change(Action.CANCEL, PROVIDER, now=START - timedelta(hours=1), late=late))
    assert sentence in [line.sentence for line in lines]
