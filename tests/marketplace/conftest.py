"""Pages are asked for at the clock of the demo: Monday 23 November 2026, 9:14 in Prague (ux.md 6)."""

import pytest
import time_machine


@pytest.fixture
def at_demo_time(now):
    with time_machine.travel(now, tick=False):
        yield now
