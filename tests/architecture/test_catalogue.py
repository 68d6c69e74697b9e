"""What PostgreSQL itself holds between two tenants, read from its catalogue (reliability.md T3 to T8, M1 to M6)."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.rls import POLICY
from accounts.tenancy import TenantForeignKey, TenantModel

pytestmark = pytest.mark.django_db

TENANT_MODELS = [model for model in apps.get_models(include_auto_created=True) if issubclass(model, TenantModel)]
TABLES = [model._meta.db_table for model in TENANT_MODELS]
# Tables that name no tenant: people and their logins, the directory of tenants, Django's own, and the development mailbox.
GLOBAL = {
    "account.EmailAddress", "account.EmailConfirmation", "accounts.Affiliation", "accounts.CacheEntry", "accounts.Tenant",
    "accounts.User", "accounts.User_groups", "accounts.User_user_permissions", "admin.LogEntry", "auth.Group",
    "auth.Group_permissions", "auth.Permission", "contenttypes.ContentType", "notifications.MailboxMessage", "sessions.Session",
}  # fmt: skip
APPEND_ONLY = {
    "accounts_policyversion", "accounts_staffaction", "bookings_bookingevent", "credits_entry", "credits_transfer",
    "credits_paymentevent", "credits_verification",
}  # fmt: skip
# Rows of which some columns may change and no row is deleted; tests/credits/test_walls.py and test_purchases.py try which.
PARTLY = {"credits_hold", "credits_purchase", "credits_refund", "credits_wallet"}
# Keys that others imply, and by which nobody looks for rows: what takes and gives leads to entries of the same wallets, whose
# keys lead on (tests/credits/test_walls.py tries both).
IMPLIED = {"credits.Transfer.debit", "credits.Transfer.credit"}


def rows(sql: str, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def test_every_model_is_walled_or_on_the_short_list():
    every = {model._meta.label for model in apps.get_models(include_auto_created=True)}

    assert every - {model._meta.label for model in TENANT_MODELS} == GLOBAL


def test_every_table_with_a_tenant_is_a_tenant_model():
    with_tenant = rows(
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
           WHERE a.attname = 'tenant_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
    )

    assert {table for (table,) in with_tenant} == {*TABLES, "accounts_affiliation"}


@pytest.mark.parametrize("table", TABLES)
def test_row_level_security_has_one_policy_for_reading_and_writing(table):
    """T3, T6: one policy, for everybody and every command, the same for what is seen and what is written, no subquery."""
    enabled = rows("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    policies = rows(
        "SELECT cmd, roles::text, permissive, qual, with_check FROM pg_policies WHERE tablename = %s", table
    )

    assert enabled == [(True,)]
    [(command, roles, permissive, using, check)] = policies
    assert (command, roles, permissive) == ("ALL", "{public}", "PERMISSIVE")
    assert using == check == rows_of_policy()
    assert "SELECT" not in using.upper()


def rows_of_policy() -> str:
    """The policy of rls.py as PostgreSQL writes it down."""
    assert POLICY == "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::bigint"
    return "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::bigint)"


@pytest.mark.parametrize("table", TABLES)
def test_the_primary_key_begins_with_the_tenant(table):
    [(definition,)] = rows(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'", table
    )

    assert definition == "PRIMARY KEY (tenant_id, id)"


@pytest.mark.parametrize("table", TABLES)
def test_every_unique_or_exclusion_index_contains_the_tenant_as_an_equal_part(table):
    """T5, T9: nothing shown to people is unique across tenants. The tenant comes first, and in exclusions by `=`."""
    foreign = rows(
        """SELECT i.indexrelid::regclass::text FROM pg_index i
           LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
           WHERE i.indrelid = %s::regclass AND (i.indisunique OR i.indisexclusion) AND a.attname IS DISTINCT FROM 'tenant_id'""",
        table,
    )
    exclusions = rows(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'x'", table
    )

    assert foreign == []
    assert all("(tenant_id WITH =," in definition for (definition,) in exclusions)


@pytest.mark.parametrize("table", TABLES)
def test_every_key_between_tenant_tables_carries_the_tenant(table):
    """T4: (tenant_id, x_id) -> (tenant_id, id), the tenant at the same place on both sides."""
    keys = rows(
        """SELECT c.confrelid::regclass::text, pg_get_constraintdef(c.oid),
               (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY k(num, place)
                JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
               (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY k(num, place)
                JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num)
           FROM pg_constraint c WHERE c.conrelid = %s::regclass AND c.contype = 'f'""",
        table,
    )

    for target, definition, here, there in keys:
        if target in TABLES:
            assert (here[0], there[0]) == ("tenant_id", "tenant_id"), definition
        assert "SET NULL" not in definition, definition


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_every_tenant_foreign_key_has_its_constraint_and_index(model):
    """A key added later needs `TenantTable(model, keys=[...])` in its migration; this names the one that is missing."""
    for field in (field for field in model._meta.local_fields if isinstance(field, TenantForeignKey)):
        if str(field) in IMPLIED:
            continue
        wanted = f"FOREIGN KEY (tenant_id, {field.column}) REFERENCES {field.remote_field.model._meta.db_table}(tenant_id, id)"
        keys = rows(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            model._meta.db_table,
        )
        indexes = rows(
            """SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[1]
               JOIN pg_attribute t ON t.attrelid = i.indrelid AND t.attnum = i.indkey[0]
               WHERE i.indrelid = %s::regclass AND t.attname = 'tenant_id' AND a.attname = %s""",
            model._meta.db_table,
            field.column,
        )
        assert any(definition.startswith(wanted) for (definition,) in keys), f"{field}: no {wanted}"
        assert indexes, f"{field}: no index on (tenant_id, {field.column})"


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_no_key_to_a_tenant_model_is_a_plain_one(model):
    plain = [
        str(field)
        for field in model._meta.local_fields
        if field.is_relation and issubclass(field.related_model, TenantModel)
        if not isinstance(field, TenantForeignKey)
    ]

    assert plain == []


def test_no_table_has_a_trigger():
    """T6: triggers would not survive a later move to Citus."""
    assert rows("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal") == []


def test_the_runtime_role_has_no_powers():
    """T7: it serves and tests run as it."""
    role = "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
    truncates = """SELECT tablename FROM pg_tables WHERE schemaname = 'public'
                   AND has_table_privilege(format('%I.%I', schemaname, tablename), 'TRUNCATE')"""

    assert rows(role) == [(settings.RUNTIME_ROLE, False)]
    assert rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user") == []
    assert rows(truncates.replace("%", "%%")) == []
    assert rows("SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]


@pytest.mark.parametrize("table", TABLES)
def test_history_can_be_added_to_and_never_changed(table):
    [(updates, deletes)] = rows(
        "SELECT has_table_privilege(%s, 'UPDATE'), has_table_privilege(%s, 'DELETE')", table, table
    )

    assert (updates, deletes) == ((False, False) if table in APPEND_ONLY | PARTLY else (True, True))


def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
