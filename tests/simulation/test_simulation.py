"""Clients, providers, staff and a clock act at random through the real services; the laws of bookings hold after every step.

`make test` runs a few short lives, always the same ones; `make simulate` runs many new ones (SIMULATE_RUNS, SIMULATE_STEPS) and
says how often each row of the workflow table was walked.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.life import Life
from tests.simulation.world import SEASONS, found

RUNS = int(os.environ.get("SIMULATE_RUNS", "0"))
STEPS = int(os.environ.get("SIMULATE_STEPS", "50"))
PART = 25


def live(scene, *, runs, steps, always_the_same=False):
    """Run lives of `steps` steps; how often each row of the workflow table was walked in them."""
    walked = {}
    run_state_machine_as_test(
        type("Life", (Life,), {"scene": scene, "walked": walked}),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            derandomize=always_the_same,
            phases=[Phase.generate, Phase.shrink],
            # Lives that are new from the first step on; the usual generator makes half of them variants of others.
            backend="hypothesis" if always_the_same else "hypothesis-urandom",
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return walked


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.skipif(bool(RUNS), reason="make simulate runs longer ones")
def test_the_laws_hold_in_a_few_short_lives(db, season):
    """B1-B10, F60-F62, both changes of clocks."""
    live(found(SEASONS[season]), runs=6, steps=25, always_the_same=True)


@pytest.mark.parametrize("part", range(max(1, RUNS // PART // len(SEASONS))))
@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.skipif(not RUNS, reason="make simulate")
def test_the_laws_hold_in_many_long_lives(db, season, part, record_property):
    """B1-B10: new lives each time; each part rolls back."""
    record_property("walked", live(found(SEASONS[season]), runs=PART, steps=STEPS))
