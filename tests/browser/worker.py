"""The worker of `make run`, but it looks every five seconds for what has run out, not every minute: nobody waits so long here."""

from config.celery_with_beat import app

__all__ = ["app"]

app.conf.beat_schedule["expire-overdue"]["schedule"] = 5.0
