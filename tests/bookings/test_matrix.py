"""Every cell of status x whose answer is awaited x action x actor: legal where the requirements say so, refused elsewhere.

LEGAL is written from requirements.md 3.3 and 3.4 and not from the code. What those sections foresee for later (a client answers a
provider's proposal: T13-T15; staff act on somebody's behalf: T34) is refused until it is built, so it is absent here.
"""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from accounts.policies import Policy, Vocabulary
from bookings import workflow
from bookings.context import Context, LastEvent, OpenProposal, Reader, TimeOnTable
from bookings.enums import Action, Actor, Status

MADE = datetime(2026, 11, 23, 8, 14, tzinfo=UTC)
ANSWER_BY = MADE + timedelta(hours=48)
START = MADE + timedelta(hours=72)
SLOT = TimeOnTable(START, 30, 30)

PROVIDER_MUST_ANSWER, CLIENT_MUST_ANSWER, NOBODY_MUST_ANSWER = "provider", "client", "nobody"
AWAITED = {PROVIDER_MUST_ANSWER: Actor.CLIENT, CLIENT_MUST_ANSWER: Actor.PROVIDER, NOBODY_MUST_ANSWER: None}

LEGAL = {
    # T7: a client asks; there is no booking yet.
    (None, NOBODY_MUST_ANSWER, Action.REQUEST, Actor.CLIENT): Status.PENDING,
    # T8, T9: only who must answer answers.
    (Status.PENDING, PROVIDER_MUST_ANSWER, Action.ACCEPT, Actor.PROVIDER): Status.CONFIRMING,
    (Status.PENDING, PROVIDER_MUST_ANSWER, Action.DECLINE, Actor.PROVIDER): Status.DECLINED,
    # T11: only who asked takes it back.
    (Status.PENDING, PROVIDER_MUST_ANSWER, Action.WITHDRAW, Actor.CLIENT): Status.CANCELLED,
    # T16: "pending (any)".
    (Status.PENDING, PROVIDER_MUST_ANSWER, Action.EXPIRE, Actor.SYSTEM): Status.EXPIRED,
    (Status.PENDING, CLIENT_MUST_ANSWER, Action.EXPIRE, Actor.SYSTEM): Status.EXPIRED,
    # T17, whatever else is on the table then.
    (Status.CONFIRMING, PROVIDER_MUST_ANSWER, Action.FINISH_SETUP, Actor.SYSTEM): Status.CONFIRMED,
    (Status.CONFIRMING, CLIENT_MUST_ANSWER, Action.FINISH_SETUP, Actor.SYSTEM): Status.CONFIRMED,
    (Status.CONFIRMING, NOBODY_MUST_ANSWER, Action.FINISH_SETUP, Actor.SYSTEM): Status.CONFIRMED,
}


def can_exist(status, awaited):
    """A pending booking is one with an open proposal; nothing is on the table before there is a booking (decisions.md 5)."""
    if status == Status.PENDING:
        return awaited != NOBODY_MUST_ANSWER
    return status is not None or awaited == NOBODY_MUST_ANSWER


CELLS = [cell for cell in product([None, *Status], AWAITED, Action, Actor) if can_exist(cell[0], cell[1])]


def context_of(status, awaited, action, actor, **changed):
    """Facts under which every guard passes, so that the cell alone decides."""
    is_agreed = status in {Status.CONFIRMING, Status.CONFIRMED, Status.NOSHOW, Status.COMPLETED}
    facts = {
        "now": ANSWER_BY + timedelta(minutes=1) if action == Action.EXPIRE else MADE + timedelta(hours=1),
        "policy": Policy(),
        "words": Vocabulary(),
        "reader": Reader("Europe/Prague"),
        "provider_name": "Ana Nowak",
        "client_name": "Kim Okafor",
        "proposal": OpenProposal(AWAITED[awaited], MADE, ANSWER_BY, (SLOT,)) if AWAITED[awaited] else None,
        "starts_at": START if is_agreed else None,
        "chosen": SLOT,
        "last": LastEvent(Action.REQUEST, Actor.CLIENT, "Kim Okafor", MADE) if status else None,
        "setup_done": True,
    }
    return Context(status=status, action=action, actor=actor, **{**facts, **changed})


