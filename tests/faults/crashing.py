"""A worker of the real app that ends itself as `kill -9` does, at every point of sending, as often as tokens lie there.

The app itself has no crash points: here its functions are wrapped before the worker starts. Used as
`celery --app=tests.faults.crashing`, with the folder of tokens in CRASH_TOKENS.
"""

import os
import signal
import smtplib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from config.celery_with_beat import app

__all__ = ["POINTS", "Point", "app"]


@dataclass(frozen=True)
class Point:
    """A moment before or after one function, and what it leaves: a row held by the dead, a mail whose fate we don't know."""

    function: str
    moment: str
    holds_work: bool = True
    in_doubt: bool = False


# In the order in which a mail passes them.
POINTS = {
    "before the work is claimed": Point("relay._claim", "before", holds_work=False),
    "after the work is claimed": Point("relay._claim", "after"),
    "after the mail is claimed": Point("delivery._claim", "after"),
    "within SMTP, before the mail": Point("SMTP.data", "before"),
    "after the server took the mail": Point("transport.send", "after", in_doubt=True),
    "after the mail is recorded": Point("delivery._record", "after"),
    "after the work is recorded": Point("relay._record", "after", holds_work=False),
}


def _die(tokens: Path) -> None:
    for token in tokens.iterdir():
        with suppress(FileNotFoundError):
            token.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


def _wrap(function: Callable[..., Any], moment: str, tokens: Path) -> Callable[..., Any]:
    claims = function.__name__ == "_claim"

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            _die(tokens)
        answer = function(*args, **kwargs)
        if moment == "after" and (answer is not None or not claims):  # an empty hand is no claim
            _die(tokens)
        return answer

    wrapped.__name__ = function.__name__
    return wrapped


def _install(folder: Path) -> None:
    from notifications import delivery, relay, transport

    owners = {"relay": relay, "delivery": delivery, "transport": transport, "SMTP": smtplib.SMTP}
    for tokens in folder.iterdir():
        point = POINTS[tokens.name]
        owner, name = point.function.split(".")
        setattr(owners[owner], name, _wrap(getattr(owners[owner], name), point.moment, tokens))


if "CRASH_TOKENS" in os.environ:
    django.setup()
    _install(Path(os.environ["CRASH_TOKENS"]))
