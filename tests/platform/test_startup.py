"""Web and workers refuse to start with a role that looks through the walls (T7)."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

START = "import config.wsgi; print('serving')"


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.local", "DATABASE_ROLE": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_runtime_role_serves():
    assert start().stdout == "serving\n"


def test_owner_role_is_refused_in_a_sentence():
    started = start(DATABASE_ROLE="owner")
    assert started.returncode == 1
    assert started.stderr.startswith("DATABASE_URL names a role that row-level security does not hold.")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "PLATFORM_URL", "FILES_ROOT"])
def test_production_says_what_is_missing(missing):
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.production", "SECRET_KEY": "x" * 60}
    environment |= {"PLATFORM_URL": "https://parley.example", "DATABASE_URL": "postgresql://parley_app@/parley"}
    environment["FILES_ROOT"] = "/srv/files"
    started = start(**environment | {missing: ""})
    assert f"Set {missing}: see docs/operations.md." in started.stderr
