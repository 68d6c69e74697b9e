"""The second wall: what the database itself holds between two tenants."""

from django.conf import settings
from django.db.migrations.operations.base import Operation, OperationCategory

from .tenancy import TenantForeignKey, TenantModel

POLICY = "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::bigint"


class TenantTable(Operation):
    """Give the table of a TenantModel its key, its policy, its composite foreign keys and its grants.

    Stands right after CreateModel. After a later AddField of a TenantForeignKey, name it:
    TenantTable("Booking", keys=["substitute"]).
    """

    reversible = True
    reduces_to_sql = True
    category = OperationCategory.SQL

    def __init__(self, model_name, *, append_only=False, keys=None):
        self.model_name, self.append_only, self.keys = model_name, append_only, keys

    def deconstruct(self):
        kwargs = {}
        if self.append_only:
            kwargs["append_only"] = True
        if self.keys is not None:
            kwargs["keys"] = self.keys
        return self.__class__.__name__, [self.model_name], kwargs

    def describe(self):
        return f"Wall the table of {self.model_name} in by tenant"

    @property
    def migration_name_fragment(self):
        return f"tenant_table_{self.model_name.lower()}"

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            for statement in self._forwards(model, schema_editor):
                schema_editor.execute(statement)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            for statement in self._backwards(model, schema_editor):
                schema_editor.execute(statement)

    def _forwards(self, model, editor):
        quote, name = editor.quote_name, model._meta.db_table
        table = quote(name)
        if self.keys is None:
            role = quote(settings.RUNTIME_ROLE)
            privileges = "SELECT, INSERT" if self.append_only else "SELECT, INSERT, UPDATE, DELETE"
            yield f"ALTER TABLE {table} DROP CONSTRAINT {quote(name + '_pkey')}"
            yield f"ALTER TABLE {table} ADD CONSTRAINT {quote(name + '_pkey')} PRIMARY KEY (tenant_id, id)"
            yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
            yield f"CREATE POLICY tenant ON {table} USING ({POLICY}) WITH CHECK ({POLICY})"
            yield f"REVOKE ALL ON {table} FROM {role}"
            yield f"GRANT {privileges} ON {table} TO {role}"
        for column, target, key, index in self._keys(model, editor):
            yield f"CREATE INDEX {quote(index)} ON {table} (tenant_id, {quote(column)})"
            yield (
                f"ALTER TABLE {table} ADD CONSTRAINT {quote(key)} FOREIGN KEY (tenant_id, {quote(column)}) "
                f"REFERENCES {quote(target)} (tenant_id, id) DEFERRABLE INITIALLY IMMEDIATE"
            )

    def _backwards(self, model, editor):
        quote, name = editor.quote_name, model._meta.db_table
        table = quote(name)
        for _, _, key, index in self._keys(model, editor):
            yield f"ALTER TABLE {table} DROP CONSTRAINT {quote(key)}"
            yield f"DROP INDEX {quote(index)}"
        if self.keys is None:
            yield f"REVOKE ALL ON {table} FROM {quote(settings.RUNTIME_ROLE)}"
            yield f"DROP POLICY tenant ON {table}"
            yield f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
            yield f"ALTER TABLE {table} DROP CONSTRAINT {quote(name + '_pkey')}"
            yield f"ALTER TABLE {table} ADD CONSTRAINT {quote(name + '_pkey')} PRIMARY KEY (id)"

    def _keys(self, model, editor):
        for field in model._meta.local_fields:
            if isinstance(field, TenantForeignKey) and (self.keys is None or field.name in self.keys):
                table, columns = model._meta.db_table, ["tenant_id", field.column]
                yield (
                    field.column,
                    field.remote_field.model._meta.db_table,
                    editor._create_index_name(table, columns, suffix="_fk"),
                    editor._create_index_name(table, columns),
                )


def grant_global_tables(sender, using, **kwargs):
    """After migrate: the runtime role may use the tables without a tenant. All others wait for TenantTable."""
    from django.apps import apps
    from django.db import connections

    connection = connections[using]
    quote, role = connection.ops.quote_name, connection.ops.quote_name(settings.RUNTIME_ROLE)
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if not issubclass(model, TenantModel) and model._meta.managed and table in existing:
                cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {quote(table)} TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {role}")
