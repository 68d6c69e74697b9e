"""The databases of the tests: migrations run once, into a template; each process of a run works on a copy of it.

Real processes beside the tests use a copy, too: what is written there is committed and seen by everybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = "test_template_"
# One build at a time, whoever runs tests: the number means nothing.
LOCK = 7_102_026


@contextmanager
def migrated_database(name: str) -> Iterator[None]:
    """Make an empty database with the product's schema, connect this process to it, and drop it afterwards."""
    connection.close()
    with _connected_as_owner() as owner:
        owner.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        template = _template()
        found = {row[0] for row in owner.execute("SELECT datname FROM pg_database")}
        if template not in found:
            _build(template)
            for old in found:
                if old.startswith(TEMPLATES):
                    owner.execute(f'DROP DATABASE IF EXISTS "{old}"')
        owner.execute(f'DROP DATABASE IF EXISTS "{name}"')
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    with connected_to(name):
        yield
    _as_owner(f'DROP DATABASE IF EXISTS "{name}"')


@cache
def _template() -> str:
    return f"{TEMPLATES}{_state_of_the_code()}"


def _state_of_the_code() -> str:
    """Other digits as soon as any line of the product is another: most of it can't change the schema, but some of it can."""
    paths = sorted(
        path for folder in ROOT.iterdir() if (folder / "__init__.py").exists() for path in folder.rglob("*.py")
    )
    paths = [path for path in paths if not path.is_relative_to(ROOT / "tests")] + [ROOT / "requirements" / "dev.txt"]
    return sha256(b"".join(str(path).encode() + path.read_bytes() for path in paths)).hexdigest()[:20]


def _build(template: str) -> None:
    """Run all migrations into a database of this name; until they are through, it has another one."""
    facts, unfinished = connection.settings_dict, f"unfinished_{template}"
    name, facts["TEST"]["NAME"], wanted = facts["NAME"], unfinished, facts["TEST"]["NAME"]
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        facts["NAME"], facts["TEST"]["NAME"] = name, wanted
    _as_owner(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')


@contextmanager
def committed_database(name: str) -> Iterator[dict[str, str]]:
    """Make an empty database with the product's schema and drop it afterwards; yields the environment of processes that use it."""
    _as_owner(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{_template()}"')
    try:
        yield {
            "DATABASE_URL": _named(settings.DATABASE_URL, name),
            "DATABASE_OWNER_URL": _named(settings.DATABASE_OWNER_URL, name),
            "REDIS_URL": settings.REDIS_URL,
        }
    finally:
        _as_owner(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Send the queries of this process to another database for the block; what they write is committed."""
    connection.close()
    facts = connection.settings_dict
    before, facts["NAME"] = facts["NAME"], name
    try:
        yield
    finally:
        connection.close()
        facts["NAME"] = before


def _as_owner(statement: str) -> None:
    with _connected_as_owner() as owner:
        owner.execute(statement)


def _connected_as_owner() -> psycopg.Connection:
    return psycopg.connect(_named(settings.DATABASE_OWNER_URL, "postgres"), autocommit=True)


def _named(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()
