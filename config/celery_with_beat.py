"""Celery for a development machine: beat runs as a thread of its one worker, which saves a process of 110 MB.

In production beat is a process of its own (docker-compose.yml), because there must be only one beside many workers.
"""

import logging
import warnings
from typing import Any

from celery import bootsteps
from celery.beat import EmbeddedService
from celery.platforms import SecurityWarning

from .celery import app

__all__ = ["app"]

# Every five seconds they would say that nothing was due.
for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace"):
    logging.getLogger(name).setLevel(logging.WARNING)
# A container's only user is often root; messages are JSON, which runs nothing.
warnings.filterwarnings("ignore", category=SecurityWarning)


class BeatThread(bootsteps.StartStopStep):
    """Starts and stops beat with the worker; `--schedule-filename` says where it remembers its last runs."""

    def create(self, worker: Any) -> Any:
        """The thread, which the worker then starts."""
        return EmbeddedService(worker.app, thread=True, schedule_filename=worker.schedule_filename)


app.steps["worker"].add(BeatThread)
