"""`verify` looks from the outside: each law is broken behind the product's back, as only the database's owner can (L1-L10)."""

import pytest
from django.db import connection

from credits import queries, services, verification
from tests import factories
from tests.tampering import tamper


def names(now):
    return {finding.law for finding in verification.verify(verification.LAWS, now=now)}


@pytest.fixture
def books(in_north, now):
    """A history with everything in it, and a way to write into it with all walls down."""
    ida = factories.member("Ida Berg", roles=("staff",))
    kim, ana = factories.member("Kim Okafor", credits=0), factories.member("Ana Nowak")
    services.adjust(member=kim, amount=100, reason="Welcome", by=ida, request_key="1", now=now)
    first = services.hold(member=kim, amount=30, reference="booking:NO-1", key="1", now=now)
    services.capture(member=kim, hold_id=first.pk, earner=ana, charged=15, earned=7, now=now)
    services.hold(member=kim, amount=20, reference="booking:NO-2", key="1", now=now)
    return lambda sql: tamper("credits", sql)


def test_a_whole_history_keeps_every_law(books, now):
    assert verification.verify(verification.LAWS, now=now) == []


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE credits_entry SET amount = amount + 1 WHERE version = 2 AND balance = 70", {"L1", "L2", "L3"}),
        ("DELETE FROM credits_entry WHERE version = 1 AND balance = 30", {"L1", "L2", "L3"}),
        ("UPDATE credits_wallet SET balance = balance + 1 WHERE kind = 'available'", {"L3"}),
        ("UPDATE credits_wallet SET version = version + 1 WHERE kind = 'earned'", {"L3"}),
        ("UPDATE credits_wallet SET balance = -1 WHERE kind = 'available'", {"L3", "L4"}),
        ("UPDATE credits_hold SET earned = 8 WHERE amount = 30", {"L5"}),
        ("UPDATE credits_hold SET state = 'returned' WHERE amount = 20", {"L5", "L6", "L7"}),
        ("UPDATE credits_hold SET amount = 21 WHERE amount = 20", {"L6", "L7"}),
        ("UPDATE credits_hold SET reference = 'booking:NO-1', state = 'blocked'", {"L5", "L6", "L7", "L8"}),
        ("GRANT UPDATE ON credits_entry TO parley_app", {"L9"}),
        ("UPDATE credits_transfer SET reason = '' WHERE kind = 'grant'", {"L10"}),
        ("UPDATE credits_transfer SET by_id = NULL WHERE kind = 'grant'", {"L10"}),
        ("UPDATE credits_transfer SET second_id = by_id WHERE kind = 'grant'", {"L10"}),
    ],
)
def test_a_broken_law_is_found(books, now, sql, broken):
    books(sql)
    assert names(now) == broken


def test_too_much_given_alone_is_found(books, now):
    """L10: by the limit of the day on which it was given."""
    books("UPDATE accounts_policyversion SET created_at = '2020-01-01'")
    assert names(now) == set()
    limit = "UPDATE accounts_policyversion SET settings = settings || '{\"adjust_alone_limit\": 99}'"
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(limit)
        cursor.execute("SET ROLE parley_app")
    assert names(now) == {"L10"}


def test_the_result_is_kept_and_read_again(books, now):
    """Reliability 6.10: the front page of staff shows it."""
    books("UPDATE credits_wallet SET balance = balance + 1 WHERE kind = 'earned'")
    verification.keep(verification.verify(verification.LAWS, now=now), now=now)
    last = queries.last_verification()
    assert last.at == now
    assert [(finding["law"], finding["count"]) for finding in last.findings] == [("L3", 1)]
    assert last.findings[0]["examples"][0].startswith("wallet ")
