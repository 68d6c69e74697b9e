from django.db import models


class Place(models.TextChoices):
    """Where a session happens."""

    VIDEO = "video", "Video"
    PHONE = "phone", "Phone"
    IN_PERSON = "in_person", "In person"


class Listing(models.TextChoices):
    """Whether a provider is found under a topic; suspension acts on topics, not on accounts (S1.22)."""

    LISTED = "listed", "Listed"
    SUSPENDED = "suspended", "Paused"
