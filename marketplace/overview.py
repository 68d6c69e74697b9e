"""A tenant's offer as a whole: how many providers, under which topics, in which lengths and languages.

It reads every provider, changes rarely and stands on every page of the directory, so each process remembers it for a
minute (PG-01). What a process writes itself it sees at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, Count, Func, Q

from accounts.tenancy import active_tenant_id

from .enums import Listing, Place
from .models import Provider, Service, Topic

REMEMBERED_FOR = timedelta(minutes=1)
MAX_REMEMBERED = 1000

_remembered: dict[int, tuple[datetime, "Overview"]] = {}


@dataclass(frozen=True, slots=True)
class TopicCount:
    """A topic and how many published providers are listed under it."""

    topic: Topic
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is. `lengths` are minutes, `languages` codes; only what somebody published offers."""

    published: int
    topics: tuple[TopicCount, ...]
    lengths: tuple[int, ...]
    places: tuple[str, ...]
    languages: tuple[str, ...]
    highest_price: int


def overview(*, now: datetime, fresh: bool = False) -> Overview:
    """The overview of the scope's tenant, at most a minute old; `fresh` reads it anew. Four queries or none."""
    tenant = active_tenant_id()
    if not fresh and (known := _remembered.get(tenant)) and known[0] <= now < known[0] + REMEMBERED_FOR:
        return known[1]
    if len(_remembered) >= MAX_REMEMBERED:
        _remembered.clear()
    _remembered[tenant] = (now, _read())
    return _remembered[tenant][1]


def forget() -> None:
    """Let the next page read the overview of the scope's tenant anew."""
    _remembered.pop(active_tenant_id(), None)


def _read() -> Overview:
    kinds = set(
        Service.objects.filter(is_active=True, provider__is_published=True)
        .order_by()
        .values_list("minutes", "place", "price")
        .distinct()
    )
    places = {place for _, place, _ in kinds}
    return Overview(
        published=Provider.objects.filter(is_published=True).count(),
        topics=_topics(),
        lengths=tuple(sorted({minutes for minutes, _, _ in kinds})),
        places=tuple(place for place in Place.values if place in places),
        languages=_languages(),
        highest_price=max((price for _, _, price in kinds), default=0),
    )


def _topics() -> tuple[TopicCount, ...]:
    listed = Count("listings", filter=Q(listings__listing=Listing.LISTED, listings__provider__is_published=True))
    rows = Topic.objects.annotate(listed=listed).order_by("position", "name")
    return tuple(TopicCount(topic, topic.listed) for topic in rows)


def _languages() -> tuple[str, ...]:
    spoken = Provider.objects.filter(is_published=True).order_by()
    codes = spoken.annotate(code=Func("languages", function="unnest", output_field=CharField()))
    return tuple(sorted(codes.values_list("code", flat=True).distinct()))
