"""Outgoing work is noted in the transaction that causes it, once, and costs the request nothing (6.1, W1, W2, F14)."""

import socket
import time

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django_scopes.exceptions import ScopeError
from kombu import Connection

from accounts.tenancy import tenant_scope
from notifications import doorbell, outbox
from notifications.middleware import AnswerFirstMiddleware
from notifications.models import OutboxMessage
from tests import factories


@pytest.fixture(autouse=True)
def circuit_closed(monkeypatch):
    monkeypatch.setattr(doorbell, "circuit", doorbell.Circuit())


@pytest.fixture
def rings(monkeypatch):
    """The tenants that were rung for, heard at the door in place of the broker."""
    heard = []

    def ring(tenant_id):
        heard.append(tenant_id)

    monkeypatch.setattr(doorbell, "ring", ring)
    return heard


@pytest.fixture
def queue(settings):
    """The real queue that workers listen to, in a Redis database of its own."""
    settings.CELERY_BROKER_URL += "?virtual_host=9"
    with Connection(settings.CELERY_BROKER_URL) as connection:
        queue = connection.SimpleQueue("celery")
        queue.clear()
        yield queue
        queue.clear()
        queue.close()


def note(key="a", topic="test.topic", now=factories.NOW, **payload):
    outbox.enqueue(topic=topic, dedupe_key=key, payload=payload, due_at=now)


def test_enqueue_the_same_key_twice_keeps_the_first(in_north):
    note("a", number=1)
    note("a", number=2)
    note("a", topic="test.other", number=3)
    rows = OutboxMessage.objects.order_by("topic").values_list("topic", "payload", "state", "due_at")
    assert list(rows) == [
        ("test.other", {"number": 3}, "queued", factories.NOW),
        ("test.topic", {"number": 1}, "queued", factories.NOW),
    ]


def test_enqueue_the_same_key_in_two_tenants_is_two_pieces_of_work(north, south):
    for tenant in (north, south):
        with tenant_scope(tenant):
            note("a")
            assert OutboxMessage.objects.count() == 1


def test_enqueue_outside_a_scope_raises(db):
    with pytest.raises(ScopeError):
        note()


def test_enqueue_rings_once_for_all_work_of_a_transaction(north, rings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as waiting, tenant_scope(north):
        note("a")
        with transaction.atomic():
            note("b")
        note("c")
        assert rings == []
    assert rings == [north.pk]
    assert len(waiting) == 1


def test_enqueue_rings_when_an_earlier_savepoint_was_rolled_back(north, rings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(north):
        with transaction.atomic():
            note("lost")
            transaction.set_rollback(True)
        note("kept")
    assert rings == [north.pk]


def test_a_transaction_rolled_back_leaves_no_work_and_rings_not(north, rings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(north):
        note("lost")
        transaction.set_rollback(True)
    with tenant_scope(north):
        assert not OutboxMessage.objects.exists()
    assert rings == []


def test_ring_leaves_one_message_with_the_tenants_id(queue):
    doorbell.ring(7)
    message = queue.get(timeout=2)
    assert message.headers["task"] == "config.tasks.run_tenant_work_task"
    assert message.payload[:2] == [[7], {}]
    message.ack()


def test_a_request_rings_once_and_after_its_answer(queue, db):
    """F14: who sent a form never waits for the broker."""

    def view(request):
        doorbell.ring(7)
        doorbell.ring(7)
        return HttpResponse("Sent.")

    answer = AnswerFirstMiddleware(view)(HttpRequest())
    with pytest.raises(queue.Empty):
        queue.get_nowait()
    answer.close()
    assert queue.get_nowait().payload[0] == [7]
    with pytest.raises(queue.Empty):
        queue.get_nowait()
    doorbell.ring(8)
    assert queue.get_nowait().payload[0] == [8]


def test_ring_with_a_dead_broker_returns_at_once_and_stays_silent(settings):
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/valkey.sock"
    began = time.monotonic()
    doorbell.ring(7)
    doorbell.ring(7)
    assert time.monotonic() - began < 0.25
    assert doorbell.circuit.is_open()


def test_ring_into_a_black_hole_costs_one_time_out_only(settings):
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{black_hole.getsockname()[1]}/0"
        began = time.monotonic()
        doorbell.ring(7)
        assert 0.15 < time.monotonic() - began < 0.4
        began = time.monotonic()
        for _ in range(100):
            doorbell.ring(7)
        assert time.monotonic() - began < 0.05


def test_ring_tries_again_after_the_pause(settings, monkeypatch, queue):
    doorbell.circuit.pause()
    doorbell.ring(7)
    with pytest.raises(queue.Empty):
        queue.get_nowait()
    later = time.monotonic() + settings.DOORBELL_PAUSE_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    doorbell.ring(7)
    assert queue.get_nowait().payload[0] == [7]
