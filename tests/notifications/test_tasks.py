"""A worker's tasks find their work by themselves, and a tenant's task knows its tenant (6.1, 6.6, T8)."""

from datetime import timedelta

import pytest
from django.utils import timezone
from kombu import Connection

from accounts.models import Tenant
from accounts.tenancy import tenant_scope
from config import tasks
from notifications import doorbell, relay
from notifications.models import MailboxMessage, OutboxMessage

from .mails import mail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings, monkeypatch):
    """Mails are kept, and doorbells are heard in a Redis database of our own."""
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    settings.CELERY_BROKER_URL += "?virtual_host=8"
    monkeypatch.setattr(doorbell, "circuit", doorbell.Circuit())


@pytest.fixture
def doorbells(settings):
    """The ids of the tenants that were rung for since the last look."""

    def heard():
        with Connection(settings.CELERY_BROKER_URL) as broker:
            queue, found = broker.SimpleQueue("celery"), []
            try:
                while True:
                    message = queue.get_nowait()
                    message.ack()
                    found.append(message.payload[0][0])
            except queue.Empty:
                return found
            finally:
                queue.close()

    heard()
    return heard


def test_the_doorbell_does_the_work_of_its_tenant_alone(north, south, kim, doorbells):
    mail(north, kim, now=timezone.now())
    with tenant_scope(south):
        OutboxMessage.objects.create(topic="test.nobody", dedupe_key="a", due_at=timezone.now())
    assert tasks.run_tenant_work_task(north.pk) == 1
    assert MailboxMessage.objects.count() == 1
    with tenant_scope(south):
        assert OutboxMessage.objects.get().state == "queued"
    assert doorbells() == []


def test_the_doorbell_rings_again_when_more_waits_than_one_share(north, kim, doorbells):
    for _ in range(relay.FAIR_SHARE + 1):
        mail(north, kim, now=timezone.now())
    assert tasks.run_tenant_work_task(north.pk) == 10
    assert doorbells() == [north.pk]
    assert tasks.run_tenant_work_task(north.pk) == 1
    assert doorbells() == []


def test_the_poll_does_the_work_of_all_tenants(north, south, kim):
    mail(north, kim, now=timezone.now())
    with tenant_scope(south):
        OutboxMessage.objects.create(topic="test.nobody", dedupe_key="a", due_at=timezone.now())
    assert tasks.run_due_work_task() == 2


def test_what_was_done_long_ago_is_forgotten_in_every_tenant(north, south, monkeypatch):
    """Rows that are done leave after 14 days, oldest first, so many at once; what gave up or waits stays for ever."""
    now, day = timezone.now(), timedelta(days=1)
    monkeypatch.setattr(relay, "FORGOTTEN_AT_ONCE", 2)
    for tenant in (north, south):
        with tenant_scope(tenant):
            for key, state, done_at in [
                ("old", "done", now - 15 * day),
                ("older", "done", now - 30 * day),
                ("oldest", "done", now - 90 * day),
                ("young", "done", now - 14 * day + timedelta(minutes=1)),
                ("dead", "dead", None),
                ("waiting", "queued", None),
            ]:
                OutboxMessage.objects.create(
                    topic="test.topic", dedupe_key=key, state=state, done_at=done_at, due_at=now - 90 * day
                )

    assert tasks.forget_done_work_task() == 4
    for tenant in (north, south):
        with tenant_scope(tenant):
            left = set(OutboxMessage.objects.values_list("dedupe_key", flat=True))
            assert left == {"old", "young", "dead", "waiting"}
    assert tasks.forget_done_work_task() == 2
    assert tasks.forget_done_work_task() == 0


def test_every_job_of_beat_is_a_task_of_ours(settings):
    """A name that no worker knows would be sent for ever and done never."""
    names = {job["task"] for job in settings.CELERY_BEAT_SCHEDULE.values()}
    assert len(names) == 10
    assert all(hasattr(tasks, name.removeprefix("config.tasks.")) for name in names)


@pytest.mark.parametrize("arguments", [(), (None,), ("north",)])
def test_a_tenants_task_refuses_to_run_without_its_tenant(arguments):
    with pytest.raises(TypeError, match="needs the id of its tenant"):
        tasks.run_tenant_work_task(*arguments)


def test_a_tenants_task_of_nobody_raises():
    with pytest.raises(Tenant.DoesNotExist):
        tasks.run_tenant_work_task(999)
