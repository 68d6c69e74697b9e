from django.db import models


class OutboxState(models.TextChoices):
    """Life of one piece of outgoing work (reliability.md 6.1)."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    DONE = "done"
    DEAD = "dead"


class MailState(models.TextChoices):
    """Life of one mail. `sending` past its lease may have left: it ends as `sent` or `unknown`, never unsent (W7)."""

    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "May have been sent"
    FAILED = "failed", "Could not be sent"