def name_of(cell):
    return "-".join(str(part or "none") for part in cell)


def test_the_matrix_is_whole():
    """9 statuses of a booking and none; three tables, of which "pending" knows two and "no booking" one."""
    assert len(CELLS) == (8 * 3 + 2 + 1) * len(Action) * len(Actor) == 27 * 6 * 4
    assert set(LEGAL) <= set(CELLS)
    assert {action for _, _, action, _ in LEGAL} == set(Action)


@pytest.mark.parametrize("cell", LEGAL, ids=name_of)
def test_a_legal_cell_passes_and_leads_where_the_requirements_say(cell):
    context = context_of(*cell)
    assert workflow.check(context) is None
    assert workflow.ROWS[context.action].target_for(context) == LEGAL[cell]


def test_every_other_cell_is_refused_with_a_sentence():
    passed = [name_of(cell) for cell in CELLS if cell not in LEGAL and workflow.check(context_of(*cell)) is None]
    assert passed == []


def test_every_refusal_is_a_sentence_and_says_whether_the_world_moved_on():
    for cell in CELLS:
        status, _, action, actor = cell
        refusal = workflow.check(context_of(*cell))
        if refusal is None:
            continue
        assert refusal.code, name_of(cell)
        assert refusal.sentence[0].isupper(), name_of(cell)
        assert refusal.sentence.endswith("."), name_of(cell)
        may_ever = any(row[2] == action and row[3] == actor for row in LEGAL)
        ever_from = {row[0] for row in LEGAL if row[2] == action}
        assert refusal.is_conflict == (may_ever and status not in ever_from), name_of(cell)


def test_a_button_is_offered_exactly_where_the_action_is_legal():
    """Pages draw their buttons from `exists_for`, so it may neither promise nor hide anything (decisions.md 35)."""
    cells = [cell for cell in CELLS if cell[0] is not None]
    offered = {cell for cell in cells if workflow.exists_for(context_of(*cell))}
    assert offered == set(LEGAL) - {(None, NOBODY_MUST_ANSWER, Action.REQUEST, Actor.CLIENT)}


def test_accept_confirms_at_once_where_people_arrange_themselves():
    """S1.10, D12: the one target that the policy decides."""
    cell = (Status.PENDING, PROVIDER_MUST_ANSWER, Action.ACCEPT, Actor.PROVIDER)
    row = workflow.ROWS[Action.ACCEPT]
    assert row.target_for(context_of(*cell, policy=Policy(logistics="manual"))) == Status.CONFIRMED


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=1), timedelta(days=400)])
def test_nobody_but_the_system_acts_after_the_start(late):
    """S4.42, B7: exactly at the start is too late."""
    people = [cell for cell in LEGAL if cell[0] is not None and cell[3] != Actor.SYSTEM]
    assert len(people) == 3
    for cell in people:
        assert workflow.check(context_of(*cell, now=START - timedelta(seconds=1))) is None
        refusal = workflow.check(context_of(*cell, now=START + late))
        assert (refusal.code, refusal.is_conflict) == ("started", True)


@pytest.mark.parametrize("awaited", [PROVIDER_MUST_ANSWER, CLIENT_MUST_ANSWER])
def test_the_system_closes_nothing_before_its_time(awaited):
    """T16, decisions.md 9 and 10: exactly at the deadline an answer still counts."""
    cell = (Status.PENDING, awaited, Action.EXPIRE, Actor.SYSTEM)
    refusal = workflow.check(context_of(*cell, now=ANSWER_BY))
    assert (refusal.code, refusal.possible_from) == ("not_yet", ANSWER_BY)


def test_setting_up_ends_only_when_its_jobs_have_ended():
    """T17."""
    cell = (Status.CONFIRMING, NOBODY_MUST_ANSWER, Action.FINISH_SETUP, Actor.SYSTEM)
    assert workflow.check(context_of(*cell, setup_done=False)).code == "setup_runs"
