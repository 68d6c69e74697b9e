"""The process that owns PostgreSQL and Valkey, from the first process that needs them until the last one is gone."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any, NoReturn

from .errors import StartError, full_disk, sentences
from .locks import hold, open_lock, take
from .parents import die_with_parent, end_in_words
from .places import Place, answers
from .programs import Programs, reachable_copy

START_SECONDS = 60
STOP_SECONDS = 30
POLL_SECONDS = 0.5
# PostgreSQL's fast shutdown does not wait for its clients
FAREWELLS = {"PostgreSQL": signal.SIGINT, "Valkey": signal.SIGTERM}

ROLES = """\
CREATE ROLE parley_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS
CREATE ROLE parley_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS
GRANT parley_app TO parley_owner
CREATE DATABASE parley OWNER parley_owner
"""


class Servers:
    """One PostgreSQL and one Valkey as children of this process."""

    def __init__(self, place: Place, programs: Programs, durable: bool) -> None:
        self.place, self.durable = place, durable
        self.programs = programs if place.uid is None else reachable_copy(programs, place)
        self.data = place.file(f"pg{programs.major}")
        self.log = place.open_log()
        self.log_start = self.log.seek(0, os.SEEK_END)
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, lock: IO[str]) -> None:
        """Start both, making the cluster first when there is none; they inherit ``lock``. Raises StartError."""
        try:
            self._start(lock)
        except StartError:
            self.stop()
            if self.durable or not self.data.exists():
                raise
            shutil.rmtree(self.data)
            self._start(lock)

    def _start(self, lock: IO[str]) -> None:
        if not self.data.exists():
            self._make_cluster()
        postgres = Path(self.programs.postgresql) / "postgres"
        self._launch("PostgreSQL", [postgres, "-D", self.data, *self._postgresql_options()], lock)
        self._launch("Valkey", [self.programs.redis, *self._valkey_options()], lock)
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if (dead := self.dead()) or time.monotonic() > deadline:
                raise StartError(self._failure(dead or "PostgreSQL"))
            time.sleep(0.02)

    def _make_cluster(self) -> None:
        """Make cluster, roles and database aside and move them into place, so that a cluster is whole or not there."""
        draft = self.place.file("draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.place.uid is not None and self.place.gid is not None:
            os.chown(draft, self.place.uid, self.place.gid)
        binaries = Path(self.programs.postgresql)
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        locale = builtin if self.programs.major >= 17 else ["--locale=C.UTF-8"]
        initdb = [binaries / "initdb", "-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self._run([*initdb, *locale])
        self._run([binaries / "postgres", "--single", "-D", draft, "-cexit_on_error=on", "postgres"], ROLES)
        draft.rename(self.data)

    def _postgresql_options(self) -> list[str]:
        options = {
            "unix_socket_directories": '"' + self.place.run.replace('"', '""') + '"',
            "listen_addresses": "",
            "cluster_name": "parley",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "max_logical_replication_workers": "0",
            "jit": "off",
            "timezone": "UTC",
            # statements that fail are the application's to report
            "log_min_messages": "log",
            "log_min_error_statement": "log",
        }
        if self.programs.major >= 18:
            options["io_method"] = "sync"  # three processes less; they pay off on data larger than the memory
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [f"-c{name}={value}" for name, value in options.items()]

    def _valkey_options(self) -> list[str]:
        options = {"port": "0", "unixsocket": str(self.place.valkey_socket), "unixsocketperm": "700"}
        options |= {"dir": self.place.run, "save": "", "appendonly": "no"}
        options |= {"loglevel": "warning", "maxmemory-policy": "noeviction"}
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _identity(self) -> dict[str, Any]:
        if self.place.uid is None:
            return {}
        return {"user": self.place.uid, "group": self.place.gid, "extra_groups": []}

    def _run(self, command: list[Any], text: str = "") -> None:
        done = subprocess.run(  # noqa: S603 - found by find_programs
            command,
            input=text.encode(),
            stdout=self.log,
            stderr=self.log,
            cwd="/",
            preexec_fn=die_with_parent(signal.SIGKILL),
            check=False,
            **self._identity(),
        )
        if done.returncode:
            raise StartError(self._full_disk() or f"PostgreSQL could not make its files: {self._said()[-1]}")

    def _launch(self, name: str, command: list[Any], lock: IO[str]) -> None:
        self.children[name] = subprocess.Popen(  # noqa: S603 - found by find_programs
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            pass_fds=[lock.fileno()],
            cwd="/",
            preexec_fn=die_with_parent(FAREWELLS[name]),  # noqa: PLW1509 - this process has one thread
            start_new_session=True,
            **self._identity(),
        )

    def _ready(self) -> bool:
        """PostgreSQL writes its process id and, in the eighth line, "ready" once it takes connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return False
        mine = len(lines) >= 8 and lines[0] == str(self.children["PostgreSQL"].pid) and lines[7].strip() == "ready"
        return mine and answers(self.place.valkey_socket)

    def dead(self) -> str | None:
        """The name of a server that has ended by itself, or None."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def reason(self) -> str:
        """Why we stop, for the processes that still use us."""
        if name := self.dead():
            return f"{name} ended by itself ({end_in_words(self.children[name].returncode)})"
        return "PostgreSQL and Valkey were stopped"

    def stop(self) -> None:
        """Stop both servers and wait until they are gone."""
        for name, child in self.children.items():
            child.send_signal(FAREWELLS[name])
        for child in self.children.values():
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.children.clear()

    def _failure(self, name: str) -> str:
        advice = "or run `make demo-reset` to begin again with fresh demo data" if self.durable else "then try again"
        told = f"{name} could not start on the data in {self.data}: read {self.place.log}, {advice}."
        return self._full_disk() or told

    def _full_disk(self) -> str | None:
        return full_disk(self.place.home) if any("No space left on device" in line for line in self._said()) else None

    def _said(self) -> list[str]:
        """The lines that the servers have written since this start; never empty."""
        with open(self.place.log, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace").splitlines() or ["it said nothing."]


def main(plan: str) -> NoReturn:
    """Run the servers of the plan (JSON) as a daemon; says "ready" or one sentence on standard output."""
    if os.fork():
        os._exit(0)
    facts, stop = json.loads(plan), []
    place = Place(**facts["place"])
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, lambda signum, _frame: stop.append(signum))
    with open_lock(place.file("supervisor.lock")) as own:
        fcntl.flock(own, fcntl.LOCK_EX)
        place.file("ended").unlink(missing_ok=True)
        try:
            servers = _started(place, Programs(**facts["programs"]), facts["durable"])
        except StartError as error:
            _say(str(error))
            sys.exit(1)
        _say("ready")
        os.close(facts["start"])
        last_locks = None
        while not (stop or servers.dead() or last_locks):
            time.sleep(POLL_SECONDS)
            last_locks = _locks_if_nobody_is_left(place)
        place.file("ended").write_text(servers.reason(), encoding="utf-8")
        servers.stop()
    sys.exit(0)


def _started(place: Place, programs: Programs, durable: bool) -> Servers:
    lock = place.file("servers.lock")
    late = f"The servers of an earlier run have not stopped yet: end the processes that hold {lock}."
    with sentences(place.home), hold(lock, otherwise=late) as held:
        servers = Servers(place, programs, durable)
        servers.start(held)
    return servers


def _locks_if_nobody_is_left(place: Place) -> tuple[IO[str], IO[str]] | None:
    """The locks on starting and on using, when no process has either: to be kept until the servers are gone."""
    start, users = open_lock(place.file("start.lock")), open_lock(place.file("users.lock"))
    if take(start, fcntl.LOCK_EX) and take(users, fcntl.LOCK_EX):
        return start, users
    start.close()
    users.close()
    return None


def _say(sentence: str) -> None:
    """Answer the process that started us, if it still listens, and let go of its pipe."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, f"{sentence}\n".encode())
    with open(os.devnull, "w", encoding="utf-8") as null:
        os.dup2(null.fileno(), 1)
