from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

import accounts.tenancy

# Work that each movement did and that held nothing more than is held without it.

# Indexes that another one begins with: (tenant, wallet, version), (tenant, transfer, wallet, amount), (tenant, owner, kind);
# and one that nobody asks, since nobody looks for what left a wallet but by the wallet's lines.
NEEDLESS = [
    ("credits_entry", "wallet_id", "credits_entry_tenant_id_wallet_id_d8ed2718"),
    ("credits_entry", "transfer_id", "credits_entry_tenant_id_transfer_id_2168461d"),
    ("credits_wallet", "owner_id", "credits_wallet_tenant_id_owner_id_503b4fba"),
    ("credits_transfer", "debit_id", "credits_transfer_tenant_id_debit_id_5d0b6cc8"),
]
# Indexes of which only some rows are ever looked for: who of staff did it, whom a programme gave what, whose hold earned.
PARTIAL = [
    ("credits_transfer", "by_id", "credits_transfer_tenant_id_by_id_9b41a52f", "by_id IS NOT NULL"),
    ("credits_transfer", "second_id", "credits_transfer_tenant_id_second_id_e0fe3899", "second_id IS NOT NULL"),
    ("credits_transfer", "credit_id", "credits_transfer_tenant_id_credit_id_78ecab1d", "kind = 'allowance'"),
    ("credits_hold", "earner_id", "credits_hold_tenant_id_earner_id_2b12e7e3", "earner_id IS NOT NULL"),
]
# Keys that follow from others: transfer_takes and transfer_gives lead to entries of just these wallets, whose own keys lead on.
IMPLIED = [
    ("credits_transfer", "debit_id", "credits_transfer_tenant_id_debit_id_5d0b6cc8_fk"),
    ("credits_transfer", "credit_id", "credits_transfer_tenant_id_credit_id_78ecab1d_fk"),
]

