"""Children that do not outlive their parent."""

import ctypes
import os
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def die_with_parent(signum: int) -> Callable[[], None]:
    """A ``preexec_fn`` that has Linux send ``signum`` to the child when its parent dies, even by kill -9.

    To be used from the main thread: Linux watches the thread that started the child. Elsewhere it does nothing.
    """
    parent = os.getpid()

    def arrange() -> None:
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, signum)
            if os.getppid() != parent:  # it died before we asked
                os.kill(os.getpid(), signum)

    return arrange
