"""Whether late changes pause topics became three words in place of yes and no; rules kept before get theirs."""

from django.db import migrations

FORWARDS = """
    UPDATE accounts_policyversion SET settings = jsonb_set(
        settings, '{suspends_topics}',
        CASE WHEN settings -> 'suspends_topics' = 'true' THEN '"by_staff"'::jsonb ELSE '"never"'::jsonb END
    ) WHERE jsonb_typeof(settings -> 'suspends_topics') = 'boolean'
"""
BACKWARDS = """
    UPDATE accounts_policyversion SET settings = jsonb_set(
        settings, '{suspends_topics}', to_jsonb(settings ->> 'suspends_topics' <> 'never')
    ) WHERE jsonb_typeof(settings -> 'suspends_topics') = 'string'
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_cache_entry")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