# As before in fewer statements: where nobody did it before, the hold is written without looking for it first.
POST = """
CREATE OR REPLACE FUNCTION credits_post(
    of_tenant bigint, said jsonb, OUT outcome text, OUT lacking uuid, OUT lacking_has bigint, OUT held credits_hold
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    takes jsonb := said -> 'takes';
    about credits_transfer := jsonb_populate_record(NULL::credits_transfer, said -> 'about');
    wanted credits_hold;
    wallet record;
    move credits_transfer;
    remaining bigint;
BEGIN
    -- Opened before the first is locked: who held one and waited for a new one could wait in a ring.
    IF said ? 'opening' THEN
        INSERT INTO credits_wallet (tenant_id, id, owner_id, kind, balance, version)
        SELECT of_tenant, w.id, w.owner_id, w.kind, 0, 0 FROM jsonb_populate_recordset(NULL::credits_wallet, said -> 'opening') w
        WHERE NOT EXISTS (SELECT FROM credits_wallet c WHERE c.tenant_id = of_tenant AND c.id = w.id) ORDER BY w.id
        ON CONFLICT DO NOTHING;
    END IF;
    FOR wallet IN
        SELECT c.id, c.balance FROM credits_wallet c
        WHERE c.tenant_id = of_tenant AND c.id = ANY ((said ->> 'wallets')::uuid[]) ORDER BY c.id FOR NO KEY UPDATE
    LOOP
        IF wallet.balance >= (takes ->> wallet.id::text)::bigint THEN
            takes := takes - wallet.id::text;
        ELSIF lacking IS NULL AND takes ? wallet.id::text THEN
            lacking := wallet.id;
            lacking_has := wallet.balance;
        END IF;
    END LOOP;

    -- Statements of their own: they see what was committed while this one queued.
    outcome := 'there';
    IF said ? 'opens' THEN
        wanted := jsonb_populate_record(NULL::credits_hold, said -> 'opens');
        IF takes = '{}' THEN
            INSERT INTO credits_hold (tenant_id, id, member_id, amount, reference, opened_at, state, charged, earned)
            VALUES (
                of_tenant, wanted.id, wanted.member_id, wanted.amount, wanted.reference, wanted.opened_at, 'blocked', 0, 0
            ) ON CONFLICT (tenant_id, id) DO NOTHING RETURNING * INTO held;
        END IF;
        IF held.id IS NULL THEN
            SELECT * INTO held FROM credits_hold h WHERE h.tenant_id = of_tenant AND h.id = wanted.id;
            IF FOUND THEN
                RETURN;
            END IF;
        END IF;
    ELSIF said ? 'ends' THEN
        wanted := jsonb_populate_record(NULL::credits_hold, said -> 'ends');
        IF takes = '{}' THEN
            UPDATE credits_hold h SET
                state = CASE coalesce(wanted.charged, h.amount)
                    WHEN 0 THEN 'returned' WHEN h.amount THEN 'charged' ELSE 'partly_charged' END,
                charged = coalesce(wanted.charged, h.amount),
                earned = coalesce(wanted.earned, wanted.charged, h.amount),
                earner_id = CASE WHEN coalesce(wanted.earned, wanted.charged, h.amount) > 0 THEN wanted.earner_id END,
                settled_at = wanted.settled_at
            WHERE h.tenant_id = of_tenant AND h.id = wanted.id AND h.member_id = wanted.member_id AND h.state = 'blocked'
                AND coalesce(wanted.earned, wanted.charged, h.amount) BETWEEN 0 AND coalesce(wanted.charged, h.amount)
                AND coalesce(wanted.charged, h.amount) <= h.amount
            RETURNING * INTO held;
        END IF;
        IF held.id IS NULL THEN
            SELECT * INTO held FROM credits_hold h
            WHERE h.tenant_id = of_tenant AND h.id = wanted.id AND h.member_id = wanted.member_id;
            wanted.charged := coalesce(wanted.charged, held.amount);
            wanted.earned := coalesce(wanted.earned, wanted.charged);
            outcome := CASE
                WHEN held.id IS NULL THEN 'unknown'
                WHEN wanted.earned < 0 OR wanted.earned > wanted.charged OR wanted.charged > held.amount THEN 'unfit'
                WHEN held.state <> 'blocked' THEN 'there'
            END;
            IF outcome IS NOT NULL THEN
                RETURN;
            END IF;
        END IF;
        remaining := held.amount;
        about.reference := held.reference;
    ELSIF EXISTS (
        SELECT FROM credits_transfer t WHERE t.tenant_id = of_tenant AND t.id = (said #>> '{moves,0,id}')::uuid
    ) THEN
        RETURN;
    END IF;
    IF takes <> '{}' THEN
        outcome := 'short';
        lacking := coalesce(lacking, (SELECT name::uuid FROM jsonb_object_keys(takes) AS name ORDER BY name LIMIT 1));
        lacking_has := coalesce(lacking_has, 0);
        RETURN;
    END IF;

    FOR place IN 0 .. jsonb_array_length(said -> 'moves') - 1 LOOP
        move := jsonb_populate_record(NULL::credits_transfer, said -> 'moves' -> place);
        move.amount := coalesce(move.amount, remaining);
        remaining := remaining - move.amount;
        CONTINUE WHEN move.amount = 0;
        WITH changed AS (
            UPDATE credits_wallet c SET version = c.version + 1, balance = c.balance + line.amount
            FROM (VALUES (move.debit_id, -move.amount), (move.credit_id, move.amount)) AS line (wallet_id, amount)
            WHERE c.tenant_id = of_tenant AND c.id = line.wallet_id
            RETURNING c.id, c.version, c.balance, line.amount
        ), transfer AS (
            INSERT INTO credits_transfer (
                tenant_id, id, kind, debit_id, credit_id, amount, hold_id, reference, reason, by_id, second_id, at
            ) VALUES (
                of_tenant, move.id, move.kind, move.debit_id, move.credit_id, move.amount, held.id,
                about.reference, about.reason, about.by_id, about.second_id, about.at
            )
        )
        INSERT INTO credits_entry (tenant_id, id, wallet_id, transfer_id, version, amount, balance)
        SELECT of_tenant, uuidv7(), changed.id, move.id, changed.version, changed.amount, changed.balance FROM changed;
    END LOOP;
    outcome := 'done';
END $$
"""
POST_BEFORE = import_module("credits.migrations.0003_post").POST


def _index(table, column, name, condition=""):
    return f"CREATE INDEX {name} ON {table} (tenant_id, {column}){condition and f' WHERE {condition}'}"


def _key(table, column, name):
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (tenant_id, {column}) "
        "REFERENCES credits_wallet (tenant_id, id) DEFERRABLE INITIALLY IMMEDIATE"
    )


def _tenant_that_follows(model):
    """Every row has a key of its own to a row of its tenant; one more to the tenant locks that one row for each of them."""
    return migrations.AlterField(
        model,
        "tenant",
        models.ForeignKey(
            db_constraint=False, db_index=False, default=accounts.tenancy.default_tenant_id, editable=False,
            on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.tenant",
        ),
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("credits", "0003_post")]

    operations = [
        *(_tenant_that_follows(model) for model in ("hold", "transfer", "entry")),
        *(migrations.RunSQL(f"DROP INDEX {name}", _index(table, column, name)) for table, column, name in NEEDLESS),
        *(
            migrations.RunSQL(
                [f"DROP INDEX {name}", _index(table, column, name, condition)],
                [f"DROP INDEX {name}", _index(table, column, name)],
            )
            for table, column, name, condition in PARTIAL
        ),
        *(
            migrations.RunSQL(f"ALTER TABLE {table} DROP CONSTRAINT {name}", _key(table, column, name))
            for table, column, name in IMPLIED
        ),
        migrations.RemoveIndex("hold", "hold_by_reference"),
        migrations.RunSQL(POST, POST_BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
