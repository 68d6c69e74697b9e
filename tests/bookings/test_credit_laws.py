"""`manage.py verify` between bookings and credits: each law is broken on purpose, and found (B2, L8, L11)."""

from datetime import timedelta

import pytest

from bookings.enums import Action
from config.verification import laws
from credits import verification
from tests import factories
from tests.tampering import tamper


@pytest.fixture
def agreed(scene, ask, act, at):
    """A session of 30 credits, agreed for Thursday at ten, of which Kim holds them; another one is asked for."""
    scene.kim = factories.member("Kim Okafor", credits=100)
    ask(at(27, 10), client=scene.kim)
    return act(ask(at(26, 10), client=scene.kim), Action.ACCEPT, start=at(26, 10))


def broken(now):
    return {finding.law: finding for finding in verification.verify(laws(), now=now)}


def test_all_laws_hold(agreed, scene):
    assert broken(scene.now) == {}


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("credit_status = 'returned'", {"B2", "L8"}),
        ("credit_status = 'charged'", {"B2", "L8"}),
        ("hold_id = gen_random_uuid()", {"B2", "L8"}),
        ("price = price + 1", {"L8"}),
        ("status = 'declined'", {"L8"}),
        ("status = 'waiting'", {"L8"}),
        ("code = code || 'X'", {"L8"}),
    ],
)
def test_a_booking_that_says_something_else_than_its_hold_is_found(agreed, scene, change, names):
    tamper("bookings", f"UPDATE bookings_booking SET {change} WHERE id = '{agreed.pk}'")
    found = broken(scene.now)
    assert set(found) == names
    assert {finding.count for finding in found.values()} == {1}
    assert found["L8"].examples[0].startswith(f"booking {agreed.code}")


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("state = 'returned', settled_at = opened_at", {"B2", "L5", "L6", "L7", "L8"}),
        ("amount = amount + 1", {"L6", "L7", "L8"}),
        ("reference = 'booking:NO-0000'", {"L8"}),
    ],
)
def test_a_hold_that_says_something_else_than_its_booking_is_found(agreed, scene, change, names):
    apart = "ALTER TABLE bookings_booking DROP CONSTRAINT credit_status_is_hold"
    tamper("credits", f"{apart}; UPDATE credits_hold SET {change} WHERE id = '{agreed.hold_id}'")
    assert set(broken(scene.now)) == names


def test_what_stays_held_long_after_its_session_is_found(agreed):
    """L11: two days after it should have been completed by itself (48 hours after its end)."""
    last = agreed.ends_at + timedelta(hours=48, days=2)
    assert set(broken(last)) == set()
    found = broken(last + timedelta(seconds=1))
    assert set(found) == {"L11"}
    assert found["L11"].examples == [f"booking {agreed.code}"]
