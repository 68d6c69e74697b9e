"""Children that do not outlive their parent, and how a child's end is told."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def die_with_parent(signum: int) -> Callable[[], None]:
    """A ``preexec_fn`` that has Linux send ``signum`` to the child when its parent dies, even by kill -9.

    To be used from the main thread: Linux watches the thread that started the child. Elsewhere it does nothing.
    """
    parent = os.getpid()
    return lambda: follow(parent, signum)


def follow(parent: int, signum: int) -> None:
    """Have Linux send ``signum`` to this very process when its parent, of which it knows the id, dies."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signum)


def end_in_words(returncode: int) -> str:
    """A child's end as Popen reports it: "exit code 1", "killed by SIGKILL"."""
    return f"killed by {signal.Signals(-returncode).name}" if returncode < 0 else f"exit code {returncode}"
