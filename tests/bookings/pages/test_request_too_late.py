"""PG-05 at an address whose time can't be asked for any more: a sentence, and the way to times that can."""

from dataclasses import replace

import pytest

from accounts.queries import current_policy
from accounts.services import adopt_policy
from tests import factories

from .conftest import iso, prague, words


@pytest.fixture
def path(world):
    return f"/experts/{world.ana.slug}/request/"


def test_time_that_comes_too_late_for_any_service_leads_to_the_free_ones(world, path):
    """Before a service is chosen, too: no promise of an answer in the past."""
    with world.inside():
        factories.service(world.ana, "Quick question", minutes=15)
        adopt_policy(policy=replace(current_policy().policy, answer_lead_hours=2))
    for start, why in (
        (prague(20, 10), "Fri 20 Nov, 3am 10am in Prague That time has passed"),
        (prague(23, 11), "Mon 23 Nov, 4am is too soon. You can ask for times from Mon 23 Nov, 4:14am on."),
    ):
        page = world.get(world.kim, f"{path}?slot={iso(start)}")

        assert why in words(page)
        assert "Ana Nowak sees it at once and answers you here and by mail." in words(page)
        assert "must answer by" not in words(page)
        assert '<button class="btn small" name="go" value="times">See when Ana Nowak is free</button>' in page.text


def test_time_that_can_be_had_needs_no_way_to_others(world, path):
    with world.inside():
        factories.service(world.ana, "Quick question", minutes=15)

    for query in (f"?slot={iso(prague(24, 15))}", f"?slot={iso(prague(24, 15))}&slot={iso(prague(20, 10))}", ""):
        assert "See when Ana Nowak is free" not in words(world.get(world.kim, f"{path}{query}"))


def test_past_time_of_a_chosen_service_is_said_beside_the_next_free_ones(world, path):
    page = words(world.get(world.kim, f"{path}?service={world.service.pk}&slot={iso(prague(20, 10))}"))

    assert "That time has passed The nearest free times" in page.replace(" Remove Fri 20 Nov, 3am to 3:30am", "")
    assert "must answer by" not in page
    assert "See when" not in page
