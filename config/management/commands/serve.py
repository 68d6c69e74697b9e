"""`make run`: the whole of Parley on one machine, for development."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Tenant
from config.embedded import ended
from config.embedded.parents import die_with_parent, follow
from config.runner import Program, Runner

WEB_THREADS = 4
WORKER_THREADS = 4


class Command(BaseCommand):
    """Bring tables and demo data up to date, then run web, worker and beat until Ctrl-C."""

    help = "Run web, worker and beat with readable logs. PORT and HOST choose where."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with one sentence when the port is taken or the tables or demo data can't be made."""
        if "MAKELEVEL" in os.environ:
            follow(os.getppid(), signal.SIGTERM)  # make may be killed too
        host, port = os.environ.get("HOST", "127.0.0.1"), _port()
        _refuse_taken(host, port)
        url = os.environ.setdefault("PLATFORM_URL", f"http://localhost:{port}")
        os.environ["PYTHONUNBUFFERED"] = "1"
        if _has_pending_migrations():
            self._prepare("Making the tables ...", "migrate", "--verbosity=0")
        if not Tenant.objects.exists():
            self._prepare("Filling five demo tenants ...", "demo")
        connection.close()
        welcome = ["", f"Parley is ready: {url}/", "Ctrl-C stops it, the data is kept.", ""]
        runner = Runner(
            _programs(host, port), ready=partial(_answers, host, port), welcome=welcome, ended_elsewhere=ended
        )
        sys.exit(runner.run())

    def _prepare(self, saying: str, *words: str) -> None:
        self.stdout.write(saying)
        command = [sys.executable, "manage.py", *words]
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                command, cwd=settings.BASE_DIR, preexec_fn=die_with_parent(signal.SIGTERM), check=False
            )
        except KeyboardInterrupt:
            sys.exit(130)
        if done.returncode:
            raise CommandError(f"`manage.py {words[0]}` failed: the lines above say why.")


def _port() -> int:
    word = os.environ.get("PORT", "8000")
    if word.isdecimal() and 0 < int(word) < 65536:
        return int(word)
    raise CommandError(f"PORT must be a number from 1 to 65535, not {word!r}.")


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} is taken or not allowed ({error.strerror}): stop what uses it, or choose another one, "
                f"for example `PORT={port + 1} make run`."
            ) from error


def _has_pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _programs(host: str, port: int) -> list[Program]:
    celery = [sys.executable, "-m", "celery", "--app", "config", "--quiet"]
    schedule = Path(os.environ.get("PARLEY_DATA", settings.BASE_DIR / ".parley")) / "beat-schedule"
    web = ["--bind", f"{host}:{port}", "--workers=1", f"--threads={WEB_THREADS}", "--no-control-socket"]
    web += ["--reload", *(f"--reload-extra-file={path}" for path in _templates())]
    web += ["--access-logfile=-", "--access-logformat=%(m)s %(U)s %(s)s %(L)ss", "--log-level=warning"]
    worker = ["worker", "--pool=threads", f"--concurrency={WORKER_THREADS}", "--without-mingle", "--without-gossip"]
    return [
        Program("web", [sys.executable, "-m", "gunicorn", *web, "config.wsgi"]),
        Program("worker", [*celery, *worker, "--loglevel=info"]),
        Program("beat", [*celery, "beat", f"--schedule={schedule}", "--loglevel=warning"]),
    ]


def _templates() -> list[Path]:
    """Django keeps compiled templates, so a changed one needs a fresh process as much as changed code does."""
    return sorted(path for path in Path(settings.BASE_DIR, "templates").rglob("*.*") if path.is_file())


def _answers(host: str, port: int) -> bool:
    """Does the web process answer requests already?"""
    web = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=1)  # noqa: S104 - compared
    try:
        web.request("GET", "/health/")
        return web.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()
