"""Where a pair of servers keeps its files and sockets, and as whom it runs."""

import contextlib
import hashlib
import os
import pwd
import secrets
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from .errors import StartError

# sun_path is 108 bytes with its closing zero
LONGEST_RUN_DIRECTORY = 107 - len("/.s.PGSQL.5432.lock")
BIGGEST_LOG_BYTES = 5_000_000
HOMES_OF_ROOT = Path("/var/lib/parley-development")


@dataclass(frozen=True)
class Urls:
    """Where the servers listen: the owner's and the runtime role's database URL, and Redis as Celery writes it."""

    owner: str
    runtime: str
    redis: str


@dataclass(frozen=True)
class Place:
    """Data directory, socket directory, and the unprivileged user the servers run as (None: whoever we are)."""

    home: str
    run: str
    uid: int | None
    gid: int | None

    @classmethod
    def under(cls, root: Path) -> "Place":
        """The place that belongs to the data root, made when it is not there.

        PostgreSQL refuses to run as root, so root's servers run as ``nobody``, outside of homes that are closed to it.
        """
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (root / ".gitignore").exists():
            (root / ".gitignore").write_text("*\n", encoding="utf-8")
        if os.geteuid() != 0:
            return cls(str(root), _run_directory(root, os.geteuid()), None, None)
        home = root if open_to_all(root.parent) else _home_outside(root)
        home.chmod(0o711)
        user = pwd.getpwnam("nobody")
        return cls(str(home), _run_directory(home, user.pw_uid), user.pw_uid, user.pw_gid)

    @property
    def log(self) -> Path:
        """What both servers had to say in the last few starts."""
        return Path(self.home) / "services.log"

    @property
    def postgresql_socket(self) -> Path:
        """PostgreSQL's only door."""
        return Path(self.run) / ".s.PGSQL.5432"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's only door."""
        return Path(self.run) / "valkey.sock"

    def file(self, name: str) -> Path:
        """A file or directory beside the clusters."""
        return Path(self.home) / name

    def open_log(self) -> IO[bytes]:
        """The log, to append to; a big one is put aside first."""
        if self.log.exists() and self.log.stat().st_size > BIGGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return open(self.log, "ab")

    def urls(self) -> Urls:
        """Both roles' URLs and the Redis URL."""
        host = quote(self.run, safe="")
        return Urls(
            owner=f"postgresql://parley_owner@/parley?host={host}",
            runtime=f"postgresql://parley_app@/parley?host={host}",
            redis=f"redis+socket://{quote(str(self.valkey_socket))}",
        )


def open_to_all(path: Path) -> bool:
    """May an unprivileged user walk to ``path``? (Home directories are usually closed.)"""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents))


def answers(path: Path) -> bool:
    """Does a server listen on this socket?"""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        return True
    return False


def _home_outside(root: Path) -> Path:
    """A directory the unprivileged user can reach, tied to ``root`` by a random name that is kept in it."""
    name = root / "location"
    if not name.exists():
        name.write_text(secrets.token_hex(8), encoding="utf-8")
    home = HOMES_OF_ROOT / name.read_text(encoding="utf-8").strip()
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    home.parent.chmod(0o711)
    return home


def _run_directory(home: Path, uid: int) -> str:
    """The directory of the sockets, closed to others: ``home``/run, or a short one where that path is too long."""
    run = home / "run"
    if len(os.fsencode(run)) > LONGEST_RUN_DIRECTORY:
        # not gettempdir(): every process must come to the same path
        run = Path("/tmp") / f"parley-{uid}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"  # noqa: S108
    run.mkdir(mode=0o700, exist_ok=True)
    facts = run.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in {uid, os.geteuid()}:
        raise StartError(f"{run} belongs to somebody else: remove it and try again.")
    run.chmod(0o700)
    if facts.st_uid != uid:
        os.chown(run, uid, -1)
    return str(run)
