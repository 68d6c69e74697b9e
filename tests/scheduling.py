"""Which tests one process of `make test` has to run together, because they share what is dear to set up.

pytest-xdist's own way, the mark xdist_group, ends in nothing with pytest 9.2, which no longer reads the name that xdist gives a
test. Then each process would make all sample marketplaces, serve them, and open browsers.
"""

from xdist.scheduler import LoadScopeScheduling

# The largest group begins first, and tests of no group fill the time of whoever is free.
TOGETHER = {
    "the sample marketplaces on a running site": ("tests/browser/", "tests/journeys/"),
    "the rows of the sample marketplaces": ("tests/demo/test_demo.py",),
    "a running site": (
        "tests/bookings/test_race.py", "tests/bookings/test_rivals.py", "tests/bookings/test_standing_race.py",
        "tests/bookings/test_hours_race.py", "tests/bookings/test_topping_up.py",
        "tests/bookings/test_reassigning_in_browser.py", "tests/credits/test_killed_buying.py",
        "tests/credits/test_races.py", "tests/credits/test_browser.py", "tests/credits/test_idempotency.py",
    ),
}  # fmt: skip


class GroupsByFile(LoadScopeScheduling):
    """Hands out tests one by one, and those that share something as one piece of work."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """The group of a test by its file; itself, where it has none."""
    return next((group for group, places in TOGETHER.items() if nodeid.startswith(places)), nodeid)
