"""Every cell of status x whose answer is awaited x action x actor: legal where the requirements say so, refused elsewhere.

LEGAL is written from requirements.md 3.3 and 3.4 as decisions.md 4-17 settle them, and not from the code. Two things to know:
setting up is agreed (decisions.md 7), so everything that may be done to an agreed booking may be done then, too; and waiting for
credits is entered by nobody before there are credits, so that only staff, who act in any open booking (T34), reach into it.
"""

from collections import Counter
from datetime import timedelta
from itertools import product

import pytest

from bookings import workflow
from bookings.enums import AGREED, OVER, Action, Actor, Status
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

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
STAYS = "stays"
AWAITED_SIDE = {PROVIDER_MUST_ANSWER: PROVIDER, CLIENT_MUST_ANSWER: CLIENT}


def _legal():
    nobody = (None, NOBODY_MUST_ANSWER)
    yield (*nobody, Action.REQUEST, CLIENT), Status.PENDING  # T7
    yield (*nobody, Action.BOOK, CLIENT), Status.CONFIRMING  # T7b
    yield (*nobody, Action.BOOK, PROVIDER), Status.CONFIRMING  # T12, D16
    yield (*nobody, Action.INVITE, PROVIDER), Status.PENDING  # T12
    for awaited in AWAITED_SIDE:
        yield from _legal_while_negotiating(awaited)
    for status, awaited in product(AGREED, AWAITED):
        yield from _legal_once_agreed(status, awaited)
    for awaited in AWAITED:
        yield from _legal_afterwards(awaited)
    for status, awaited in product(Status, AWAITED):
        if status != Status.PENDING or awaited in AWAITED_SIDE:
            yield (status, awaited, Action.NOTE, STAFF), STAYS  # T34


def _legal_while_negotiating(awaited):
    here, answers = (Status.PENDING, awaited), AWAITED_SIDE[awaited]
    proposer = PROPOSER[awaited]
    yield (*here, Action.ACCEPT, answers), Status.CONFIRMING  # T8, T13
    yield (*here, Action.DECLINE, answers), Status.DECLINED  # T9, T14
    yield (*here, Action.SUGGEST, answers), STAYS  # T10, T31; 3.4: "counter"
    yield (*here, Action.SUGGEST, proposer), STAYS  # T11; 3.4: "supersede own"
    yield (*here, Action.WITHDRAW, proposer), Status.CANCELLED  # T11, T15
    if proposer == CLIENT:
        yield (*here, Action.CHANGE_NOTES, CLIENT), STAYS  # T11: "expert not answered"
    yield (*here, Action.ACCEPT, STAFF), Status.CONFIRMING  # T34
    yield (*here, Action.DECLINE, STAFF), Status.DECLINED
    yield (*here, Action.CANCEL, STAFF), Status.CANCELLED
    yield (*here, Action.EXPIRE, SYSTEM), Status.EXPIRED  # T16
    yield (*here, Action.CLOSE, SYSTEM), Status.DECLINED  # D11, decisions.md 15


def _legal_once_agreed(status, awaited):
    here = (status, awaited)
    for side in (CLIENT, PROVIDER):
        yield (*here, Action.SUGGEST, side), STAYS  # T23, and a counter-proposal (3.6, 2)
        yield (*here, Action.RESCHEDULE, side), STAYS  # T32
        yield (*here, Action.CANCEL, side), Status.CANCELLED  # T18, T19, T21, T22
        yield (*here, Action.ASK_SUPPORT, side), STAYS  # PG-35b, S1.18
    yield (*here, Action.ASK_TO_CANCEL, PROVIDER), STAYS  # T20
    yield (*here, Action.AMEND, STAFF), STAYS  # T33
    yield (*here, Action.CANCEL, STAFF), Status.CANCELLED  # T34
    yield (*here, Action.REFUSE_SUPPORT, STAFF), STAYS  # PG-35b
    if awaited in AWAITED_SIDE:
        yield (*here, Action.ACCEPT, AWAITED_SIDE[awaited]), STAYS  # T24, T25
        yield (*here, Action.DECLINE, AWAITED_SIDE[awaited]), STAYS  # T26
        yield (*here, Action.WITHDRAW, PROPOSER[awaited]), STAYS  # T27
        yield (*here, Action.EXPIRE, SYSTEM), STAYS  # T28
    if status == Status.CONFIRMING:
        yield (*here, Action.FINISH_SETUP, SYSTEM), Status.CONFIRMED  # T17
        return
    for actor in Actor:
        yield (*here, Action.COMPLETE, actor), Status.COMPLETED  # T37, T40, T34
    for actor in (CLIENT, PROVIDER, STAFF):
        yield (*here, Action.NO_SHOW, actor), Status.NOSHOW  # T38, T39, T34


def _legal_afterwards(awaited):
    yield (Status.WAITING, awaited, Action.CANCEL, STAFF), Status.CANCELLED  # T34: "any open"
    yield (Status.DECLINED, awaited, Action.SUGGEST, PROVIDER), Status.PENDING  # T29
    yield (Status.CANCELLED, awaited, Action.REFUSE_SUPPORT, STAFF), STAYS  # a wish that outlived its booking
    for status in OVER:
        here = (status, awaited)
        yield (*here, Action.REFUSE_SUPPORT, STAFF), STAYS
        yield (*here, Action.UPHOLD, STAFF), STAYS  # T41: "S decides"
        for side in (CLIENT, PROVIDER):
            yield (*here, Action.UNDO, side), Status.CONFIRMED  # PG-32; 3.4: "correct within X h"
            yield (*here, Action.CONTEST, side), STAYS  # T41
    yield (Status.NOSHOW, awaited, Action.COMPLETE, STAFF), Status.COMPLETED  # 3.4: staff "correct"
    yield (Status.COMPLETED, awaited, Action.NO_SHOW, STAFF), Status.NOSHOW


LEGAL = dict(_legal())


def can_exist(status, awaited):
    """A pending booking is one with an open proposal; nothing is on the table before there is a booking (decisions.md 5)."""
    if status == Status.PENDING:
        return awaited != NOBODY_MUST_ANSWER
    return status is not None or awaited == NOBODY_MUST_ANSWER


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
    assert len(list(_legal())) == len(LEGAL)
    assert len(CELLS) == (8 * 3 + 2 + 1) * len(Action) * len(Actor) == 27 * 23 * 4
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
