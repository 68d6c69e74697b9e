"""Video rooms. Jitsi Meet needs no call: a room is there as soon as somebody opens its address."""

import secrets

from django.conf import settings


def new_room() -> str:
    """The address of a fresh room with 128 bits of chance in its name (ASVS 11.5.1)."""
    return f"{settings.JITSI_URL.rstrip('/')}/parley-{secrets.token_urlsafe(16)}"
