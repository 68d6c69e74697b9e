"""Text search: folding, prefixes, stems, weights, slips of the pen (PG-02, F2)."""

import pytest
from django.conf import settings
from django.db import connection

from accounts.tenancy import tenant_scope
from marketplace import queries, search, services
from marketplace.enums import Listing
from marketplace.models import SearchWord
from marketplace.queries import Wanted
from tests import factories
from tests.statements import recorded


def names(text: str) -> list[str]:
    return [provider.name for provider in queries.find(Wanted(text=text))]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Inês Duarte", "ines duarte"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("O’Brien, Node.js & C++", "o brien node js c"),
        ("STRASSE Straße", "strasse strasse"),
        ("Ἀθήνα Москва", "αθηνα москва"),
        ("हिन्दी शिक्षक", "हिन्दी शिक्षक"),
        ("  \t -- !! ", ""),
        ("", ""),
    ],
)
def test_fold_text(text, folded):
    assert search.fold(text) == folded


@pytest.mark.parametrize(
    "text",
    [
        "ana", "NOW", "nowak tax", "tax", "plan", "planning founders", "founder", "founders", "pragu",
        "negotiating", "Moving abr", "papers", "sole trader", "traders", "the tax of an ana",
    ],
)  # fmt: skip
def test_find_every_part_of_a_provider(in_north, text):
    ana = factories.provider(bio="I help every sole trader.", topics=[factories.topic("Moving abroad")])
    factories.service(ana, "Deep dive with your papers")
    factories.service(ana, "Negotiation")
    factories.provider("Marcus Bell", headline="Public speaking", city="New York")
    assert names(text) == ["Ana Nowak"]


@pytest.mark.parametrize("text", ["tax speaking", "nowakx", "!!!", "' | 'x", "a & !b", ":*", "\\'", "the"])
def test_find_nobody_for_what_is_not_there(in_north, text):
    factories.provider()
    assert names(text) == []


def test_find_by_accents_or_without(in_north):
    factories.provider("Inês Duarte")
    assert names("ines") == names("Inês") == names("INÊS DUÁRTE") == ["Inês Duarte"]


def test_find_name_before_offer_before_bio(in_north):
    factories.provider("Bo Lind", headline="Careers", bio="I was called Stone.")
    factories.provider("Cara Mills", headline="Stone carving")
    factories.provider("Zoe Stone", headline="Careers")
    assert names("stone") == ["Zoe Stone", "Cara Mills", "Bo Lind"]


def test_search_follows_every_change(in_north):
    tax = factories.topic("Tax and money")
    ana = factories.provider(headline="Founders", topics=[tax], city="")
    service = factories.service(ana, "Quick question")
    assert names("tax") == names("quick") == ["Ana Nowak"]
    services.update_service(service=service, name="Deep dive")
    assert (names("quick"), names("deep")) == ([], ["Ana Nowak"])
    services.update_service(service=service, is_active=False)
    assert names("deep") == []
    services.rename_topic(topic=tax, name="Finance")
    assert (names("tax"), names("finance")) == ([], ["Ana Nowak"])
    services.set_listing(provider=ana, topic=tax, listing=Listing.SUSPENDED)
    assert names("finance") == []
    services.set_listing(provider=ana, topic=tax, listing=Listing.LISTED)
    assert names("finance") == ["Ana Nowak"]
    services.update_provider(provider=ana, topics=[], headline="Careers", bio="Ask me about sailing.", name="Anna N.")
    assert (names("finance"), names("founders"), names("nowak")) == ([], [], [])
    assert names("sailing") == names("careers") == names("anna") == ["Anna N."]


def test_alike_finds_a_mistyped_name_and_topic(in_north):
    factories.provider()
    factories.provider("Marcus Bell", headline="Pay", topics=[factories.topic("Negotiation")])
    assert names("Nwoak") == names("negitiation") == []
    assert [row.name for row in queries.find_alike(Wanted(text="Nowack"))] == ["Ana Nowak"]
    assert [row.name for row in queries.find_alike(Wanted(text="negitiation"))] == ["Marcus Bell"]
    assert [row.name for row in queries.find_alike(Wanted(text="xyzzy"))] == []


def test_find_never_crosses_tenants(north, south):
    with tenant_scope(south):
        factories.provider("Ana Southgate")
    with tenant_scope(north):
        factories.provider("Ana Nowak")
        assert names("ana") == ["Ana Nowak"]
        assert [row.name for row in queries.find_alike(Wanted(text="southgate"))] == []
        assert [row.name for row in queries.find(Wanted())] == ["Ana Nowak"]


MANY_WORDS = """
    INSERT INTO marketplace_searchword (id, tenant_id, provider_id, word, weight)
    SELECT gen_random_uuid(), %s, %s, 'word' || number, 2 FROM generate_series(1, 5000) AS number
"""


def test_words_are_found_by_their_index_behind_row_level_security(in_north):
    """What keeps search from reading every provider: comparing words is leakproof (docs/decisions/0006)."""
    provider = factories.provider()
    found = SearchWord.objects.filter(word__gte="nowak", word__lt="nowal").values("provider")
    sql, params = found.query.sql_with_params()
    with connection.cursor() as cursor:
        # Among few words any index will do.
        cursor.execute(MANY_WORDS, [provider.tenant_id, provider.pk])
        # Otherwise the plan depends on whether autovacuum came by since another test had words.
        cursor.execute("RESET ROLE")
        cursor.execute(f"ANALYZE {SearchWord._meta.db_table}")
        cursor.execute(f"SET ROLE {settings.RUNTIME_ROLE}")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "using search_word_once" in plan
    # The tenant and the range of words are in the index; a filter that is not leakproof would stand below it.
    [condition] = [line for line in plan.splitlines() if "nowak" in line]
    assert condition.split("AND", 1)[1].strip() == "(word >= 'nowak'::text) AND (word < 'nowal'::text))"
    assert "Index Cond: ((tenant_id = " in condition


def test_words_of_a_provider_are_those_of_now(in_north):
    ana = factories.provider("Ana Nowak", headline="Tax", city="", bio="Old words, old ways")
    kept = SearchWord.objects.filter(provider=ana).order_by("weight", "word").values_list("word", "weight")
    assert list(kept.all()) == [("ana", 0), ("nowak", 0), ("tax", 1), ("old", 2), ("way", 2), ("word", 2)]
    services.update_provider(provider=ana, bio="New ways")
    assert list(kept.all()) == [("ana", 0), ("nowak", 0), ("tax", 1), ("new", 2), ("way", 2)]


def test_a_long_word_is_found_by_its_beginning(in_north):
    long = "Donaudampfschifffahrtsgesellschaftskapitaenswitwe"
    factories.provider(headline=long)
    assert names(long) == names(long[:12]) == ["Ana Nowak"]


def test_stems_are_asked_for_once(in_north):
    factories.provider()
    names("quick planning")
    with recorded() as sent:
        assert names("quick planning") == []
    assert len(sent) == 1
