"""What all tests of a provider's page read and press, by links and one form as without script (PG-04, D-3, CK-12 to CK-14)."""

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from tests.worlds import kept

from .reading import _published


@pytest.fixture
def ana(north, client):
    client.cookies["tz"] = "America/Chicago"
    return kept("Ana with a profile", _published, north)


@pytest.fixture
def three_times(north):
    with tenant_scope(north):
        adopt_policy(policy=Policy(max_times=3))
