"""The database role that serves must not be able to look through the walls (T7): refuse to start otherwise."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

ROLE_FACTS = """
    SELECT rolsuper OR rolbypassrls, EXISTS (
        SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind = 'r' AND relnamespace = 'public'::regnamespace)
    FROM pg_roles WHERE rolname = current_user
"""


@register(Tags.database)
def runtime_role_is_walled(databases: list[str] | None = None, **kwargs: Any) -> list[Error]:
    """An Error when this process would serve as a superuser, as the tables' owner, or past row-level security."""
    if not databases or settings.AS_OWNER:
        return []
    with connection.cursor() as cursor:
        cursor.execute(ROLE_FACTS)
        all_seeing, owns = cursor.fetchone()
    if not all_seeing and not owns:
        return []
    return [
        Error(
            "DATABASE_URL names a role that row-level security does not hold.",
            hint="Use the runtime role (parley_app): no superuser, no BYPASSRLS, owner of no table. See docs/operations.md.",
            id="accounts.E001",
        )
    ]
