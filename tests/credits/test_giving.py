"""How credits come to people besides money (decisions 19, PG-84, L10, F83, F84): and each kind of wrong input has its sentence."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from credits import queries, services
from credits.enums import AdjustmentState, Period
from credits.models import Programme, Transfer, Voucher
from credits.services import Refused, allowances
from notifications.models import OutboxMessage

# --- staff ------------------------------------------------------------------------------------------------


def test_staff_give_and_take_with_a_reason(people, give, has, now):
    """PG-84: counter-entries, never a changed line."""
    give(100)
    taken = services.adjust(
        member=people.kim, amount=-40, reason=" Given twice ", by=people.sam, request_key="k", now=now
    )
    assert has(people.kim) == (60, 0, 0)
    assert (taken.state, taken.reason) == (AdjustmentState.DONE, "Given twice")
    line = Transfer.objects.get(kind="correction")
    assert (line.amount, line.reason, line.by, line.second) == (40, "Given twice", people.sam, None)
    assert queries.issued() == 60


def test_a_form_sent_twice_gives_once(people, give, has):
    """F66: the key of the form."""
    first, again = give(30, key="form-1"), give(30, key="form-1")
    assert (first, has(people.kim)) == (again, (30, 0, 0))


def test_the_same_key_of_somebody_else_is_another_form(people, give, has):
    """F65."""
    give(30, key="form-1")
    give(30, key="form-1", by=people.sam)
    assert has(people.kim) == (60, 0, 0)


def test_a_key_with_other_content_is_refused(people, give, has):
    give(30, key="form-1")
    with pytest.raises(Refused, match="sent before with something else"):
        give(31, key="form-1")
    assert has(people.kim) == (30, 0, 0)


def test_above_the_limit_a_second_person_decides(people, give, has, now):
    """L10: exactly the limit is one person's to give."""
    adopt_policy(policy=Policy(adjust_alone_limit=50))
    give(50)
    asked = give(51)
    assert (asked.state, has(people.kim)) == (AdjustmentState.WAITING, (50, 0, 0))
    assert list(queries.adjustments_waiting()) == [asked]
    with pytest.raises(Refused, match="Somebody else has to agree"):
        services.approve(adjustment=asked, by=people.ida, now=now)
    with pytest.raises(Refused, match="Only staff"):
        services.approve(adjustment=asked, by=people.ana, now=now)
    services.approve(adjustment=asked, by=people.sam, now=now)
    assert has(people.kim) == (101, 0, 0)
    line = Transfer.objects.get(amount=51)
    assert (line.by, line.second) == (people.ida, people.sam)
    with pytest.raises(Refused, match="decided this meanwhile"):
        services.refuse(adjustment=asked, by=people.sam, now=now)


def test_what_is_refused_moves_nothing(people, give, has, now):
    asked = give(1000)
    services.refuse(adjustment=asked, by=people.sam, now=now)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, has(people.kim)) == (AdjustmentState.REFUSED, people.sam, (0, 0, 0))
    assert not queries.adjustments_waiting().exists()


@pytest.mark.parametrize(
    ("amount", "reason", "sentence"),
    [
        (0, "Why", "Enter a whole number above 0, like 30."),
        (1_000_000_001, "Why", "Enter 1,000,000,000 at most."),
        (-31, "Why", "Kim Okafor can use 30 only. Take 30 at most."),
        (5, "  ", "Say why in a few words. Kim Okafor reads it."),
        (5, "x" * 201, "Shorten the reason: 200 characters fit."),
    ],
)
def test_wrong_adjustments_have_a_sentence(people, give, has, now, amount, reason, sentence):
    give(30)
    with pytest.raises(Refused) as refused:
        services.adjust(member=people.kim, amount=amount, reason=reason, by=people.ida, request_key="k", now=now)
    assert refused.value.sentence == sentence
    assert has(people.kim) == (30, 0, 0)


def test_who_is_not_staff_gives_nothing(people, now):
    with pytest.raises(Refused, match="Only staff can do this"):
        services.adjust(member=people.ana, amount=5, reason="Why", by=people.ana, request_key="k", now=now)


def test_credits_that_come_are_told_on(people, give, now):
    """Decisions 19: who waits for them moves on by itself."""
    give(30, key="form-1")
    give(30, key="form-1")
    rows = OutboxMessage.objects.filter(topic=services.ADDED_TOPIC)
    assert [row.payload for row in rows] == [{"member_id": str(people.kim.pk)}]


# --- vouchers ---------------------------------------------------------------------------------------------


@pytest.fixture
def voucher(people, now):
    return services.make_voucher(amount=30, by=people.ida, now=now, expires_on=date(2026, 11, 30))


def test_a_voucher_gives_once(people, voucher, has, now):
    """Typed in small letters, with spaces around and within."""
    typed = f" {voucher.code.lower()[:5]} {voucher.code.lower()[5:]} "
    for _ in range(2):
        services.redeem(member=people.kim, code=typed, now=now)
    assert has(people.kim) == (30, 0, 0)
    voucher.refresh_from_db()
    assert (voucher.used_by, voucher.used_at) == (people.kim, now)


