"""What can go wrong with the servers, as sentences."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path


class StartError(SystemExit):
    """The servers can't be had. Its one sentence is for a person: uncaught, it ends the process without a traceback."""


def full_disk(directory: Path | str) -> str:
    """The sentence for a full disk."""
    return f"The disk that holds {directory} is full: free some space, then run the command again."


@contextlib.contextmanager
def sentences(root: Path | str) -> Iterator[None]:
    """Turn what the operating system says about ``root`` into a StartError with a remedy."""
    try:
        yield
    except PermissionError as error:
        owner = f"{error.filename or root} belongs to another user: remove it or work as that user."
        raise StartError(owner) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StartError(full_disk(root)) from error
        raise StartError(f"The servers in {root} could not be started: {error}.") from error
