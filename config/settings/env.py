"""Reading the environment: one place, one sentence for each mistake."""

import json
import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def flag(name: str, default: bool) -> bool:
    """The variable as yes or no. Raises ImproperlyConfigured for any other word."""
    word = os.environ.get(name, str(int(default))).strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {word!r}.")


def words(name: str, default: str = "") -> list[str]:
    """The variable as a list, separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def mapping(name: str) -> dict[str, Any]:
    """The variable as a JSON object, empty when it is not set. Raises ImproperlyConfigured for anything else."""
    try:
        found = json.loads(os.environ.get(name) or "{}")
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    raise ImproperlyConfigured(f'{name} must be a JSON object, such as {{"MAILGUN_API_KEY": "..."}}.')


def stripe_keys(name: str) -> dict[str, dict[str, str]]:
    """For each tenant's slug its two keys at Stripe. Raises ImproperlyConfigured where one is missing."""
    found = mapping(name)
    for slug, keys in found.items():
        if not isinstance(keys, dict) or set(keys) != {"secret_key", "webhook_secret"} or not all(keys.values()):
            raise ImproperlyConfigured(f'{name}: "{slug}" needs a secret_key and a webhook_secret.')
    return found


def required(name: str) -> str:
    """The variable, which production cannot do without. Raises ImproperlyConfigured."""
    if value := os.environ.get(name):
        return value
    raise ImproperlyConfigured(f"Set {name}: see docs/operations.md.")


def database(url: str) -> dict[str, Any]:
    """Django's settings for a postgresql:// URL; a socket folder may stand in `?host=`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(
            f"The database must be PostgreSQL: a URL that begins with postgresql://, not {parts.scheme}://."
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "accounts.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
    }
