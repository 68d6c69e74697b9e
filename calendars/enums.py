from django.db import models


class ClaimKind(models.TextChoices):
    """Why somebody's time is taken (decisions.md 20)."""

    SESSION = "session", "Agreed session"
    ASKED = "asked", "Asked for"
    EXTERNAL = "external", "Busy in an outside calendar"
    BLOCKED = "blocked", "Blocked"
