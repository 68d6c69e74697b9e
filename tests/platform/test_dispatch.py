"""`manage.py dispatch`: the outbox's work without a broker (reliability.md 6.1, decisions.md 28)."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection
from django.utils import timezone

from accounts.tenancy import tenant_scope
from notifications import outbox
from notifications.models import OutboxMessage
from tests import factories
from tests.databases import committed_database, connected_to
from tests.platform.processes import ROOT, eventually

pytestmark = pytest.mark.faults


@pytest.fixture
def dispatch(django_db_setup, django_db_blocker):
    """The real command on a database in which everything is committed, without Redis."""
    name = f"{connection.settings_dict['NAME']}_dispatch"
    with django_db_blocker.unblock(), committed_database(name) as database, connected_to(name):
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_ROLE"}
        environment |= database | {
            "REDIS_URL": "redis+socket:///nowhere",
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
        }
        process = subprocess.Popen([sys.executable, "manage.py", "dispatch"], cwd=ROOT, env=environment)
        yield process
        process.kill()
        process.wait()


def test_dispatch_does_due_work_without_redis_and_ends_well_when_told(dispatch):
    tenant = factories.tenant("north", name="Northwind Mentors", preset="mentors")

    def tried():
        with tenant_scope(tenant):
            return OutboxMessage.objects.get(dedupe_key="a").attempts == 1

    with tenant_scope(tenant):
        outbox.enqueue(topic="nobody.handles.this", dedupe_key="a", payload={}, due_at=timezone.now())
    assert eventually(tried, 60)
    dispatch.send_signal(signal.SIGTERM)
    assert dispatch.wait(30) == 0
