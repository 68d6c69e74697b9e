"""Real processes to watch and to kill, known by a path that only they carry."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys
sys.path.append("config")  # config/__init__.py would import Celery, which takes longer than the servers do
from pathlib import Path
from embedded import ended, ensure
urls = ensure(Path(sys.argv[1]), durable=bool(int(sys.argv[2])))
print(urls.owner, urls.runtime, urls.redis, flush=True)
for _line in sys.stdin:
    print(ended(), flush=True)
"""


@contextmanager
def short_directory() -> Iterator[Path]:
    """A directory that every user may enter, with a path short enough for sockets, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="parley-", dir="/tmp", ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o755)
        yield Path(name)


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Poll real processes until the condition holds; False when it does not within so many seconds."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.02)
    return True


def alive(*words: str) -> dict[int, str]:
    """Command lines by process id of all living processes whose command line or title holds every word."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if command and int(folder.name) != os.getpid() and all(word in command for word in words):
            found[int(folder.name)] = command
    return found


def kill(*words: str) -> None:
    """kill -9 the one process whose command line holds every word."""
    (pid,) = alive(*words)
    os.kill(pid, signal.SIGKILL)


class User:
    """A process that uses the servers under a data root until it is told to leave."""

    started: ClassVar[list["User"]] = []

    def __init__(self, root: Path, *, durable: bool = False, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(root), str(int(durable))],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(self)

    def urls(self) -> list[str]:
        """The owner's, the runtime role's and Redis's URL, once the servers answer."""
        return self.process.stdout.readline().split()

    def ended(self) -> str:
        """What `config.embedded.ended` says in that process."""
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def leave(self) -> tuple[str, str, int]:
        """End it; returns what it wrote to both outputs and its exit code."""
        output, errors = self.process.communicate(timeout=60)
        return output, errors, self.process.returncode

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.communicate()

    @classmethod
    def kill_all(cls) -> None:
        """End those a failed test has left."""
        while cls.started:
            user = cls.started.pop()
            if user.process.poll() is None:
                user.kill()
