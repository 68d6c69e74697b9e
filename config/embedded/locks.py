"""File locks (flock): the kernel drops them with the last process that holds the file open."""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .errors import StartError

PATIENCE_SECONDS = 30


def open_lock(path: Path) -> IO[str]:
    """The lock file, not locked yet."""
    return open(path, "a", encoding="utf-8")


def take(file: IO[str], kind: int) -> bool:
    """Lock the open file as ``kind`` (fcntl.LOCK_SH or LOCK_EX) if that is possible at once."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def hold(path: Path, *, within: float = PATIENCE_SECONDS, otherwise: str) -> Iterator[IO[str]]:
    """Hold ``path`` exclusively. Raises StartError(``otherwise``) when it is not free within so many seconds."""
    with open_lock(path) as file:
        deadline = time.monotonic() + within
        while not take(file, fcntl.LOCK_EX):
            if time.monotonic() >= deadline:
                raise StartError(otherwise)
            time.sleep(0.02)
        yield file
