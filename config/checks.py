"""What must never reach production is refused at the start."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def demo_stays_at_home(app_configs: Any, **kwargs: Any) -> list[Error]:
    """An Error when the one-press sign-in of the demo would run with production's settings."""
    if not settings.DEMO or settings.SETTINGS_MODULE in {"config.settings.local", "config.settings.test"}:
        return []
    return [
        Error(
            "DEMO is on outside a development installation: anybody could sign in as anybody with one press.",
            hint="Remove DEMO from your settings.",
            id="config.E001",
        )
    ]
