"""Credits follow a hold to its end, to the last one (decisions 18; S4.11, S4.21, S4.22, S4.32, S4.35, C18, F86, F88)."""

import pytest

from credits import queries, services
from credits.enums import HoldState, TransferKind, WalletKind
from credits.ledger import Purse
from credits.models import Entry, Hold, Transfer, Wallet
from credits.services import KeyUsed, TooFewCredits
from tests import factories
from tests.statements import recorded

REFERENCE = "booking:NO-7K4Q"


@pytest.fixture
def held(people, give, now):
    """30 of Kim's 100 credits are held."""
    give(100)
    return services.hold(member=people.kim, amount=30, reference=REFERENCE, key="1", now=now)


def test_a_hold_sets_credits_aside(held, people, has):
    """S4.32: blocked, not spent."""
    assert has(people.kim) == (70, 30, 0)
    assert (held.state, held.amount, held.reference) == (HoldState.BLOCKED, 30, REFERENCE)
    assert held.pk == services.hold_id(REFERENCE, "1")
    assert Hold.objects.get() == held


def test_a_released_hold_comes_back_whole(held, people, has, now):
    """S4.12, S4.21: returned."""
    ended = services.release(member=people.kim, hold_id=held.pk, now=now)
    assert has(people.kim) == (100, 0, 0)
    held.refresh_from_db()
    assert (held.state, held.charged, held.earned, held.settled_at) == (HoldState.RETURNED, 0, 0, now)
    assert ended.state == HoldState.RETURNED


def test_a_captured_hold_is_earned(held, people, has, now):
    """T37: charged, all of it the provider's."""
    services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, now=now)
    assert (has(people.kim), has(people.ana)) == ((70, 0, 0), (0, 0, 30))
    held.refresh_from_db()
    assert (held.state, held.charged, held.earned, held.earner) == (HoldState.CHARGED, 30, 30, people.ana)


def test_a_partly_captured_hold_is_divided(held, people, has, now):
    """C18, T22: half is kept, half of that is the provider's, the rest comes back; a marketplace's part goes to itself."""
    services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, charged=15, earned=7, now=now)
    assert (has(people.kim), has(people.ana)) == ((85, 0, 0), (0, 0, 7))
    held.refresh_from_db()
    assert (held.state, held.charged, held.earned) == (HoldState.PARTLY_CHARGED, 15, 7)
    assert Wallet.objects.get(kind=WalletKind.ISSUANCE).balance == -92
    kinds = Transfer.objects.filter(hold=held).order_by("amount").values_list("kind", "amount")
    assert list(kinds) == [("earning", 7), ("fee", 8), ("return", 15), ("hold", 30)]


def test_all_can_be_kept_by_the_marketplace(held, people, has, now):
    """A tier that gives the provider nothing has no earner."""
    services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, earned=0, now=now)
    held.refresh_from_db()
    assert (held.state, held.earner, has(people.ana)) == (HoldState.CHARGED, None, (0, 0, 0))


@pytest.mark.parametrize(("amount", "left"), [(40, (60, 40, 0)), (10, (90, 10, 0)), (100, (0, 100, 0))])
def test_a_changed_hold_is_the_old_one_back_and_another(held, people, has, now, amount, left):
    """F88, T34: moved with the price; exactly all there is is enough."""
    other = services.change(member=people.kim, hold_id=held.pk, amount=amount, key="2", now=now)
    assert has(people.kim) == left
    held.refresh_from_db()
    assert (held.state, other.state, other.reference) == (HoldState.RETURNED, HoldState.BLOCKED, REFERENCE)


def test_a_change_that_is_too_dear_changes_nothing(held, people, has, now):
    with pytest.raises(TooFewCredits) as short:
        services.change(member=people.kim, hold_id=held.pk, amount=101, key="2", now=now)
    assert (short.value.available, short.value.missing) == (100, 1)
    held.refresh_from_db()
    assert (held.state, has(people.kim)) == (HoldState.BLOCKED, (70, 30, 0))


@pytest.mark.parametrize(("charged", "earned"), [(30, 30), (15, 7), (0, 0), (30, 0)])
def test_an_ending_can_be_taken_back(held, people, has, now, charged, earned):
    """T41, PG-32: whatever was spent, kept and returned is held again."""
    services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, charged=charged, earned=earned, now=now)
    again = services.reopen(member=people.kim, hold_id=held.pk, key="undo", now=now)
    assert (has(people.kim), has(people.ana)) == ((70, 30, 0), (0, 0, 0))
    assert (again.state, again.amount, again.reference) == (HoldState.BLOCKED, 30, REFERENCE)
    assert services.reopen(member=people.kim, hold_id=held.pk, key="undo", now=now) == again
    services.release(member=people.kim, hold_id=again.pk, now=now)
    assert has(people.kim) == (100, 0, 0)


def test_what_came_back_and_went_elsewhere_can_not_be_taken_back(held, people, has, now):
    services.release(member=people.kim, hold_id=held.pk, now=now)
    services.hold(member=people.kim, amount=80, reference="booking:NO-2", key="1", now=now)
    with pytest.raises(TooFewCredits):
        services.reopen(member=people.kim, hold_id=held.pk, key="undo", now=now)
    assert has(people.kim) == (20, 80, 0)


@pytest.mark.parametrize(("amount", "missing"), [(101, 1), (1000, 900)])
def test_too_few_credits_hold_nothing(people, give, has, now, amount, missing):
    """L4: says what is missing."""
    give(100)
    with pytest.raises(TooFewCredits) as short:
        services.hold(member=people.kim, amount=amount, reference=REFERENCE, key="1", now=now)
    assert (short.value.available, short.value.missing) == (100, missing)
    assert has(people.kim) == (100, 0, 0)
    assert not Hold.objects.exists()


