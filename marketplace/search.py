"""Finding providers by what people type: words, beginnings of words, other forms of a word, slips in a name (PG-02, F2).

Text is folded here, the same way when it is kept and when it is looked for, so neither the database's locale nor its
dictionaries of accents play a part. Names are kept as they are; everything is also kept by its English stem, so that
"negotiating" finds "Negotiation".
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When
from psycopg.types.json import Jsonb

from accounts.tenancy import active_tenant_id

from . import overview
from .enums import Listing
from .models import Provider, ProviderTopic, SearchWord, Service

# What a list needs to know of a service: enough for its words and for the rules of its times.
ON_CARD = (
    "id", "name", "minutes", "price", "place", "step_minutes", "buffer_before", "buffer_after", "notice_minutes",
    "hides_asked_times",
)  # fmt: skip
MAX_WORDS = 8
MAX_LETTERS = 40
# How alike a name must be to count as a slip of the pen; the measure of pg_trgm, 0 to 1.
_ALIKE = 0.45
# Letters that carry no separate accent.
_BASE_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})

_KEEP = """
    UPDATE marketplace_provider SET price_from = %(price_from)s, on_card = %(on_card)s
    WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
_FORGET_WORDS = "DELETE FROM marketplace_searchword WHERE tenant_id = %(tenant)s AND provider_id = %(id)s"
_KEEP_WORDS = """
    INSERT INTO marketplace_searchword (id, tenant_id, provider_id, word, weight)
    SELECT gen_random_uuid(), %(tenant)s, %(id)s, left(found.lexeme, 40), min(part.weight)
    FROM (VALUES ('simple'::regconfig, 0, %(name)s), ('english', 0, %(name)s), ('simple', 1, %(offer)s),
        ('english', 1, %(offer)s), ('english', 2, %(bio)s)) AS part(dictionary, weight, text),
        unnest(to_tsvector(part.dictionary, part.text)) AS found
    GROUP BY left(found.lexeme, 40)
"""
_STEMS = "SELECT ts_lexize('english_stem', word) FROM unnest(%s::text[]) WITH ORDINALITY AS typed(word, at) ORDER BY at"
NAME, OFFER, BIO = range(3)


def fold(text: str) -> str:
    """The words of a text in lower case and without accents, a space between: "Inês O’Brien" -> "ines o brien"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_BASE_LETTERS)
    letters = (letter for letter in decomposed if not "\u0300" <= letter <= "\u036f")
    return " ".join("".join(letter if _in_word(letter) else " " for letter in letters).split())


def matching(providers: QuerySet[Provider], text: str) -> QuerySet[Provider]:
    """Those with every word of the text, or a word that begins with it, somewhere in name, offer or bio."""
    words = _words(text)
    return providers.filter(_with_all(words, BIO)) if words else providers.none()


def rank(text: str) -> Case:
    """What to order matches by: 0 where the name has all the words, 1 where name and offer have, 2 where the bio is needed."""
    words = _words(text)
    near = [When(_with_all(words, weight), then=weight) for weight in (NAME, OFFER)] if words else []
    return Case(*near, default=BIO, output_field=IntegerField())


def alike(providers: QuerySet[Provider], text: str) -> QuerySet[Provider]:
    """Those whose name, or a topic they are listed under, is nearly the text: for when nothing matches.

    The most alike come first. It reads every name of the tenant, so it is asked only then.
    """
    likeness = TrigramWordSimilarity(fold(text), "name_key")
    near_topic = ProviderTopic.objects.annotate(likeness=TrigramWordSimilarity(fold(text), "topic__name")).filter(
        provider=OuterRef("pk"), listing=Listing.LISTED, likeness__gt=_ALIKE
    )
    near = providers.annotate(likeness=likeness).filter(Q(likeness__gt=_ALIKE) | Exists(near_topic))
    return near.order_by("-likeness", "name_key", "id")


def keep(ids: Iterable[UUID]) -> None:
    """Bring what lists search and show of these providers up to date. Three queries, and three writes for each of them."""
    ids = list(ids)
    topics: dict[UUID, list[str]] = defaultdict(list)
    services: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    listings = ProviderTopic.objects.filter(provider__in=ids, listing=Listing.LISTED)
    for provider, name in listings.order_by("topic__position", "topic__name").values_list("provider", "topic__name"):
        topics[provider].append(name)
    offers = offered(Service.objects.filter(provider__in=ids)).order_by("position", "minutes", "id")
    for row in offers.values("provider", *ON_CARD):
        services[row.pop("provider")].append({**row, "id": str(row["id"])})
    kept = Provider.objects.filter(pk__in=ids).only("id", "name_key", "headline", "city", "bio")
    rows = [_kept(row, topics[row.pk], services[row.pk]) for row in kept]
    with connection.cursor() as cursor:
        # The provider first: whoever keeps the same one waits there, and then finds our words.
        for statement in (_KEEP, _FORGET_WORDS, _KEEP_WORDS):
            cursor.executemany(statement, rows)
    overview.forget()


def _kept(provider: Provider, topics: list[str], services: list[dict[str, Any]]) -> dict[str, Any]:
    names = [service["name"] for service in services]
    return {
        "id": provider.pk,
        "tenant": active_tenant_id(),
        "name": provider.name_key,
        "offer": fold(" ".join([provider.headline, provider.city, *topics, *names])),
        "bio": fold(provider.bio),
        "price_from": min((service["price"] for service in services), default=None),
        "on_card": Jsonb({"topics": topics, "services": services}),
    }


def offered(services: QuerySet[Service]) -> QuerySet[Service]:
    """Those that can be asked for: active, and not of a topic that is paused for their provider (S1.22)."""
    paused = ProviderTopic.objects.filter(
        provider=OuterRef("provider"), topic=OuterRef("topic"), listing=Listing.SUSPENDED
    )
    return services.filter(~Exists(paused), is_active=True)


def _in_word(letter: str) -> bool:
    # Vowel signs of Indian scripts are marks, no letters, and still part of the word.
    return letter.isalnum() or unicodedata.category(letter)[0] == "M"


def _words(text: str) -> list[str]:
    return [word[:MAX_LETTERS] for word in fold(text).split()[:MAX_WORDS]]


def _with_all(words: list[str], weight: int) -> Q:
    """Providers that have a word beginning with each of these, at most so far from the name."""
    found = Q()
    for beginnings in _beginnings(tuple(words)):
        near = SearchWord.objects.filter(beginnings, weight__lte=weight)
        found &= Q(pk__in=near.values("provider"))
    return found


@lru_cache(maxsize=4096)
def _beginnings(words: tuple[str, ...]) -> list[Q]:
    """For each word the index ranges of all that begin with it or with its stem; "the" and "of" only count alone."""
    with connection.cursor() as cursor:
        cursor.execute(_STEMS, [list(words)])
        stems = [stems for (stems,) in cursor.fetchall()]
    counting = [(word, found) for word, found in zip(words, stems, strict=True) if found != []]
    return [_begins({word, *(found or ())}) for word, found in counting or [(word, ()) for word in words]]


def _begins(beginnings: set[str]) -> Q:
    found = Q()
    for begin in beginnings:
        # A stem that the word begins with finds all that the word finds.
        if not any(begin != other and begin.startswith(other) for other in beginnings):
            found |= Q(word__gte=begin, word__lt=begin[:-1] + chr(ord(begin[-1]) + 1))
    return found
