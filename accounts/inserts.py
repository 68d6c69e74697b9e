"""Rows of several tables that begin together, in one statement: a way to the database and back costs more than a row.

They travel as JSON, one text for each table, so that the statement is the same however many rows there are. Writing each of
some hundred values into SQL takes longer than storing them.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.psycopg_any import Range
from django.db.models import Field

from .tenancy import TenantMixUp, TenantModel, active_tenant_id


def insert_together(*rows: TenantModel, once: bool = False) -> None:
    """Insert new rows, neighbours of one table side by side. Keys may point at each other: they are checked at the end.

    With `once`, a row that a unique constraint knows already is left out. What the database generates is not read back.
    Raises TenantMixUp for a row of another tenant, like `save`.
    """
    _refuse_other_tenants(rows)
    kinds = [(model, list(same)) for model, same in groupby(rows, type)]
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(tuple(model for model, _ in kinds), once), [_as_json(model, same) for model, same in kinds]
        )
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@cache
def _statement(models: tuple[type[TenantModel], ...], once: bool) -> str:
    *first, last = (_insert(model, once) for model in models)
    begun = ", ".join(f"part{number} AS ({sql})" for number, sql in enumerate(first))
    return f"WITH {begun} {last}" if begun else last


def _insert(model: type[TenantModel], once: bool) -> str:
    table = f'"{model._meta.db_table}"'
    columns = ", ".join(f'"{field.column}"' for field in _fields(model))
    rows = f"SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608 - names of our tables
    return f"INSERT INTO {table} ({columns}) {rows}{' ON CONFLICT DO NOTHING' if once else ''}"


@cache
def _fields(model: type[TenantModel]) -> list[Field]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _as_json(model: type[TenantModel], rows: Sequence[TenantModel]) -> str:
    fields = _fields(model)
    values = [{field.column: field.get_prep_value(field.pre_save(row, add=True)) for field in fields} for row in rows]
    return json.dumps(values, default=_as_text, ensure_ascii=False)


def _as_text(value: Any) -> str:
    """What JSON has no word for, as PostgreSQL reads it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Range):
        return f"{value.bounds[0]}{_as_text(value.lower)},{_as_text(value.upper)}{value.bounds[1]}"
    raise TypeError(f"Rows can't be inserted together with a {type(value).__name__} among their values.")


def _refuse_other_tenants(rows: tuple[TenantModel, ...]) -> None:
    active = active_tenant_id()
    for row in rows:
        if active is not None and row.tenant_id != active:
            raise TenantMixUp(f"{row._meta.label} of tenant {row.tenant_id} was inserted in tenant {active}.")
