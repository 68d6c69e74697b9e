"""What many tests begin with: real services make it once in a process, and for later tests its rows are put back as they were.

Putting rows back is one statement and takes a twentieth of the time. Each test still has a transaction of its own, which is
rolled back, and objects of its own, which it may change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import wraps
from typing import Any, NamedTuple

from django.db import connection

from marketplace import overview

# Rows in them come with the migrations, and no test adds any.
NO_WORLDS = {"django_migrations", "django_content_type", "auth_permission"}
Rows = dict[str, set[str]]


class Kept(NamedTuple):
    """What was made, untouched, from what, and the statement that puts its rows back."""

    made: Any
    begun_with: tuple[Any, ...]
    statement: str


_kept: dict[object, Kept] = {}


def kept(key: object, make: Callable[..., Any], *begun_with: Any) -> Any:
    """What `make(*begun_with)` gives, a copy for each test; `key` is a name for it and for all that it depends on.

    The objects of `begun_with` stand in the database already, and those of this test stand in the copy. `make` may add rows but
    must neither change nor delete any; ValueError says in which table it did. Call it before the test has done anything.
    """
    if key not in _kept:
        before = _rows()
        made = make(*begun_with)
        same = {id(thing): thing for thing in begun_with}
        _kept[key] = Kept(deepcopy(made, same), begun_with, _insertion(_new_rows(before, _rows())))
        return made
    known = _kept[key]
    # Processes remember this by the number of a tenant, and here one number is that of many tenants, one after the other.
    overview._remembered.clear()
    with _owner() as cursor:
        cursor.execute(known.statement)
    return deepcopy(known.made, {id(old): new for old, new in zip(known.begun_with, begun_with, strict=True)})


def once(make: Callable[..., Any]) -> Callable[..., Any]:
    """Let a fixture be made as `kept` says: its own function does it once, with the objects that it asks for.

    It stands below `pytest.fixture`. What the fixture does to anything but the database is not done again.
    """

    @wraps(make)
    def again(**begun_with: Any) -> Any:
        names = begun_with.keys()
        key = (make.__module__, make.__qualname__)
        return kept(key, lambda *values: make(**dict(zip(names, values, strict=True))), *begun_with.values())

    return again


def _rows() -> Rows:
    """All rows of all tables, each as PostgreSQL writes and reads a row."""
    tables = sorted({*connection.introspection.table_names()} - NO_WORLDS)
    with _owner() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', row::text FROM \"{table}\" row" for table in tables))
        found: Rows = {table: set() for table in tables}
        for table, row in cursor.fetchall():
            found[table].add(row)
    return found


def _new_rows(before: Rows, after: Rows) -> Rows:
    if changed := [table for table in after if not before[table] <= after[table]]:
        raise ValueError(f"A world only adds rows, but this one changed {', '.join(changed)}.")
    return {table: new for table in after if (new := after[table] - before[table])}


def _insertion(rows: Rows) -> str:
    """One statement, at whose end all keys are looked at, so that the order of the tables means nothing."""
    parts = []
    with _owner() as cursor:
        for table, lines in rows.items():
            columns = _columns(cursor, table)
            values = cursor.mogrify(f'SELECT {columns} FROM unnest(%s::text[]::"{table}"[])', [sorted(lines)])
            parts.append(f'"into_{table}" AS (INSERT INTO "{table}" ({columns}) {values})')
    return f"WITH {', '.join(parts)} SELECT 1"


def _columns(cursor: Any, table: str) -> str:
    """The columns of a table without those that PostgreSQL computes."""
    cursor.execute(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    return cursor.fetchone()[0]


@contextmanager
def _owner() -> Iterator[Any]:
    """A cursor of the owner, whom row-level security does not concern; afterwards the role is what it was.

    It is psycopg's own, so that tests which watch all statements see none of these.
    """
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        [(role,)] = cursor.fetchall()
        cursor.execute("RESET ROLE")
        yield cursor
        cursor.execute(f'SET ROLE "{role}"')
