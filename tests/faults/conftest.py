"""Real workers, a broker and a mail server of one's own, and a database in which everything is committed (reliability.md 3.0)."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from accounts.tenancy import tenant_scope
from config.embedded.programs import find_programs
from notifications import doorbell
from notifications.models import EmailMessage, OutboxMessage
from notifications.services import notify
from tests import factories
from tests.databases import committed_database, connected_to
from tests.notifications.mails import booking_context
from tests.site import stop
from tests.smtp import Book, smtp_server

ROOT = Path(__file__).resolve().parents[2]


class Broker:
    """A Valkey that can be stopped, killed and started again, empty."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.url = f"redis+socket://{self.socket}"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it; what it held before is gone."""
        command = [
            find_programs().redis,
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--save",
            "",
            "--loglevel",
            "warning",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.socket.exists, 5)

    def signal(self, signum: int) -> None:
        """SIGSTOP and SIGCONT make a black hole of it and back."""
        self.process.send_signal(signum)

    def kill(self) -> None:
        """As `kill -9`: nothing is saved."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.socket.unlink(missing_ok=True)

    def empty(self) -> None:
        """FLUSHALL."""
        from redis import Redis

        with Redis(unix_socket_path=str(self.socket)) as client:
            client.flushall()


@dataclass
class Arena:
    """One tenant with a client, and the processes around it. `environment` is what they are started with."""

    environment: dict[str, str]
    broker: Broker
    mail: Book
    database: str
    log: Path
    processes: list[subprocess.Popen] = field(default_factory=list)

    def found(self) -> None:
        """Make the tenant and its client."""
        self.tenant = factories.tenant("north", name="Northwind Mentors")
        with tenant_scope(self.tenant):
            self.client = factories.member("Kim Okafor", zone="America/Chicago")

    def notify(self, count: int, *, transactions: int = 1) -> None:
        """Note so many mails, committed in so many transactions; the doorbell rings for each of these."""
        for part in range(transactions):
            with tenant_scope(self.tenant):
                for number in range(count // transactions):
                    self._note(f"{part}:{number}")

    def _note(self, key: str) -> None:
        notify(
            recipient=self.client,
            kind="booking_requested_client",
            context=booking_context(),
            reference="booking:NW-7K4Q",
            dedupe_key=f"{time.monotonic_ns()}:{key}",
            now=timezone.now(),
        )

    def worker(self, app: str = "config.celery_with_beat", **environment: str) -> subprocess.Popen:
        """Start a Celery worker with two processes that may be killed, and with beat."""
        command = [
            sys.executable,
            "-m",
            "celery",
            f"--app={app}",
            "--quiet",
            "worker",
            "--pool=prefork",
            "--concurrency=2",
        ]
        command += ["--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel=warning"]
        return self.start([*command, f"--schedule-filename={self.log.parent / 'schedule'}"], **environment)

    def dispatch(self) -> subprocess.Popen:
        """Start the loop that needs no broker."""
        return self.start([sys.executable, "manage.py", "dispatch"])

    def start(self, command: list[str], **environment: str) -> subprocess.Popen:
        """Start a program in a process group of its own, to be stopped with the test."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def kill(self, process: subprocess.Popen) -> None:
        """`kill -9` of a program and all its children."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def states(self) -> dict[str, int]:
        """How many mails are in which state."""
        with tenant_scope(self.tenant):
            found = list(EmailMessage.objects.values_list("state", flat=True))
        return {state: found.count(state) for state in found}

    def work(self) -> dict[str, int]:
        """How many rows of the outbox are in which state."""
        with tenant_scope(self.tenant):
            found = list(OutboxMessage.objects.values_list("state", flat=True))
        return {state: found.count(state) for state in found}

    def mails(self) -> list[EmailMessage]:
        """All mails."""
        with tenant_scope(self.tenant):
            return list(EmailMessage.objects.all())

    def let_leases_end(self) -> int:
        """Let the two minutes pass that a dead worker's rows are held for; returns how many rows there were."""
        with psycopg.connect(self.environment["DATABASE_OWNER_URL"], autocommit=True) as owner:
            return owner.execute(
                "UPDATE notifications_outboxmessage SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL"
            ).rowcount

    def wait(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait for the world outside. Fails with what the processes said when it takes longer."""
        if not wait_until(condition, seconds):
            pytest.fail(
                f"Not within {seconds} s. Mails: {self.states()}, work: {self.work()}\n{self.log.read_text()[-4000:]}"
            )


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Look until the condition holds; False when it does not within so many seconds."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.05)
    return True


@pytest.fixture
def broker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broker")
    broker = Broker(folder)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def arena(django_db_setup, django_db_blocker, broker, settings, tmp_path, monkeypatch):
    """The place where things break. Processes of the test run with production's settings."""
    settings.CELERY_BROKER_URL = broker.url
    monkeypatch.setattr(doorbell, "circuit", doorbell.Circuit())
    with django_db_blocker.unblock(), smtp_server() as mail:
        name = re.sub(r"\W", "_", f"{connection.settings_dict['NAME']}_faults")
        with committed_database(name) as database, connected_to(name):
            arena = Arena(_environment(database, broker, mail, tmp_path), broker, mail, name, tmp_path / "log")
            arena.log.touch()
            arena.found()
            try:
                yield arena
            finally:
                for process in arena.processes:
                    stop(process)


def _environment(database: dict[str, str], broker: Broker, mail: Book, files: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
    return {
        **kept,
        **database,
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "x" * 50,
        "FILES_ROOT": str(files),
        "ALLOWED_HOSTS": "127.0.0.1",
        "PLATFORM_URL": "http://127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
        "REDIS_URL": broker.url,
        "EMAIL_HOST": mail.host,
        "EMAIL_PORT": str(mail.port),
        "DEFAULT_FROM_EMAIL": "parley@mail.example",
    }
