"""Finding providers by what people type: words, beginnings of words, other forms of a word, slips in a name (PG-02, F2).

Text is folded here, the same way when it is kept and when it is looked for, so neither the database's locale nor its
dictionaries of accents play a part. Names are kept as they are; everything is also kept by its English stem, so that
"negotiating" finds "Negotiation".
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, TrigramWordSimilarity
from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When
from psycopg.types.json import Jsonb

from accounts.tenancy import active_tenant_id

from . import overview
from .enums import Listing
from .models import Provider, ProviderTopic, Service

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
    UPDATE marketplace_provider SET
        price_from = %(price_from)s,
        on_card = %(on_card)s,
        search = setweight(to_tsvector('simple', %(name)s), 'A') || setweight(to_tsvector('english', %(name)s), 'A')
            || setweight(to_tsvector('simple', %(offer)s), 'B') || setweight(to_tsvector('english', %(offer)s), 'B')
            || setweight(to_tsvector('english', %(bio)s), 'C')
    WHERE tenant_id = %(tenant)s AND id = %(id)s
"""


def fold(text: str) -> str:
    """The words of a text in lower case and without accents, a space between: "Inês O’Brien" -> "ines o brien"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_BASE_LETTERS)
    letters = (letter for letter in decomposed if not "\u0300" <= letter <= "\u036f")
    return " ".join("".join(letter if _in_word(letter) else " " for letter in letters).split())


def matching(providers: QuerySet[Provider], text: str) -> QuerySet[Provider]:
    """Those with every word of the text, or a word that begins with it, somewhere in name, offer or bio."""
    words = _words(text)
    return providers.filter(search=_query(words)) if words else providers.none()


def rank(text: str) -> Case:
    """What to order matches by: 0 where the name has all the words, 1 where name and offer have, 2 where the bio is needed."""
    words = _words(text)
    if not words:
        return Case(default=2, output_field=IntegerField())
    return Case(
        When(search=_query(words, "A"), then=0),
        When(search=_query(words, "AB"), then=1),
        default=2,
        output_field=IntegerField(),
    )


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
    """Bring what lists search and show of these providers up to date. Three queries, and one write for each of them."""
    ids = list(ids)
    topics: dict[UUID, list[str]] = defaultdict(list)
    services: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    listings = ProviderTopic.objects.filter(provider__in=ids, listing=Listing.LISTED)
    for provider, name in listings.order_by("topic__position", "topic__name").values_list("provider", "topic__name"):
        topics[provider].append(name)
    rows = offered(Service.objects.filter(provider__in=ids)).order_by("position", "minutes", "id")
    for row in rows.values("provider", *ON_CARD):
        services[row.pop("provider")].append({**row, "id": str(row["id"])})
    kept = Provider.objects.filter(pk__in=ids).only("id", "name_key", "headline", "city", "bio")
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [_kept(row, topics[row.pk], services[row.pk]) for row in kept])
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


def _query(words: list[str], weights: str = "") -> SearchQuery:
    raw = " & ".join(f"'{word}':*{weights}" for word in words)
    return SearchQuery(raw, config="simple", search_type="raw") | SearchQuery(raw, config="english", search_type="raw")
