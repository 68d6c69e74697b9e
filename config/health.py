"""`/health/`: whether this installation serves, for load balancers and people who watch it (PG-95)."""

import redis
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications import relay

REDIS_TIMEOUT_SECONDS = 0.5
# The oldest outgoing work waits less than this while a worker runs: it looks every five seconds.
LATE_SECONDS = 300


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 while pages can be served, 503 without the database.

    Redis being away and mails being late are told as "degraded" but fail nothing: pages work without both (F7, W8).
    """
    try:
        lag = relay.lag(timezone.now())
    except Error:
        return JsonResponse({"status": "down", "database": "away", "redis": _redis()}, status=503)
    facts = {"database": "ok", "redis": _redis(), "outbox_lag_seconds": round(lag)}
    healthy = facts["redis"] == "ok" and lag < LATE_SECONDS
    return JsonResponse({"status": "ok" if healthy else "degraded", **facts})


def _redis() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL.replace("redis+socket://", "unix://", 1),  # Celery's word for it, and redis-py's
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=None,
    )
    try:
        client.ping()
    except redis.RedisError:
        return "away"
    finally:
        client.close()
    return "ok"
