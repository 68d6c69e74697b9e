"""Writing behind the product's back, as only the database's owner can, to see that somebody notices."""

from django.db import connection

_CONSTRAINTS = """
SELECT conrelid::regclass, conname FROM pg_constraint
WHERE conrelid::regclass::text LIKE %s AND contype IN ('f', 'c') ORDER BY contype DESC
"""
_UNIQUE = {"credits": ["hold_one_open"]}


def tamper(app: str, sql: str) -> None:
    """Run `sql` as the owner, with all keys and checks of an app's tables taken down until the test's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_CONSTRAINTS, [f"{app}\\_%"])
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for index in _UNIQUE.get(app, ()):
            cursor.execute(f"DROP INDEX {index}")
        cursor.execute(sql)
        cursor.execute("SET ROLE parley_app")
