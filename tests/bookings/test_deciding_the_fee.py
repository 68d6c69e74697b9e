"""Staff cancel and say how much comes back: the books, the provider's share, the timeline, and back again (T34, D6, L8, L10)."""

from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.policies import CancelTier, Policy
from bookings import fees, services, workflow
from bookings.enums import Action, Actor, CreditStatus, Status
from tests import factories

from .test_credits import STAFF, agreed, broken, credit_of, do, has, rules, scene, status_of
from .wording.test_timeline import told

__all__ = ["agreed", "do", "has", "rules", "scene"]
HALF = (CancelTier(48, 100), CancelTier(0, 50, 25))
LAST_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("tiers", "hours", "split"),
    [
        (HALF, 1, (10, 20, 10)),  # half of what is kept
        (HALF, 48, (10, 20, 10)),  # nothing would be kept then: as in the next tier
        ((CancelTier(48, 80, 20), CancelTier(0, 0, 30)), 48, (10, 20, 20)),
        ((CancelTier(48, 80, 20), CancelTier(0, 0, 30)), 47, (10, 20, 6)),
        ((CancelTier(0, 0, 100),), 1, (10, 20, 20)),
        ((CancelTier(24, 100), CancelTier(0, 0)), 1, (10, 20, 0)),
        ((CancelTier(0, 100),), 1, (10, 20, 0)),  # nothing is ever kept: nobody has a share of it
        ((), 1, (10, 20, 0)),
        ((CancelTier(0, 50, 100),), 1, (10, 20, 20)),
    ],
)
def test_the_share_is_that_of_the_tier_that_keeps(tiers, hours, split):
    """D6; exactly at a threshold counts as early (decisions 10)."""
    found = fees.as_decided(30, 10, Policy(client_cancel_tiers=tiers), timedelta(hours=hours))
    assert (found.returned, found.kept, found.to_provider) == split


def test_fractions_fall_to_the_marketplace():
    found = fees.as_decided(30, 9, Policy(client_cancel_tiers=HALF), LAST_HOUR)
    assert (found.kept, found.to_provider) == (21, 10)


@pytest.mark.parametrize(
    ("back", "credit_status", "left"),
    [
        (None, CreditStatus.RETURNED, (100, 0, 0)),
        (30, CreditStatus.RETURNED, (100, 0, 0)),
        (10, CreditStatus.PARTLY_CHARGED, (80, 0, 10)),
        (0, CreditStatus.CHARGED, (70, 0, 15)),
    ],
)
def test_what_is_kept_is_shared_by_the_tenants_rule(agreed, do, has, back, credit_status, left):
    """L8; the mentors' last tier keeps half, and half of that is the provider's."""
    do(agreed, Action.CANCEL, STAFF, credits_back=back)
    assert (status_of(agreed), credit_of(agreed), has()) == (Status.CANCELLED, credit_status, left)


def test_the_timeline_keeps_the_split_and_says_it(agreed, do):
    do(agreed, Action.CANCEL, STAFF, credits_back=10)
    kept = agreed.events.last().data["credits"]
    assert kept == {"returned": 10, "kept": 20, "to_provider": 10}
    line = told(Action.CANCEL, Actor.STAFF, Actor.CLIENT, data={"credits": kept})
    assert line == "Sam Doyle, support, cancelled it. Spent: 20 credits, 10 came back."


def test_the_preview_says_it(agreed, scene):
    facts = services.facts_about(
        agreed, action=Action.CANCEL, actor=STAFF, by=scene.staff, now=scene.now, credits_back=10
    )
    said = [line.sentence for line in workflow.preview(facts)]
    assert "20 credits of Kim Okafor's 30 are spent, 10 of them go to Ana Nowak, 10 come back." in said


def test_it_can_be_reopened_with_all_that_was_kept(agreed, do, has, scene):
    """Decision 0010: what was kept is held again."""
    do(agreed, Action.CANCEL, STAFF, credits_back=10)
    agreed.refresh_from_db()
    do(agreed, Action.REOPEN, STAFF)
    assert (credit_of(agreed), has()) == (CreditStatus.BLOCKED, (70, 30, 0))


def test_of_a_request_nothing_can_be_kept(ask, at, do, has, scene):
    booking = ask(at(26, 10))
    with pytest.raises(services.Refused, match="Leave it empty") as refused:
        do(booking, Action.CANCEL, STAFF, credits_back=0)
    assert (refused.value.refusal.field, has()) == ("credits_back", (70, 30, 0))


def test_more_than_the_limit_is_an_owners_to_decide(agreed, do, has, rules, scene):
    """L10: what is kept counts, by today's rules; what comes back by the rules needs nobody."""
    rules(adjust_alone_limit=19)
    with pytest.raises(services.Refused, match="decides about 19 credits at most, and this is about 20"):
        do(agreed, Action.CANCEL, STAFF, credits_back=10)
    assert (status_of(agreed), has()) == (Status.CONFIRMING, (70, 30, 0))
    scene.staff = factories.member("Priya Shah", roles=(Role.OWNER,))
    do(agreed, Action.CANCEL, STAFF, credits_back=10)
    assert has() == (80, 0, 10)
    broken(scene.now)


def test_who_cancels_as_a_client_decides_nothing_about_it(agreed, do, has):
    """It is staff's to say, whatever a form sends."""
    do(agreed, Action.CANCEL, Actor.CLIENT, credits_back=30, now=agreed.starts_at - LAST_HOUR)
    assert has() == (85, 0, 7)


def test_facts_without_a_word_of_it_are_as_before(agreed, scene):
    facts = services.facts_about(agreed, action=Action.CANCEL, actor=STAFF, by=scene.staff, now=scene.now)
    assert (facts.credits_back, facts.alone_limit) == (None, None)
