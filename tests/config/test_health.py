"""`/health/` tells what is away and fails only for what pages can't do without (PG-95, F7, W8)."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.tenancy import tenant_scope
from notifications import outbox


@pytest.mark.django_db
def test_all_is_well(client):
    answer = client.get("/health/")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "redis": "ok", "outbox_lag_seconds": 0}
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_redis_away_is_degraded_and_still_serves(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = client.get("/health/")

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["redis"]) == ("degraded", "away")


@pytest.mark.django_db
def test_mails_that_wait_are_degraded(client, north):
    with tenant_scope(north):
        outbox.enqueue(topic="x", dedupe_key="x", payload={}, due_at=timezone.now() - timedelta(seconds=400))

    answer = client.get("/health/").json()

    assert answer["status"] == "degraded"
    assert 400 <= answer["outbox_lag_seconds"] < 460


@pytest.mark.django_db
def test_without_the_database_it_fails(client):
    def away(execute, sql, params, many, context):
        raise OperationalError("the server went away")

    with connection.execute_wrapper(away):
        answer = client.get("/health/")

    assert answer.status_code == 503
    assert answer.json() == {"status": "down", "database": "away", "redis": "ok"}


@pytest.mark.django_db
def test_it_belongs_to_no_tenant(client, north):
    assert client.get("/t/north/health/").status_code == 404
    assert client.post("/health/").status_code == 405
