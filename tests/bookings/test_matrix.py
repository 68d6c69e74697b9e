"""Every cell of status x whose answer is awaited x action x actor: legal where the requirements say so, refused elsewhere."""

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest

from bookings import workflow
from bookings.enums import AGREED, Action, Actor, Status
from bookings.workflow import TABLE, Turn
from tests.bookings.facts import (
    ANSWER_BY,
    AWAITED,
    CLIENT_MUST_ANSWER,
    NOBODY_MUST_ANSWER,
    PROPOSER,
    PROVIDER_MUST_ANSWER,
    START,
    context_of,
    with_policy,
)
from tests.bookings.legal import CLIENT, LEGAL, PROVIDER, STAFF, STAYS, SYSTEM, can_exist, legal_cells

CELLS = [cell for cell in product([None, *Status], AWAITED, Action, Actor) if can_exist(cell[0], cell[1])]


def name_of(cell):
    return "-".join(str(part or "none") for part in cell)


def target_of(cell):
    context = context_of(*cell)
    return workflow.row_for(context).target_for(context)


def rows_that_match(status, awaited, action, actor):
    """The rows of the table for a cell, read column by column and not as the workflow does it."""
    proposer = PROPOSER[awaited]
    fits = {
        Turn.ANY: True,
        Turn.OPEN: proposer is not None,
        Turn.PROPOSER: proposer == actor,
        Turn.ANSWER: proposer not in (None, actor),
    }
    return [
        row
        for row in TABLE
        if row.action == action
        and actor in row.actors
        and (status in row.from_ or (status is None and not row.from_))
        and fits[row.turn]
    ]


def test_the_matrix_is_whole():
    """9 statuses of a booking and none; three tables, of which "pending" knows two and "no booking" one."""
    assert len(list(legal_cells())) == len(LEGAL)
    assert len(CELLS) == (8 * 3 + 2 + 1) * len(Action) * len(Actor) == 27 * 27 * 4
    assert set(LEGAL) <= set(CELLS)
    assert {action for _, _, action, _ in LEGAL} == set(Action)


@pytest.mark.parametrize("cell", LEGAL, ids=name_of)
def test_a_legal_cell_passes_and_leads_where_the_requirements_say(cell):
    assert workflow.check(context_of(*cell)) is None
    assert target_of(cell) == (cell[0] if LEGAL[cell] == STAYS else LEGAL[cell])


def test_every_other_cell_is_refused_with_a_sentence():
    passed = [name_of(cell) for cell in CELLS if cell not in LEGAL and workflow.check(context_of(*cell)) is None]
    assert passed == []


def test_every_refusal_is_a_sentence_and_says_whether_the_world_moved_on():
    """Another status, or nothing on the table any more: 409. Never one's own, or not one's turn: neither (decisions.md 35)."""
    for cell in CELLS:
        status, awaited, action, actor = cell
        refusal = workflow.check(context_of(*cell))
        if refusal is None:
            continue
        assert refusal.code, name_of(cell)
        assert refusal.sentence[0].isupper(), name_of(cell)
        assert refusal.sentence.endswith("."), name_of(cell)
        may_ever = any(row[2:] == (action, actor) for row in LEGAL)
        has_a_turn = any((row[0], *row[2:]) == (status, action, actor) for row in LEGAL)
        expected = may_ever and (not has_a_turn or awaited == NOBODY_MUST_ANSWER)
        assert refusal.is_conflict == expected, (name_of(cell), refusal)


def test_a_button_is_offered_exactly_where_the_action_is_legal():
    """Pages draw their buttons from `exists_for`, so it may neither promise nor hide anything (decisions.md 35)."""
    offered = {cell for cell in CELLS if workflow.exists_for(context_of(*cell))}
    assert offered == {cell for cell in LEGAL if cell[0] is not None}


def test_no_two_rows_match_the_same_facts():
    """So the order of the table means nothing."""
    found = Counter({cell: len(rows_that_match(*cell)) for cell in CELLS})
    assert {name_of(cell): number for cell, number in found.items() if number > 1} == {}
    assert {cell for cell, number in found.items() if number} == set(LEGAL)


def test_no_row_is_idle():
    """Each row of the table is met by some cell."""
    met = [row for cell in LEGAL for row in rows_that_match(*cell)]
    assert [row.ids for row in TABLE if row not in met] == []


def test_every_row_says_all_it_can_lead_to():
    """The generated document draws its arrows from `may_lead_to` where a function decides."""
    for row in TABLE:
        assert callable(row.target) == bool(row.may_lead_to), row.ids
        assert set(row.events) == set(row.actors), row.ids


