"""Celery's Redis transport with one repair: a worker survives losing Redis while it holds unfinished messages (F9).

Kombu closes the connection first and gives the unfinished messages back afterwards. It then stumbles over the closed
connection with an AttributeError, which no caller expects, and the worker ends. Told as a connection error, it reconnects.
Seen with Kombu 5.7.0 and Celery 5.7.0; tests/faults/test_broker_faults.py fails when this is no longer needed or not enough.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as BrokerIsGone


class Channel(redis.Channel):
    """A channel that knows when its connection is closed."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise BrokerIsGone("The connection to Redis is closed.")
        return super()._connparams(asynchronous)


class Transport(redis.Transport):
    """What redis:// and rediss:// mean in this process once `install` was called."""

    Channel = Channel


def install() -> None:
    """Let the addresses of Redis lead to this transport."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
