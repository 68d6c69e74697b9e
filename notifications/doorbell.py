"""Telling a worker that work waits. Nothing depends on it: unheard, the work is found by polling (reliability.md 6.1)."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.pools import producers

TASK = "config.tasks.run_tenant_work_task"
# Unheard for this long, a ring is stale: polling has done the work.
EXPIRES_SECONDS = 60

logger = logging.getLogger(__name__)


class Circuit:
    """Whether the broker is worth trying: not for a while after it failed."""

    def __init__(self) -> None:
        self.open_until = 0.0

    def is_open(self) -> bool:
        """Whether a pause is still running."""
        return time.monotonic() < self.open_until

    def pause(self) -> None:
        """Don't try for DOORBELL_PAUSE_SECONDS."""
        self.open_until = time.monotonic() + settings.DOORBELL_PAUSE_SECONDS


circuit = Circuit()


# Whose work waits to be told of while a request is answered; None outside of requests.
_kept: ContextVar[list[int] | None] = ContextVar("kept", default=None)


def ring(tenant_id: int) -> None:
    """Ask any worker to do the tenant's due work; while a request is answered, once its answer is out. Never raises.

    With the broker gone it costs one time-out, then a pause (F14).
    """
    kept = _kept.get()
    if kept is None:
        _ring(tenant_id)
    else:
        kept.append(tenant_id)


@contextmanager
def kept() -> Iterator[list[int]]:
    """Keep the rings of the block, for `ring_all` afterwards: nobody waits for the broker."""
    rings: list[int] = []
    before = _kept.set(rings)
    try:
        yield rings
    finally:
        _kept.reset(before)


def ring_all(tenant_ids: list[int]) -> None:
    """Ring for each of them, once."""
    for tenant_id in dict.fromkeys(tenant_ids):
        ring(tenant_id)


def _ring(tenant_id: int) -> None:
    if circuit.is_open():
        return
    try:
        with producers[_connection()].acquire(block=True, timeout=settings.DOORBELL_TIMEOUT_SECONDS) as producer:
            current_app.send_task(
                TASK, args=[tenant_id], producer=producer, retry=False, ignore_result=True, expires=EXPIRES_SECONDS
            )
    except Exception as error:  # whatever the broker does, the request that committed goes on
        circuit.pause()
        pause = settings.DOORBELL_PAUSE_SECONDS
        logger.warning("The broker took no message; polling finds the work. Next try in %s s: %s", pause, error)


def _connection() -> Connection:
    # Celery's own connections wait and retry without end by default, which a web request cannot.
    timeout = settings.DOORBELL_TIMEOUT_SECONDS
    return Connection(
        settings.CELERY_BROKER_URL,
        connect_timeout=timeout,
        transport_options={
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "connect_retries_timeout": timeout,
            "retry_on_timeout": False,
            "max_retries": 0,
            "interval_start": 0,
            "interval_step": 0,
        },
    )
