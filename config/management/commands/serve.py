"""`make run`: the whole of Parley on one machine, for development."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.demo import loading as demo
from config.embedded import hold_across_exec
from config.embedded.parents import die_with_parent, follow
from config.embedded.runner import become
from config.settings import env

ANY_HOST = "0.0.0.0"  # noqa: S104 - only when HOST asks for it
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
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # threads would each keep their own free memory
        if _has_pending_migrations():
            self._prepare("Making the tables ...", "migrate", "--verbosity=0")
        if demo.is_needed():
            self._prepare("Filling five demo tenants ...", "demo")
        connection.close()
        hold_across_exec()
        become(
            {
                "programs": _programs(host, port),
                "host": "127.0.0.1" if host == ANY_HOST else host,
                "port": port,
                "welcome": [f"Parley is ready: {url}/", "Ctrl-C stops it, the data is kept."],
                "root": None if "DATABASE_URL" in os.environ else str(_data()),
                "durable": env.flag("PARLEY_DURABLE", True),
            }
        )

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


def _data() -> Path:
    return Path(os.environ.get("PARLEY_DATA", settings.BASE_DIR / ".parley"))


def _programs(host: str, port: int) -> dict[str, list[str]]:
    schedule = (_data() / "beat-schedule").resolve()
    schedule.parent.mkdir(exist_ok=True)
    web = ["--bind", f"{host}:{port}", "--workers=1", f"--threads={WEB_THREADS}", "--no-control-socket"]
    web += ["--reload", *(f"--reload-extra-file={path}" for path in _templates()), "--log-level=error"]
    web += ["--access-logfile=-", "--access-logformat=%(m)s %(U)s %(s)s %(L)ss"]
    worker = ["--pool=threads", f"--concurrency={WORKER_THREADS}", "--without-mingle", "--without-gossip"]
    worker += ["--without-heartbeat", f"--schedule-filename={schedule}", "--loglevel=info"]
    return {
        "web": [sys.executable, "-m", "gunicorn", *web, "config.wsgi"],
        "worker": [sys.executable, "-m", "celery", "--app=config.celery_with_beat", "--quiet", "worker", *worker],
    }


def _templates() -> list[Path]:
    """Django keeps compiled templates, so a changed one needs a fresh process as much as changed code does."""
    return sorted(path for path in Path(settings.BASE_DIR, "templates").rglob("*.*") if path.is_file())
