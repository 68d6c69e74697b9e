"""Ana, whose page it is, and how many times her marketplace lets people name (PG-04)."""

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from marketplace.enums import Place
from tests import factories
from tests.worlds import kept


@pytest.fixture
def ana(north, client):
    client.cookies["tz"] = "America/Chicago"
    return kept("Ana with a profile", _published, north)


def _published(north):
    with tenant_scope(north):
        tax = factories.topic("Tax and money")
        ana = factories.provider(bio="First line.\n\nSecond line.", topics=[tax], languages=["cs", "en"])
        ana.half = factories.service(ana, price=30, topic=tax, description="One decision.")
        ana.hour = factories.service(ana, "Deep dive", minutes=60, price=60, place=Place.PHONE)
        return ana


@pytest.fixture
def three_times(north):
    with tenant_scope(north):
        adopt_policy(policy=Policy(max_times=3))
