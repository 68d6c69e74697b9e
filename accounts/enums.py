from django.db import models


class Role(models.TextChoices):
    """What a person may be in one tenant; one person may be several at once (C28)."""

    CLIENT = "client"
    PROVIDER = "provider"
    STAFF = "staff"
    OWNER = "owner"


class Theme(models.TextChoices):
    """Colours of the pages: as the device says, or always light or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class HourCycle(models.IntegerChoices):
    """12 or 24 hour clock (R-LOC-1)."""

    TWELVE = 12
    TWENTY_FOUR = 24
