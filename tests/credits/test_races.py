"""Many hands at one wallet, by real threads whose work is committed (F63, F64, L1-L8): exact, no deadlock, nothing half done."""

import random
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.db import IntegrityError

from accounts.tenancy import tenant_scope
from credits import queries, services, verification
from credits.enums import HoldState
from credits.models import Hold, Transfer
from tests import factories
from tests.bookings.rivals import at_once, deadlocks

# One process runs them all, so that there is one site.
RIVALS, THREADS, STEPS = 200, 12, 60
ROOM = 40  # connections at one moment


def grant(bank, member, amount, key):
    return services.adjust(
        member=member, amount=amount, reason="To begin with", by=bank.staff, request_key=key, now=bank.now
    )


def laws(bank):
    with tenant_scope(bank.tenant):
        return verification.verify(verification.LAWS, now=bank.now)


def in_turn(bank, calls):
    """Each call in a scope of its own; what it gave back or what it was refused with. ROOM at a time run at one moment."""

    def run(call):
        try:
            with tenant_scope(bank.tenant):
                return call()
        except (services.TooFewCredits, services.KeyUsed, services.Refused) as refused:
            return type(refused).__name__

    answers = []
    for first in range(0, len(calls), ROOM):
        answers += at_once(*(lambda call=call: run(call) for call in calls[first : first + ROOM]))
    return answers


def hold(bank, number, key="1", member=None, amount=50):
    kim = member or bank.clients[0]
    return lambda: services.hold(member=kim, amount=amount, reference=f"booking:{number}", key=key, now=bank.now)


def test_two_hundred_holds_with_credits_for_twenty(bank):
    """F63: exactly 20 are held, 180 are told that there are too few."""
    kim, before = bank.clients[0], deadlocks()
    with tenant_scope(bank.tenant):
        for part in range(10):
            grant(bank, kim, 100, f"grant {part}")
    answers = in_turn(bank, [hold(bank, number) for number in range(RIVALS)])
    told = Counter(answer if isinstance(answer, str) else answer.state for answer in answers)
    assert told == {HoldState.BLOCKED: 20, "TooFewCredits": RIVALS - 20}
    with tenant_scope(bank.tenant):
        assert queries.balances(kim) == queries.Balances(available=0, held=1000)
        assert Hold.objects.count() == 20
    assert (laws(bank), deadlocks()) == ([], before)


def test_the_same_key_two_hundred_times(bank):
    """F64: one effect, 200 equal answers; a grant and a voucher, too."""
    kim, before = bank.clients[0], deadlocks()
    with tenant_scope(bank.tenant):
        grant(bank, kim, 100, "first")
        voucher = services.make_voucher(amount=7, by=bank.staff, now=bank.now)
    held = in_turn(bank, [hold(bank, 1)] * RIVALS)
    assert {(row.pk, row.amount, row.state) for row in held} == {(held[0].pk, 50, HoldState.BLOCKED)}
    given = in_turn(bank, [lambda: grant(bank, kim, 30, "form-1")] * RIVALS)
    assert len({row.pk for row in given}) == 1
    used = in_turn(bank, [lambda: services.redeem(member=kim, code=voucher.code, now=bank.now)] * ROOM)
    assert {row.pk for row in used} == {voucher.pk}
    with tenant_scope(bank.tenant):
        assert queries.balances(kim) == queries.Balances(available=87, held=50)
        assert Transfer.objects.count() == 4
    assert (laws(bank), deadlocks()) == ([], before)


def test_one_voucher_and_many_hands(bank):
    """The first gets it; everybody else is told that it is used."""
    with tenant_scope(bank.tenant):
        voucher = services.make_voucher(amount=7, by=bank.staff, now=bank.now)
        crowd = [factories.member(f"Client {n}", credits=0) for n in range(20)]
    answers = in_turn(
        bank, [lambda who=who: services.redeem(member=who, code=voucher.code, now=bank.now) for who in crowd]
    )
    assert Counter(isinstance(answer, str) for answer in answers) == {True: 19, False: 1}
    assert laws(bank) == []


def test_random_histories_of_twelve_threads(bank):
    """L1-L8: whatever is done to whatever at once, the books add up and nobody waits in a ring."""
    before = deadlocks()
    stories = [lambda seed=seed: _live(bank, random.Random(seed)) for seed in range(THREADS)]
    done = Counter()
    for counted in at_once(*stories):
        done += counted
    assert (laws(bank), deadlocks()) == ([], before)
    assert {"hold", "capture", "part", "release", "change", "reopen", "grant", "take"} <= {name for name, _ in done}
    assert done["hold", "done"] > THREADS


def _live(bank, chance):
    """One thread's life: random moves on the holds of everybody, legal or not."""
    told = Counter()
    for step in range(STEPS):
        name, move = _some_move(bank, chance, step)
        try:
            with tenant_scope(bank.tenant):
                move()
            told[name, "done"] += 1
        except (services.TooFewCredits, services.KeyUsed, services.Refused, LookupError, ValueError) as refused:
            told[name, type(refused).__name__] += 1
        except IntegrityError as refused:
            # What a booking's lock prevents: two who reopen one thing at one moment. The wall holds without it (L8).
            assert "hold_one_open" in str(refused)  # noqa: PT017
    return told