AGREEING = [
    (None, NOBODY_MUST_ANSWER, Action.BOOK, CLIENT),
    (None, NOBODY_MUST_ANSWER, Action.BOOK, PROVIDER),
    (Status.PENDING, PROVIDER_MUST_ANSWER, Action.ACCEPT, PROVIDER),
    (Status.PENDING, CLIENT_MUST_ANSWER, Action.ACCEPT, CLIENT),
    (Status.PENDING, CLIENT_MUST_ANSWER, Action.ACCEPT, STAFF),
    (Status.CANCELLED, NOBODY_MUST_ANSWER, Action.REOPEN, STAFF),
    (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.REASSIGN, STAFF),
]


@pytest.mark.parametrize("cell", AGREEING, ids=name_of)
def test_agreeing_confirms_at_once_where_people_arrange_themselves(cell):
    """S1.10, D12."""
    context = with_policy(context_of(*cell), logistics="manual")
    assert workflow.row_for(context).target_for(context) == Status.CONFIRMED


@pytest.mark.parametrize("first", [CLIENT, PROVIDER])
def test_where_both_say_that_it_took_place_the_first_word_leaves_it_agreed(first):
    """T37, D15."""
    second = PROVIDER if first == CLIENT else CLIENT
    cell = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.COMPLETE)
    context = with_policy(context_of(*cell, first), completion="both")
    assert workflow.row_for(context).target_for(context) == Status.CONFIRMED
    context = with_policy(context_of(*cell, second, held_said_by=first), completion="both")
    assert workflow.row_for(context).target_for(context) == Status.COMPLETED


@pytest.mark.parametrize("actor", [STAFF, SYSTEM])
def test_staff_and_the_clock_complete_with_one_word_where_both_would_have_to(actor):
    """D15: "both", and by itself after a while."""
    context = with_policy(
        context_of(Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.COMPLETE, actor), completion="both"
    )  # fmt: skip
    assert workflow.check(context) is None
    assert workflow.row_for(context).target_for(context) == Status.COMPLETED


MAY_STILL = {Action.COMPLETE, Action.NO_SHOW, Action.UNDO, Action.CONTEST}


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=1), timedelta(days=400)])
def test_client_and_provider_only_say_how_it_went_after_the_start(late):
    """S4.42, B7: exactly at the start is too late."""
    people = [
        cell for cell in LEGAL if cell[0] is not None and cell[3] in (CLIENT, PROVIDER) and cell[2] not in MAY_STILL
    ]
    assert len(people) > 50
    for cell in people:
        is_agreed = cell[0] in AGREED
        start = START if is_agreed else max(time.starts_at for time in context_of(*cell).newest_times)
        assert workflow.check(context_of(*cell, now=start - timedelta(hours=49))) is None, name_of(cell)
        refusal = workflow.check(context_of(*cell, now=start + late))
        assert (refusal.code, refusal.is_conflict) == ("started", True), name_of(cell)


@pytest.mark.parametrize("cell", [cell for cell in LEGAL if cell[2] == Action.EXPIRE], ids=name_of)
def test_the_system_closes_nothing_before_its_time(cell):
    """T16, T28, decisions.md 9 and 10: exactly at the deadline an answer still counts."""
    refusal = workflow.check(context_of(*cell, now=ANSWER_BY))
    assert (refusal.code, refusal.possible_from) == ("not_yet", ANSWER_BY)
    assert workflow.check(context_of(*cell, now=ANSWER_BY + timedelta(microseconds=1))) is None


def test_the_system_closes_what_has_no_time_left_before_the_deadline():
    """Decisions.md 9: inside the lead nobody can accept any more."""
    cell = (Status.PENDING, PROVIDER_MUST_ANSWER, Action.EXPIRE, SYSTEM)
    at_the_lead = START - timedelta(hours=30)
    assert at_the_lead < ANSWER_BY
    assert workflow.check(with_policy(context_of(*cell, now=at_the_lead), answer_lead_hours=30)).code == "not_yet"
    just_after = with_policy(context_of(*cell, now=at_the_lead + timedelta(seconds=1)), answer_lead_hours=30)
    assert workflow.check(just_after) is None


def test_setting_up_ends_only_when_its_jobs_have_ended():
    """T17."""
    cell = (Status.CONFIRMING, NOBODY_MUST_ANSWER, Action.FINISH_SETUP, SYSTEM)
    assert workflow.check(context_of(*cell, setup_done=False)).code == "setup_runs"


def test_a_note_may_stand_anywhere_and_changes_nothing():
    """T34."""
    row = next(row for row in TABLE if row.action == Action.NOTE)
    assert (row.sets, row.effects, row.proposal, row.offers) == (None, (), None, False)
