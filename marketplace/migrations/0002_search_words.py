"""Words in a table in place of a text search vector (docs/decisions/0006-words-in-a-table.md)."""

import django.db.models.deletion
from django.db import migrations, models

import accounts.tenancy
from accounts.rls import TenantTable

# The same words that marketplace/search.py keeps. Weights of a vector are letters: A the name, B the offer, C the bio.
WORDS = """
    INSERT INTO marketplace_searchword (id, tenant_id, provider_id, word, weight)
    SELECT gen_random_uuid(), provider.tenant_id, provider.id, left(found.lexeme, 40), min(ascii(part.letter) - ascii('A'))
    FROM marketplace_provider AS provider, unnest(provider.search) AS found, unnest(found.weights) AS part(letter)
    GROUP BY provider.tenant_id, provider.id, left(found.lexeme, 40)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_cache_entry"),
        ("marketplace", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.UUIDField(default=accounts.tenancy.uuid7, editable=False, primary_key=True, serialize=False)),
                ("word", models.CharField(db_collation="C", max_length=40)),
                (
                    "weight",
                    models.PositiveSmallIntegerField(
                        help_text="Where it stands: 0 in the name, 1 in the offer, 2 in the bio."
                    ),
                ),
                (
                    "provider",
                    accounts.tenancy.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="marketplace.provider"
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=accounts.tenancy.default_tenant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.tenant",
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.AddConstraint(
            model_name="searchword",
            constraint=models.UniqueConstraint(
                fields=("tenant", "word", "provider"), include=("weight",), name="search_word_once"
            ),
        ),
        TenantTable("SearchWord"),
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        # Keys are checked at the end of the transaction, and PostgreSQL changes no table while checks wait.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="provider", name="search"),
    ]
