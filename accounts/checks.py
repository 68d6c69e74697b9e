"""The database role that serves must not be able to look through the walls (T7): refuse to start otherwise."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection

ROLE_FACTS = """
    SELECT rolsuper OR rolbypassrls, EXISTS (
        SELECT FROM pg_class WHERE pg_has_role(current_user, relowner, 'USAGE')
        AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
    ) OR EXISTS (
        SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(current_user, datdba, 'USAGE'))
    FROM pg_roles WHERE rolname = current_user
"""


@register(Tags.database)  # type: ignore[type-var] # database checks are called without app_configs
def runtime_role_is_walled(databases: list[str] | None = None, **kwargs: Any) -> list[Error]:
    """`role_errors`, unless this command changes the schema and is the owner on purpose."""
    return [] if not databases or settings.AS_OWNER else role_errors()


def role_errors() -> list[Error]:
    """An Error when this process would serve as a superuser, as owner of the tables, or past row-level security."""
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
