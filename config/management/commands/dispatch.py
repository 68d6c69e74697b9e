"""Run due outbox work without a broker."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections

from config.tasks import run_due_work

POLL_SECONDS = 1.0
PAUSE_AFTER_ERROR_SECONDS = 5.0


class Command(BaseCommand):
    """A plain loop over the outbox, for hosts without Redis and as a second leg beside the worker (reliability.md 6.1).

    Any number of them may run, also beside Celery: rows are claimed with SKIP LOCKED.
    """

    help = "Run due outbox work without a broker, until it is told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="run what is due now, then end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Poll until SIGTERM or SIGINT; the round in hand (20 s at most) is finished first."""
        stop = threading.Event()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda _signum, _frame: stop.set())
        while not stop.is_set():
            pause = self._turn()
            if once:
                return
            stop.wait(pause)

    def _turn(self) -> float:
        """Run what is due; returns how many seconds to wait before the next turn."""
        close_old_connections()
        try:
            handled = run_due_work()
        except Error as error:
            self.stderr.write(
                f"The database did not answer, trying again in {PAUSE_AFTER_ERROR_SECONDS:.0f} s: {error}"
            )
            return PAUSE_AFTER_ERROR_SECONDS
        return 0.0 if handled else POLL_SECONDS
