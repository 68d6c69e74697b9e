"""Work that leaves after the commit, as rows of the transaction that causes it (reliability.md 6.1, decisions.md 28)."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import connection, transaction

from accounts.inserts import insert_together
from accounts.tenancy import TenantModel, active_tenant_id

from . import doorbell
from .models import OutboxMessage


def enqueue(*, topic: str, dedupe_key: str, payload: dict[str, Any], due_at: datetime) -> None:
    """Note one piece of work in the caller's transaction; a worker hears of it when that commits.

    `topic` names the handler in config/subscriptions.py, `payload` holds ids only, `due_at` is an aware datetime. The same
    topic and key are noted once, ever (W2). Needs an open tenant scope, else raises ScopeError.
    """
    enqueue_all([Due(topic, dedupe_key, payload, due_at)])


class Due(NamedTuple):
    """One piece of work for `enqueue_all`; its parts mean what they mean to `enqueue`."""

    topic: str
    dedupe_key: str
    payload: dict[str, Any]
    due_at: datetime


def enqueue_all(work: Iterable[Due], *, beside: Iterable[TenantModel] = ()) -> None:
    """Note several pieces of work as `enqueue` notes one, after the new rows `beside` them that are not there yet.

    One statement, none without anything.
    """
    tenant_id = active_tenant_id()
    rows = [*beside, *(OutboxMessage(**due._asdict()) for due in work)]
    if rows:
        insert_together(*rows, once=True)
        ring_on_commit(tenant_id)


def ring_on_commit(tenant_id: int | None) -> None:
    """Ring the doorbell when the transaction commits, once for all that was noted in it."""
    is_waiting = any(getattr(entry[1], "func", None) is doorbell.ring for entry in connection.run_on_commit)
    if tenant_id is not None and not is_waiting:
        transaction.on_commit(partial(doorbell.ring, tenant_id))
