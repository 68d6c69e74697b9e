"""Tests: real PostgreSQL and Valkey of their own, made without waiting for the disk."""

import os
from pathlib import Path

os.environ.setdefault("PARLEY_DATA", str(Path(__file__).resolve().parents[2] / ".parley" / "test"))
os.environ.setdefault("PARLEY_DURABLE", "0")
# The owner makes the test database; tests/conftest.py then turns every connection into the runtime role.
os.environ["DATABASE_ROLE"] = "owner"

from .base import *  # noqa: F403 - settings are one namespace by design
from .base import DATABASES, TEMPLATES

DEBUG = False
DEMO = True
TEST_PAYMENTS = True
SECRET_KEY = "test"  # noqa: S105 - opens nothing
ALLOWED_HOSTS = ["*"]
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DATABASE", "test_parley")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=3s -c statement_timeout=20s -c join_collapse_limit=4"
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "!! %s !!"
EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
