"""Rows of several tables that begin together, in one statement: a way to the database and back costs more than a row."""

from itertools import groupby

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models.sql import InsertQuery

from .tenancy import TenantMixUp, TenantModel, active_tenant_id


def insert_together(*rows: TenantModel) -> None:
    """Insert new rows, neighbours of one table side by side. Keys may point at each other: they are checked at the end.

    What the database generates is not read back. Raises TenantMixUp for a row of another tenant, like `save`.
    """
    statements, params = [], []
    for model, group in groupby(rows, type):
        same = list(group)
        query = InsertQuery(model)
        query.insert_values([field for field in model._meta.local_concrete_fields if not field.generated], same)
        [(sql, values)] = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        statements.append(sql)
        params += values
    _refuse_other_tenants(rows)
    *first, last = statements
    begun = ", ".join(f"part{number} AS ({sql})" for number, sql in enumerate(first))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {begun} {last}" if begun else last, params)
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _refuse_other_tenants(rows: tuple[TenantModel, ...]) -> None:
    active = active_tenant_id()
    for row in rows:
        if active is not None and row.tenant_id != active:
            raise TenantMixUp(f"{row._meta.label} of tenant {row.tenant_id} was inserted in tenant {active}.")
