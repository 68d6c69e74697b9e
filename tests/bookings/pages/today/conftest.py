"""A marketplace that lets people name several times (D1)."""

from dataclasses import replace

import pytest

from accounts.queries import current_policy
from accounts.services import adopt_policy


@pytest.fixture
def several(world):
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, booking_mode="preferred_dates", max_times=3))
