"""A database that real processes use beside the tests: what is written there is committed and seen by everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection


@contextmanager
def committed_database(name: str) -> Iterator[dict[str, str]]:
    """Make an empty copy of the test database and drop it afterwards; yields the environment of processes that use it.

    Nobody may be connected to the test database meanwhile, so this belongs into a fixture of the session.
    """
    connection.close()
    _as_owner(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["NAME"]}"')
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
    with psycopg.connect(_named(settings.DATABASE_OWNER_URL, "postgres"), autocommit=True) as owner:
        owner.execute(statement)


def _named(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()
