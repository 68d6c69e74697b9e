"""PostgreSQL and Valkey for development and tests, started from their Python wheels.

Settings call :func:`ensure` when no ``DATABASE_URL`` is given, so manage.py, Celery and pytest work without a wrapper.

Three file locks share one pair of servers among any number of processes; the kernel drops a lock even after kill -9:

* ``users.lock``: every process that called ``ensure`` holds it shared for as long as it lives;
* ``start.lock``: held while servers start or stop, so that nobody meets servers that are half there;
* ``servers.lock``: held by the servers themselves, so that new ones wait for the last breath of the old.

A supervisor (``supervisor.py``) owns both servers as children that die with it. Twice a second it tries to take
``users.lock`` for itself; when it can, nobody is left and it stops the servers. It runs without Django and without
site-packages, in 14 MB, which is why this package imports nothing but the standard library.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO

from .errors import StartError, sentences
from .locks import hold, open_lock, take
from .places import Place, Urls
from .programs import Programs, find_programs

__all__ = ["StartError", "Urls", "destroy", "ended", "ensure"]

# File descriptors and not files: Python would complain of files that are still open at the end.
_users_locks: dict[Path, int] = {}


def ensure(root: Path, *, durable: bool) -> Urls:
    """Start PostgreSQL and Valkey under ``root`` unless they run, and keep them up while this process lives.

    ``durable=False`` trades crash safety for speed (fsync off) and replaces a broken cluster without asking: for tests.
    Raises StartError with one sentence when there is no server to start, the disk is full or a cluster won't start.
    """
    root = Path(root).resolve()
    with sentences(root):
        place = Place.under(root)
        if root not in _users_locks:
            _users_locks[root] = _join(place, durable)
        return place.urls()


def ended() -> str | None:
    """Why servers this process uses are gone ("Valkey ended by itself (killed by SIGKILL)"), None while they run."""
    for root in _users_locks:
        place = Place.under(root)
        with open_lock(place.file("supervisor.lock")) as lock:
            gone = take(lock, fcntl.LOCK_SH)
        if gone:
            reason = place.file("ended")
            return reason.read_text(encoding="utf-8") if reason.exists() else "The servers' supervisor was killed"
    return None


def destroy(root: Path) -> None:
    """Delete the clusters under ``root``. Raises StartError while some process still uses them."""
    root = Path(root).resolve()
    if not root.exists():
        return
    with sentences(root):
        place = Place.under(root)
        busy = "Parley is running on this data: stop it first (Ctrl-C where `make run` runs), then try again."
        with hold(place.file("users.lock"), within=2, otherwise=busy), hold(place.file("servers.lock"), otherwise=busy):
            for cluster in Path(place.home).glob("pg[0-9]*"):
                shutil.rmtree(cluster)


def _join(place: Place, durable: bool) -> int:
    """Become a user of the servers, starting them when needed. The returned descriptor holds the shared lock."""
    with open_lock(place.file("start.lock")) as start, open_lock(place.file("users.lock")) as users:
        fcntl.flock(start, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        with open_lock(place.file("supervisor.lock")) as supervisor:
            running = not take(supervisor, fcntl.LOCK_SH)
        if not running:
            _spawn_supervisor(place, find_programs(), durable, start)
        return os.dup(users.fileno())


def _spawn_supervisor(place: Place, programs: Programs, durable: bool, start: IO[str]) -> None:
    """Start the supervisor as a daemon and wait for its word.

    It inherits ``start``, and with it the start lock: should we be killed now, others still wait until it is ready.
    """
    plan = {"place": asdict(place), "programs": asdict(programs), "durable": durable, "start": start.fileno()}
    script = "import sys; sys.path.append(sys.argv[1]); from embedded.supervisor import main; main(sys.argv[2])"
    with (
        place.open_log() as log,
        subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", "-S", "-c", script, str(Path(__file__).parents[1]), json.dumps(plan)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[start.fileno()],
            start_new_session=True,
            cwd="/",
            text=True,
        ) as process,
    ):
        answer = process.stdout.readline().strip() if process.stdout else ""
    if answer != "ready":
        raise StartError(answer or f"PostgreSQL and Valkey could not be started: {place.log} says why.")
