"""`make test` sets up once what is dear: tests that share it run in one process."""

import pytest

from tests.scheduling import TOGETHER, group_of


@pytest.mark.parametrize("fixture", ["site", "demo_site", "demo"])
def test_what_shares_a_dear_fixture_is_one_group(request, fixture):
    """Of the tests that were collected: in a run of everything, all there are."""
    groups = {group_of(item.nodeid) for item in request.session.items if fixture in item.fixturenames}

    assert groups <= set(TOGETHER)
    assert len(groups) <= 1


def test_other_tests_are_handed_out_one_by_one():
    assert group_of("tests/ui/test_tags.py::test_a") == "tests/ui/test_tags.py::test_a"
    assert group_of("tests/browser/test_axe.py::test_a") == group_of("tests/journeys/test_talks.py::test_b")
