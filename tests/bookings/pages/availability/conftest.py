"""Ana signed in at the clock of the demo, with Kim who asks her (PG-42)."""

import pytest
import time_machine

from accounts.tenancy import tenant_scope
from tests import factories

from .reading import Scene


@pytest.fixture
def scene(north, now, client):
    made = Scene()
    made.tenant, made.now = north, now
    with tenant_scope(north):
        made.ana = factories.provider("Ana Nowak", now=now)
        made.service = factories.service(made.ana, "Tax planning", price=0)
        made.kim = factories.member("Kim Okafor")
    client.force_login(made.ana.member.user)
    made.client = client
    with time_machine.travel(now, tick=False):
        yield made
