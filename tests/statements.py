"""What Django really sends to the database, and whether each statement names the tenant (T1, T10).

A table of a tenant may be read or changed only where the statement compares its tenant: in WHERE, or in ON with a table that does.
"""

import re
from contextlib import contextmanager
from functools import cache

from django.apps import apps
from django.db import connection

from accounts.tenancy import TenantModel

TENANT_TABLES = {model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)}

_NAMED = re.compile(
    r"\b(?:FROM|JOIN|UPDATE)\s+(?:ONLY\s+)?(?:public\.)?(?P<table>\w+)"
    r"(?:\s+(?:AS\s+)?(?!(?:SET|WHERE|ON|INNER|LEFT|CROSS|JOIN|ORDER|GROUP|LIMIT|FOR|USING|UNION)\b)(?P<alias>\w+))?",
    re.IGNORECASE,
)
_WRITTEN = re.compile(r"^\s*INSERT\s+INTO\s+\w+", re.IGNORECASE)
_BARE = re.compile(r"(?<![.\w])tenant_id\s*=")
_SESSION_SETTING = re.compile(r"^\s*(SET(?!\s+(LOCAL|CONSTRAINTS)\b)|RESET|SELECT\s+set_config)\b", re.IGNORECASE)


@contextmanager
def recorded():
    """Collect every statement that this connection sends in the block."""
    sent = []

    def record(execute, sql, params, many, context):
        sent.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield sent


def unbounded(statements):
    """The statements that read or change a tenant's table without comparing its tenant."""
    return [sql for sql in statements if not _is_bounded(sql)]


def session_settings(statements):
    """The statements that would outlive their transaction on a pooled connection (T10)."""
    return [sql for sql in statements if _SESSION_SETTING.match(sql)]


@cache
def _is_bounded(sql):
    sql = sql.replace('"', "")
    named = [match for match in _NAMED.finditer(_WRITTEN.sub("", sql)) if match["table"] in TENANT_TABLES]
    alone = len(named) == 1
    return all(_compares_tenant(sql, match["alias"] or match["table"], alone=alone) for match in named)


def _compares_tenant(sql, name, *, alone):
    return _comparison(name).search(sql) is not None or (alone and _BARE.search(sql) is not None)


@cache
def _comparison(name):
    return re.compile(rf"(?<![.\w]){name}\.tenant_id\s*=|=\s*\(?{name}\.tenant_id\b")