def test_who_never_had_a_credit_has_too_few(people, now):
    with pytest.raises(TooFewCredits) as short:
        services.hold(member=people.kim, amount=30, reference=REFERENCE, key="1", now=now)
    assert (short.value.available, short.value.missing) == (0, 30)


# --- again -----------------------------------------------------------------------------------------------


def test_the_same_key_holds_once(held, people, has, now):
    """F64: any retry is a no-op."""
    again = services.hold(member=people.kim, amount=30, reference=REFERENCE, key="1", now=now)
    assert (again, has(people.kim)) == (held, (70, 30, 0))


@pytest.mark.parametrize("other", [{"amount": 31}, {"member": "ana"}])
def test_a_key_of_something_else_is_refused(held, people, has, now, other):
    """F65."""
    said = {"member": people.kim, "amount": 30, **other}
    if said["member"] == "ana":
        said["member"] = people.ana
    with pytest.raises(KeyUsed):
        services.hold(**said, reference=REFERENCE, key="1", now=now)
    assert has(people.kim) == (70, 30, 0)


ENDINGS = {
    "released": {"earner": None, "charged": 0},
    "captured": {"earner": "ana"},
    "partly": {"earner": "ana", "charged": 15, "earned": 7},
}


@pytest.mark.parametrize("first", ENDINGS)
@pytest.mark.parametrize("second", ENDINGS)
def test_a_hold_ends_once(held, people, has, now, first, second):
    """L5: the same end again changes nothing, another one is refused."""

    def end(how):
        said = ENDINGS[how] | {"earner": people.ana if ENDINGS[how]["earner"] else None}
        return services.capture(member=people.kim, hold_id=held.pk, now=now, **said)

    ended, moved = end(first), Transfer.objects.count()
    before = has(people.kim), has(people.ana)
    if first == second:
        assert end(second) == ended
    else:
        with pytest.raises(KeyUsed):
            end(second)
    assert (has(people.kim), has(people.ana), Transfer.objects.count()) == (*before, moved)


def test_changing_with_the_same_key_changes_once(held, people, has, now):
    first = services.change(member=people.kim, hold_id=held.pk, amount=40, key="2", now=now)
    again = services.change(member=people.kim, hold_id=held.pk, amount=40, key="2", now=now)
    assert (first, has(people.kim)) == (again, (60, 40, 0))


# --- what nobody means ------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_can_not_be_held(people, give, now, amount):
    give(100)
    with pytest.raises(ValueError, match="one credit or more"):
        services.hold(member=people.kim, amount=amount, reference=REFERENCE, key="1", now=now)


@pytest.mark.parametrize(("charged", "earned"), [(31, 0), (-1, 0), (15, 16), (15, -1)])
def test_parts_fit_into_the_whole(held, people, now, charged, earned):
    with pytest.raises(ValueError, match="can't be earned"):
        services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, charged=charged, earned=earned, now=now)


def test_the_hold_of_somebody_else_is_not_found(held, people, now):
    with pytest.raises(LookupError):
        services.release(member=people.ana, hold_id=held.pk, now=now)


def test_one_thing_has_one_open_hold(held, people, now):
    """L8: a second key for the same thing is refused by the database."""
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError, match="hold_one_open"), transaction.atomic():
        services.hold(member=people.kim, amount=5, reference=REFERENCE, key="other", now=now)


# --- what it costs ----------------------------------------------------------------------------------------


def test_a_hold_and_its_end_cost_one_statement_each(people, give, now):
    """Asking is measured: locking, looking and writing are one function of the database, and so is opening a wallet."""
    give(100)
    with recorded() as holding:
        held = services.hold(member=people.kim, amount=30, reference=REFERENCE, key="1", now=now)
    with recorded() as ending:
        services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, now=now)
    assert (len(holding), len(ending)) == (1, 1)


def test_each_line_says_what_was_there_afterwards(held, people, now):
    services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, charged=15, earned=7, now=now)
    wallet = Purse(WalletKind.HELD, people.kim.pk).wallet_id
    lines = Entry.objects.filter(wallet=wallet).order_by("version").values_list("version", "amount", "balance")
    assert list(lines) == [(1, 30, 30), (2, -7, 23), (3, -8, 15), (4, -15, 0)]
    assert set(Transfer.objects.filter(hold=held).values_list("at", flat=True)) == {now}


def test_credits_of_two_people_do_not_mix(people, give, has, now):
    lena = factories.member("Lena Hartmann", credits=0)
    give(50)
    give(20, member=lena)
    services.hold(member=lena, amount=20, reference="booking:NO-9", key="1", now=now)
    assert (has(people.kim), has(lena)) == ((50, 0, 0), (0, 20, 0))
    assert Transfer.objects.filter(kind=TransferKind.HOLD).count() == 1


def test_what_came_back_of_a_hold_is_there_until_it_is_used(held, people, now):
    """T41: of 30, 15 came back, and 85 are there to use."""
    services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, charged=15, earned=7, now=now)
    services.hold(member=people.kim, amount=70, reference="booking:NO-ELSE", key="1", now=now)
    assert not queries.is_spent_elsewhere(held.pk)
    services.hold(member=people.kim, amount=1, reference="booking:NO-MORE", key="1", now=now)
    assert queries.is_spent_elsewhere(held.pk)


def test_nothing_that_came_back_is_missing_of_what_was_spent_whole(held, people, now):
    services.capture(member=people.kim, hold_id=held.pk, earner=people.ana, now=now)
    services.hold(member=people.kim, amount=70, reference="booking:NO-ELSE", key="1", now=now)
    assert not queries.is_spent_elsewhere(held.pk)
