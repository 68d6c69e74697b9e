from django.db import migrations

# One way to the database and back for a whole movement: its wallets are locked, what an earlier try has done is looked for,
# and all of it is written, with plans that are kept. What holds is held by keys and checks, not by this function.
POST = """
CREATE FUNCTION credits_post(
    of_tenant bigint, said jsonb, OUT outcome text, OUT lacking uuid, OUT lacking_has bigint, OUT held credits_hold
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    takes jsonb := said -> 'takes';
    about credits_transfer := jsonb_populate_record(NULL::credits_transfer, said -> 'about');
    opens credits_hold := jsonb_populate_record(NULL::credits_hold, said -> 'opens');
    ends credits_hold := jsonb_populate_record(NULL::credits_hold, said -> 'ends');
    wallet record;
    move record;
    remaining bigint;
BEGIN
    -- Opened before the first is locked: who held one and waited for a new one could wait in a ring.
    FOR wallet IN
        SELECT w.id, w.owner_id, w.kind FROM jsonb_populate_recordset(NULL::credits_wallet, said -> 'opening') w ORDER BY w.id
    LOOP
        IF NOT EXISTS (SELECT FROM credits_wallet c WHERE c.tenant_id = of_tenant AND c.id = wallet.id) THEN
            INSERT INTO credits_wallet (tenant_id, id, owner_id, kind, balance, version)
            VALUES (of_tenant, wallet.id, wallet.owner_id, wallet.kind, 0, 0) ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
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
    IF opens.id IS NOT NULL THEN
        SELECT * INTO held FROM credits_hold h WHERE h.tenant_id = of_tenant AND h.id = opens.id;
        IF FOUND THEN
            RETURN;
        END IF;
    ELSIF ends.id IS NOT NULL THEN
        SELECT * INTO held FROM credits_hold h
        WHERE h.tenant_id = of_tenant AND h.id = ends.id AND h.member_id = ends.member_id;
        remaining := held.amount;
        about.reference := held.reference;
        ends.charged := coalesce(ends.charged, held.amount);
        ends.earned := coalesce(ends.earned, ends.charged);
        outcome := CASE
            WHEN held.id IS NULL THEN 'unknown'
            WHEN ends.earned < 0 OR ends.earned > ends.charged OR ends.charged > held.amount THEN 'unfit'
            WHEN held.state <> 'blocked' THEN 'there'
        END;
        IF outcome IS NOT NULL THEN
            RETURN;
        END IF;
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

    IF opens.id IS NOT NULL THEN
        INSERT INTO credits_hold (tenant_id, id, member_id, amount, reference, opened_at, state, charged, earned)
        VALUES (of_tenant, opens.id, opens.member_id, opens.amount, opens.reference, opens.opened_at, 'blocked', 0, 0)
        RETURNING * INTO held;
    ELSIF ends.id IS NOT NULL THEN
        UPDATE credits_hold h SET
            state = CASE ends.charged WHEN 0 THEN 'returned' WHEN h.amount THEN 'charged' ELSE 'partly_charged' END,
            charged = ends.charged, earned = ends.earned, settled_at = ends.settled_at,
            earner_id = CASE WHEN ends.earned > 0 THEN ends.earner_id END
        WHERE h.tenant_id = of_tenant AND h.id = ends.id
        RETURNING * INTO held;
    END IF;
    FOR move IN
        SELECT * FROM jsonb_to_recordset(said -> 'moves')
            AS m (id uuid, kind text, debit_id uuid, credit_id uuid, amount bigint)
    LOOP
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


class Migration(migrations.Migration):
    dependencies = [("credits", "0002_purchases")]

    operations = [migrations.RunSQL(POST, "DROP FUNCTION credits_post")]
