"""What is legal, cell by cell: status, whose answer is awaited, action, actor, and where it leads.

Written from requirements.md 3.3 and 3.4 as decisions.md 4-17 settle them, and not from the code. Two things to know: setting up is
agreed (decisions.md 7), so everything that may be done to an agreed booking may be done then, too; and where credits are too
few, asking and agreeing lead to waiting instead (decisions.md 19), which tests/bookings/test_credits.py tries.
"""

from itertools import product

from bookings.enums import AGREED, OVER, Action, Actor, Status
from tests.bookings.facts import AWAITED, CLIENT_MUST_ANSWER, NOBODY_MUST_ANSWER, PROPOSER, PROVIDER_MUST_ANSWER

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
STAYS = "stays"
AWAITED_SIDE = {PROVIDER_MUST_ANSWER: PROVIDER, CLIENT_MUST_ANSWER: CLIENT}


def legal_cells():
    """Every legal cell once, with its target."""
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
    yield (*here, Action.CHANGE_PRICE, STAFF), STAYS
    yield (*here, Action.REASSIGN, STAFF), STAYS
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
    yield (*here, Action.CHANGE_PRICE, STAFF), STAYS  # T34
    yield (*here, Action.REASSIGN, STAFF), Status.CONFIRMING  # T34: set up anew, for other people
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
    yield (Status.WAITING, awaited, Action.CHANGE_PRICE, STAFF), STAYS  # T34: "any open"
    yield (Status.WAITING, awaited, Action.REASSIGN, STAFF), STAYS  # T34: "any open"
    yield (Status.WAITING, awaited, Action.PAY, SYSTEM), Status.PENDING  # T7c
    yield (Status.WAITING, awaited, Action.EXPIRE, SYSTEM), Status.EXPIRED  # T7c, C13
    yield (Status.WAITING, awaited, Action.WITHDRAW, CLIENT), Status.CANCELLED  # ux.md PG-32: "withdraw"
    yield (Status.WAITING, awaited, Action.DECLINE, PROVIDER), Status.DECLINED  # T9: the time is theirs
    yield (Status.DECLINED, awaited, Action.SUGGEST, PROVIDER), Status.PENDING  # T29
    yield (Status.CANCELLED, awaited, Action.REFUSE_SUPPORT, STAFF), STAYS  # a wish that outlived its booking
    for status in (Status.CANCELLED, Status.EXPIRED):
        yield (status, awaited, Action.REOPEN, STAFF), Status.CONFIRMING  # 3.4: staff "reopen"
    for status in OVER:
        here = (status, awaited)
        yield (*here, Action.REFUSE_SUPPORT, STAFF), STAYS
        yield (*here, Action.UPHOLD, STAFF), STAYS  # T41: "S decides"
        for side in (CLIENT, PROVIDER):
            yield (*here, Action.UNDO, side), Status.CONFIRMED  # PG-32; 3.4: "correct within X h"
            yield (*here, Action.CONTEST, side), STAYS  # T41
    yield (Status.NOSHOW, awaited, Action.COMPLETE, STAFF), Status.COMPLETED  # 3.4: staff "correct"
    yield (Status.COMPLETED, awaited, Action.NO_SHOW, STAFF), Status.NOSHOW


LEGAL = dict(legal_cells())


def can_exist(status, awaited):
    """A pending booking is one with an open proposal; nothing is on the table before there is a booking (decisions.md 5)."""
    if status == Status.PENDING:
        return awaited != NOBODY_MUST_ANSWER
    return status is not None or awaited == NOBODY_MUST_ANSWER
