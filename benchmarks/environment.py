"""A database cluster of its own, durable as in production, and production's settings: nothing here touches other data."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / ".parley" / "bench"
DATABASE = "bench"
WORKERS = 4  # sync workers, as many as the measured peers had


def prepare() -> None:
    """Start the cluster, make the database anew with its tables and files, and set Django up in this process."""
    sys.path.append(str(ROOT))
    from config.embedded import ensure

    urls = ensure(DATA, durable=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings.production",
        DATABASE_URL=urls.runtime.replace("/parley?", f"/{DATABASE}?"),
        DATABASE_OWNER_URL=urls.owner.replace("/parley?", f"/{DATABASE}?"),
        REDIS_URL=urls.redis,
        FILES_ROOT=str(DATA / "files"),
        SECRET_KEY="only-for-benchmarks-" * 3,
        ALLOWED_HOSTS="127.0.0.1",
        PLATFORM_HOSTS="127.0.0.1",
        PLATFORM_URL="http://127.0.0.1",
        SECURE_SSL_REDIRECT="0",
        BEHIND_PROXY="0",
    )
    os.environ.pop("DATABASE_ROLE", None)
    _make_database(urls.owner)
    for words in (["migrate", "--verbosity=0"], ["collectstatic", "--no-input", "--verbosity=0"]):
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()


def _make_database(owner_url: str) -> None:
    import psycopg

    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {DATABASE}")