WRONG_CODES = {
    "": "Enter the code of your voucher.",
    "AAAA-BBBB-CCCC": "We don't know this code. Check it letter by letter.",
}


@pytest.mark.parametrize(("code", "sentence"), WRONG_CODES.items())
def test_wrong_codes_have_a_sentence(people, voucher, has, now, code, sentence):
    with pytest.raises(Refused) as refused:
        services.redeem(member=people.kim, code=code, now=now)
    assert (refused.value.sentence, refused.value.field) == (sentence, "code")
    assert has(people.kim) == (0, 0, 0)


def test_a_used_voucher_has_a_sentence(people, voucher, has, now):
    services.redeem(member=people.ana, code=voucher.code, now=now)
    with pytest.raises(Refused, match=r"This voucher has been used already. Ask who gave it to you\."):
        services.redeem(member=people.kim, code=voucher.code, now=now)
    assert has(people.kim) == (0, 0, 0)


def test_a_voucher_is_good_until_the_end_of_its_day(people, voucher, has):
    """The tenant's zone: in Prague 1 December begins an hour before it does in UTC."""
    with pytest.raises(Refused, match=r"could be used until 30 November 2026\."):
        services.redeem(member=people.kim, code=voucher.code, now=datetime(2026, 11, 30, 23, 0, tzinfo=UTC))
    services.redeem(member=people.kim, code=voucher.code, now=datetime(2026, 11, 30, 22, 59, tzinfo=UTC))
    assert has(people.kim) == (30, 0, 0)


def test_codes_are_hard_to_guess_and_easy_to_read(people, now):
    codes = {services.make_voucher(amount=1, by=people.ida, now=now).code for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 14 and not set(code) & set("01OIL") for code in codes)


@pytest.mark.parametrize("amount", [0, -5, 2_000_000_000])
def test_a_voucher_is_worth_something(people, now, amount):
    with pytest.raises(Refused):
        services.make_voucher(amount=amount, by=people.ida, now=now)
    assert not Voucher.objects.exists()


# --- programmes -------------------------------------------------------------------------------------------


@pytest.fixture
def hub(people):
    return Programme.objects.create(name="Acme Care", amount=6, period=Period.MONTH)


def test_a_programme_gives_once_in_each_period(people, hub, has, now):
    """F83: at joining, and with each month of the tenant's calendar."""
    services.join_programme(programme=hub, member=people.kim, now=now)
    services.join_programme(programme=hub, member=people.kim, now=now + timedelta(days=1))
    assert has(people.kim) == (6, 0, 0)
    transfer = Transfer.objects.get(kind="allowance")
    assert (transfer.reference, transfer.at) == ("programme:Acme Care", now)


@pytest.mark.parametrize(
    ("period", "moment", "first"),
    [
        (Period.MONTH, datetime(2026, 11, 30, 22, 59, tzinfo=UTC), date(2026, 11, 1)),
        (Period.MONTH, datetime(2026, 11, 30, 23, 0, tzinfo=UTC), date(2026, 12, 1)),
        (Period.QUARTER, datetime(2026, 11, 23, tzinfo=UTC), date(2026, 10, 1)),
        (Period.QUARTER, datetime(2027, 3, 31, 12, tzinfo=UTC), date(2027, 1, 1)),
        (Period.YEAR, datetime(2026, 11, 23, tzinfo=UTC), date(2026, 1, 1)),
    ],
)
def test_periods_follow_the_wall_clock(hub, period, moment, first):
    hub.period = period
    assert allowances.period_start(hub, moment) == first


def test_who_leaves_and_joins_again_gets_nothing_twice(people, hub, has, now):
    place = services.join_programme(programme=hub, member=people.kim, now=now)
    services.leave_programme(place=place, now=now)
    services.join_programme(programme=hub, member=people.kim, now=now)
    assert has(people.kim) == (6, 0, 0)


def test_another_allowance_counts_from_the_next_period(people, hub, has, now):
    services.join_programme(programme=hub, member=people.kim, now=now)
    hub.amount = 8
    hub.save(update_fields=["amount"])
    services.join_programme(programme=hub, member=people.kim, now=now)
    assert has(people.kim) == (6, 0, 0)
    services.give_allowances(tenant=people.tenant, now=now + timedelta(days=10))
    assert has(people.kim) == (14, 0, 0)


def test_allowances_go_to_who_is_there(people, hub, has, now):
    """Not to who has left, is suspended, or whose programme has ended."""
    kim = services.join_programme(programme=hub, member=people.kim, now=now)
    services.join_programme(programme=hub, member=people.ana, now=now)
    services.leave_programme(place=kim, now=now)
    december = now + timedelta(days=10)
    assert services.give_allowances(tenant=people.tenant, now=december) == 1
    assert (has(people.kim), has(people.ana)) == ((6, 0, 0), (12, 0, 0))
    assert services.give_allowances(tenant=people.tenant, now=december) == 1
    hub.is_active = False
    hub.save(update_fields=["is_active"])
    assert services.give_allowances(tenant=people.tenant, now=december + timedelta(days=31)) == 0
    assert has(people.ana) == (12, 0, 0)
    with pytest.raises(Refused, match="has ended"):
        services.join_programme(programme=hub, member=people.kim, now=december)
