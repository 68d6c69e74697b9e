"""Doing the outbox's due work: claim in a short transaction, act outside of any, record (reliability.md 6.1).

Any number of relays may run at once, in workers and in `manage.py dispatch`. A row is one relay's until its lease ends, and
what a relay writes after that is refused because `attempts` no longer matches (F4).
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Tenant
from accounts.tenancy import tenant_scope

from . import outbox
from .enums import OutboxState
from .models import OutboxMessage

LEASE = timedelta(seconds=120)
ATTEMPTS = 12
BACK_OFF = timedelta(seconds=5)
LONGEST_BACK_OFF = timedelta(hours=1)
JITTER = 0.3
# So many rows of one tenant, then the next tenant's.
FAIR_SHARE = 10
# What is done stays this long, for staff who look for it; so long the same key is noted once.
KEEP_DONE = timedelta(days=14)
FORGOTTEN_AT_ONCE = 5000
# No new row is begun after this, so that a task ends well within Celery's limits.
RUN_SECONDS = 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """One claimed row, as its handler sees it. `now` is when the run began."""

    tenant: Tenant
    topic: str
    dedupe_key: str
    payload: dict[str, Any]
    attempts: int
    now: datetime


Handler = Callable[[Work], None]


def run_due(handlers: Mapping[str, Handler], *, now: datetime, limit: int = 1000) -> int:
    """Do what is due in all tenants, in rounds of FAIR_SHARE rows each; returns how many rows were tried.

    A handler runs outside of any transaction and opens scopes of its own; what it raises is kept and tried again later,
    after about 10 s, 20 s, 40 s ... at most 1 h; after ATTEMPTS it is dead. Stops early after RUN_SECONDS.
    """
    deadline = time.monotonic() + RUN_SECONDS
    tried = 0
    while tried < limit and time.monotonic() < deadline:
        waiting = due_tenants(now)
        tenants = Tenant.objects.in_bulk(list(waiting))
        this_round = 0
        for tenant_id in sorted(waiting, key=waiting.__getitem__):
            share = min(FAIR_SHARE, limit - tried - this_round)
            this_round += run_tenant(tenants[tenant_id], handlers, now=now, limit=share, deadline=deadline)
        if not this_round:
            break
        tried += this_round
    return tried


def run_tenant(
    tenant: Tenant,
    handlers: Mapping[str, Handler],
    *,
    now: datetime,
    limit: int = FAIR_SHARE,
    deadline: float | None = None,
) -> int:
    """Do up to `limit` due rows of one tenant, oldest first; returns how many were tried. `deadline`: time.monotonic()."""
    if deadline is None:
        deadline = time.monotonic() + RUN_SECONDS
    for tried in range(limit):
        if time.monotonic() >= deadline:
            return tried
        row = _claim(tenant, now)
        if row is None:
            return tried
        _work_on(row, Work(tenant, row.topic, row.dedupe_key, row.payload, row.attempts, now), handlers)
    return limit


def due_tenants(now: datetime) -> dict[int, datetime]:
    """The tenants with work that is due and in nobody's hands, each with the moment its oldest was due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, oldest FROM outbox_due_tenants(%s)", [now])
        return dict(cursor.fetchall())


def lag(now: datetime) -> float:
    """How many seconds the oldest due work has waited; 0 when none waits (W8)."""
    return max(((now - oldest).total_seconds() for oldest in due_tenants(now).values()), default=0.0)


def replay(message: OutboxMessage, *, now: datetime) -> None:
    """Put a dead row back to work with all its attempts. Rows in any other state are left alone. Needs the tenant's scope."""
    dead = OutboxMessage.objects.filter(pk=message.pk, state=OutboxState.DEAD)
    if dead.update(state=OutboxState.QUEUED, attempts=0, due_at=now, lease_until=None):
        outbox.ring_on_commit(message.tenant_id)


def forget_done(tenant: Tenant, *, now: datetime) -> int:
    """Delete what the tenant has done more than KEEP_DONE ago, oldest first, at most FORGOTTEN_AT_ONCE; returns how many rows."""
    with tenant_scope(tenant):
        done = OutboxMessage.objects.filter(state=OutboxState.DONE, done_at__lt=now - KEEP_DONE).order_by("done_at")
        oldest = list(done.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        return OutboxMessage.objects.filter(pk__in=oldest).delete()[0]


def _claim(tenant: Tenant, now: datetime) -> OutboxMessage | None:
    with tenant_scope(tenant):
        row = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(state__in=[OutboxState.QUEUED, OutboxState.CLAIMED], due_at__lte=now)
            .filter(Q(lease_until=None) | Q(lease_until__lt=Now()))
            .order_by("due_at")
            .first()
        )
        if row is not None:
            row.attempts += 1
            OutboxMessage.objects.filter(pk=row.pk).update(
                state=OutboxState.CLAIMED, attempts=row.attempts, lease_until=Now() + LEASE
            )
    return row


def _work_on(row: OutboxMessage, work: Work, handlers: Mapping[str, Handler]) -> None:
    if work.topic not in handlers:
        _record_death(row, work, f"Nobody handles the topic {work.topic!r}.")
    elif row.attempts > ATTEMPTS:
        _record_death(row, work, row.last_error or "Every worker that tried it died.")
    else:
        try:
            handlers[work.topic](work)
        except Exception as error:  # one bad row must not hold up the others
            _record_failure(row, work, f"{type(error).__name__}: {error}")
        else:
            _record(row, work, state=OutboxState.DONE, done_at=Now())


def _record_failure(row: OutboxMessage, work: Work, reason: str) -> None:
    if row.attempts >= ATTEMPTS:
        _record_death(row, work, reason)
        return
    logger.warning("%s %s failed, attempt %s: %s", work.topic, row.pk, row.attempts, reason)
    due_at = work.now + back_off(row.attempts)
    _record(row, work, state=OutboxState.QUEUED, due_at=due_at, last_error=reason[:500])


def _record_death(row: OutboxMessage, work: Work, reason: str) -> None:
    logger.error("%s %s is dead after %s attempts: %s", work.topic, row.pk, row.attempts, reason)
    _record(row, work, state=OutboxState.DEAD, last_error=reason[:500])


def _record(row: OutboxMessage, work: Work, **values: Any) -> None:
    with tenant_scope(work.tenant):
        mine = OutboxMessage.objects.filter(pk=row.pk, state=OutboxState.CLAIMED, attempts=row.attempts)
        if not mine.update(lease_until=None, **values):
            logger.warning("%s %s went to another worker before this one was done.", work.topic, row.pk)


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s doubled each time, at most 1 h, give or take 30 %."""
    wait = min(BACK_OFF * 2 ** min(attempts, 20), LONGEST_BACK_OFF)
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, guards nothing
