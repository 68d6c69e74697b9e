"""What became of the credits stands on the booking's page, in the marketplace's own word (S4.12, S4.41, decisions.md 18)."""

import re
from dataclasses import replace

import pytest

from accounts.presets import PRESETS
from accounts.services import adopt_policy
from bookings.enums import Action, CreditStatus
from bookings.wording import credit_state

from .conftest import words


def credits_of(world, who, booking):
    """What the page says under "Credits", which stands below the price."""
    found = re.search(r"Price [\w ]+ credits Credits (\w+)", words(world.get(who, f"/bookings/{booking.code}/")))
    return found[1]


def test_what_is_held_and_what_came_back_is_called_as_the_marketplace_does(world):
    booking = world.ask()
    for who in (world.kim, world.ana.member):
        assert credits_of(world, who, booking) == "Blocked"
    world.act(booking, Action.DECLINE, reason_code="time")
    for who in (world.kim, world.ana.member):
        assert credits_of(world, who, booking) == "Returned"


def test_a_marketplace_without_words_of_its_own_has_plain_ones(world):
    with world.inside():
        adopt_policy(policy=replace(PRESETS["mentors"].policy, credit_words={}))
    assert credits_of(world, world.kim, world.ask()) == "Held"


def test_where_nothing_was_held_nothing_is_said(world):
    with world.inside():
        adopt_policy(policy=replace(PRESETS["mentors"].policy, price_unit="none"))
    assert "Credits" not in words(world.get(world.kim, f"/bookings/{world.ask().code}/"))


@pytest.mark.parametrize(
    ("preset", "status", "word"),
    [
        ("mentors", CreditStatus.CHARGED, "Charged"),
        ("mentors", CreditStatus.PARTLY_CHARGED, "Partly spent"),
        ("practice", CreditStatus.CHARGED, "Used"),
        ("studio", CreditStatus.BLOCKED, "Paid"),
        ("consult", CreditStatus.CHARGED, "Spent"),
        ("mentors", CreditStatus.NONE, ""),
    ],
)
def test_each_status_has_its_word(preset, status, word):
    assert credit_state(status, PRESETS[preset].policy) == word
