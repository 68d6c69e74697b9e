"""A running site: real gunicorn on a free port and on a database of its own, for races, browsers and benchmarks."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import User
from tests.databases import committed_database, connected_to

ROOT = Path(__file__).resolve().parents[1]
CSRF_TOKEN = "c" * 32
START_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Visitor:
    """Somebody with a browser: cookies, and a new connection for each request."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        """GET a path, as it stands in the address bar."""
        return self.prepare("GET", path, **headers).send()

    def post(self, path: str, **data: object) -> Answer:
        """POST a form, with its token."""
        return self.prepare("POST", path, data).send()

    def prepare(self, method: str, path: str, data: dict[str, object] | None = None, **headers: str) -> "Prepared":
        """A request whose connection stands already, so that many can be sent at one instant."""
        jar = {settings.CSRF_COOKIE_NAME: CSRF_TOKEN, **self.cookies}
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()), **headers}
        body = None
        if method == "POST":
            body = urlencode({"csrfmiddlewaretoken": CSRF_TOKEN, **(data or {})}, doseq=True)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        prepared = Prepared(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60), method, path, body, sent)
        prepared.connection.connect()
        return prepared


@dataclass
class Prepared:
    """A request that waits for its moment."""

    connection: http.client.HTTPConnection
    method: str
    path: str
    body: str | None
    headers: dict[str, str]

    def send(self) -> Answer:
        """Send it now and read the whole answer."""
        begin = time.perf_counter()
        try:
            self.connection.request(self.method, self.path, self.body, self.headers)
            response = self.connection.getresponse()
            body = response.read()
            return Answer(response.status, dict(response.getheaders()), body, time.perf_counter() - begin)
        finally:
            self.connection.close()


@dataclass
class Site:
    """Where the site runs and how to be somebody there."""

    port: int
    environment: dict[str, str]
    database: str
    process: subprocess.Popen

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def guest(self) -> Visitor:
        """Somebody whom nobody knows."""
        return Visitor(self.port)

    def visitor(self, user: User) -> Visitor:
        """Somebody who is signed in; the session is made in the database. Call it inside `data()`."""
        return Visitor(self.port, {settings.SESSION_COOKIE_NAME: session_of(user)})

    @contextmanager
    def data(self) -> Iterator[None]:
        """Let the test read and write the site's own database: factories and services commit there."""
        with connected_to(self.database):
            yield

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen]:
        """A Celery worker of the site, for the block."""
        command = [sys.executable, "-m", "celery", "--app", "config", "--quiet", "worker", "--pool=threads"]
        command += ["--concurrency=2", "--without-mingle", "--without-gossip", "--loglevel=warning"]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)
        try:
            yield process
        finally:
            stop(process)


def session_of(user: User) -> str:
    """The key of a new session of `user`, as signing in would make it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_site(
    environment: dict[str, str], *gunicorn: str, log: Path, application: str = "config.wsgi"
) -> Iterator[Site]:
    """Serve the application with gunicorn and these options until the block ends. Raises RuntimeError when it won't start."""
    port = free_port()
    environment = {**os.environ, **environment, "PLATFORM_URL": f"http://127.0.0.1:{port}"}
    environment.pop("DATABASE_ROLE", None)
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket", *gunicorn]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, application],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    database = environment["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
    site = Site(port, environment, database, process)
    try:
        _wait_for(site, log)
        yield site
    finally:
        stop(process)


def stop(process: subprocess.Popen) -> None:
    """End a process group politely, then for certain."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(site: Site, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and site.process.poll() is None:
        try:
            if site.guest().get("/health/").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The site did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def site(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Site]:
    """The site of this test session: two processes of eight threads, with what tests commit to its database.

    Each test founds tenants of its own there. Its clock is the real one.
    """
    log = tmp_path_factory.mktemp("site") / "gunicorn.log"
    with django_db_blocker.unblock():
        name = re.sub(r"\W", "_", f"{connection.settings_dict['NAME']}_site")
        with committed_database(name) as environment:
            local = {"DJANGO_SETTINGS_MODULE": "config.settings.local", "DEBUG": "0", "SECRET_KEY": settings.SECRET_KEY}
            with running_site({**environment, **local}, "--workers=2", "--threads=8", log=log) as running:
                yield running