def _some_move(bank, chance, step):
    client, earner = chance.choice(bank.clients), chance.choice(bank.earners)
    key, amount, now = f"{chance.random()}", chance.randint(1, 60), bank.now
    thing = f"booking:{chance.random()}"

    def some_hold():
        rows = list(Hold.objects.filter(member=client).order_by("-opened_at")[:20])
        if not rows:
            raise LookupError
        return chance.choice(rows).pk

    def part():
        spent = chance.randint(0, 30)
        services.capture(
            member=client, hold_id=some_hold(), earner=earner, charged=spent, earned=chance.randint(0, spent), now=now
        )

    def reopen():
        held = Hold.objects.get(pk=some_hold())
        if held.state == HoldState.BLOCKED or Hold.objects.filter(reference=held.reference, state="blocked").exists():
            raise LookupError
        services.reopen(member=client, hold_id=held.pk, key=str(held.pk), now=now)

    moves = {
        "hold": lambda: services.hold(member=client, amount=amount, reference=thing, key=key, now=now),
        "capture": lambda: services.capture(member=client, hold_id=some_hold(), earner=earner, now=now),
        "part": part,
        "release": lambda: services.release(member=client, hold_id=some_hold(), now=now),
        "change": lambda: services.change(member=client, hold_id=some_hold(), amount=amount, key=key, now=now),
        "reopen": reopen,
        "grant": lambda: grant(bank, client, amount, key),
        "take": lambda: grant(bank, client, -amount, key),
    }
    if step < 3:
        return "grant", moves["grant"]
    name = chance.choice([*moves, "hold", "hold"])
    return name, moves[name]


# --- killed between two statements ---------------------------------------------------------------------------

# Children of one process, each of which ends itself as `kill -9` does before its next statement, or before its commit.
VICTIMS = """
import os, signal, sys
from datetime import UTC, datetime
import django
django.setup()
from django.db import connection
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from credits import queries, services
from credits.models import Transfer

tenant_id, kim, ana, what, statements = int(sys.argv[1]), *sys.argv[2:5], int(sys.argv[5])
now = datetime(2026, 11, 23, tzinfo=UTC)

def move(kim, ana):
    held = services.hold_id("booking:1", "1")
    if what == "hold":
        services.hold(member=kim, amount=30, reference="booking:1", key="1", now=now)
    elif what == "capture":
        services.capture(member=kim, hold_id=held, earner=ana, charged=15, earned=7, now=now)
    else:
        services.change(member=kim, hold_id=held, amount=40, key="2", now=now)

def live(last):
    sent = 0
    def die(execute, sql, params, many, context):
        nonlocal sent
        if sent == last:
            os.kill(os.getpid(), signal.SIGKILL)
        sent += 1
        return execute(sql, params, many, context)
    with tenant_scope(Tenant.objects.get(pk=tenant_id)):
        members = Membership.objects.get(pk=kim), Membership.objects.get(pk=ana)
        with connection.execute_wrapper(die):
            move(*members)
        if sent == last:
            os.kill(os.getpid(), signal.SIGKILL)

for last in [*range(statements + 1), 1000]:
    if not (child := os.fork()):
        live(last)
        os._exit(0)
    _, ended = os.waitpid(child, 0)
    with tenant_scope(Tenant.objects.get(pk=tenant_id)):
        found = queries.balances(Membership.objects.get(pk=kim))
        print(os.waitstatus_to_exitcode(ended), found.available, found.held, Transfer.objects.count())
    connection.close()
"""


@pytest.mark.faults
@pytest.mark.parametrize(
    ("what", "statements", "before", "after"),
    [
        ("hold", 1, "100 0 1", "70 30 2"),
        ("capture", 1, "70 30 2", "85 0 5"),
        ("change", 4, "70 30 2", "60 40 4"),
    ],
)
def test_killed_between_any_two_statements(bank, what, statements, before, after):
    """A process that dies leaves nothing half done, before each statement and before the commit; the next try does it all."""
    kim, ana = bank.clients[0], bank.earners[0]
    with tenant_scope(bank.tenant):
        grant(bank, kim, 100, "first")
        if what != "hold":
            services.hold(member=kim, amount=30, reference="booking:1", key="1", now=bank.now)
    words = [str(bank.tenant.pk), str(kim.pk), str(ana.pk), what, str(statements)]
    told = subprocess.run(
        [sys.executable, "-c", VICTIMS, *words], env=bank.site.environment, capture_output=True, text=True, check=False
    )
    killed = [f"{-signal.SIGKILL} {before}"] * (statements + 1)
    assert told.stdout.splitlines() == [*killed, f"0 {after}"], told.stderr
    assert laws(bank) == []
