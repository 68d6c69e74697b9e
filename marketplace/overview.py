"""A tenant's offer as a whole: how many providers, under which topics, in which lengths and languages.

It reads every provider, changes rarely and stands on every page of the directory, so each process remembers it for a
minute (PG-01). What a process writes itself it sees at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import CharField, Count, Func, Q

from accounts.tenancy import active_tenant_id

from .enums import Listing, Place
from .models import Provider, Service, Topic

REMEMBERED_FOR = timedelta(minutes=1)
MAX_REMEMBERED = 1000
# Among how many providers the soonest are looked for: enough for a choice, few enough for a page.
LOOKED_AT = 24

_remembered: dict[int, tuple[datetime, "Overview"]] = {}


@dataclass(frozen=True, slots=True)
class TopicCount:
    """A topic and how many published providers are listed under it."""

    topic: Topic
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is. `lengths` are minutes, `languages` codes; only what somebody published offers.

    `part` are the ids of those among whom the soonest free times are looked for: of a large tenant another part every hour.
    """

    published: int
    topics: tuple[TopicCount, ...]
    lengths: tuple[int, ...]
    places: tuple[str, ...]
    languages: tuple[str, ...]
    highest_price: int
    part: tuple[UUID, ...]


def overview(*, now: datetime, fresh: bool = False) -> Overview:
    """The overview of the scope's tenant, at most a minute old; `fresh` reads it anew. Five queries or none."""
    tenant = active_tenant_id()
    if not fresh and (known := _remembered.get(tenant)) and known[0] <= now < known[0] + REMEMBERED_FOR:
        return known[1]
    if len(_remembered) >= MAX_REMEMBERED:
        _remembered.clear()
    _remembered[tenant] = (now, _read(now))
    return _remembered[tenant][1]


def forget() -> None:
    """Let the next page read the overview of the scope's tenant anew."""
    _remembered.pop(active_tenant_id(), None)


def _read(now: datetime) -> Overview:
    kinds = set(
        Service.objects.filter(is_active=True, provider__is_published=True)
        .order_by()
        .values_list("minutes", "place", "price")
        .distinct()
    )
    places = {place for _, place, _ in kinds}
    published = Provider.objects.filter(is_published=True).count()
    return Overview(
        published=published,
        topics=_topics(),
        lengths=tuple(sorted({minutes for minutes, _, _ in kinds})),
        places=tuple(place for place in Place.values if place in places),
        languages=_languages(),
        highest_price=max((price for _, _, price in kinds), default=0),
        part=_part(published, now),
    )


def _part(published: int, now: datetime) -> tuple[UUID, ...]:
    # Found here and not by the page: to skip thousands of names costs as much as to read them.
    hour = int(now.timestamp()) // 3600
    # A prime step visits all parts before one comes back.
    first = hour * 7919 % (published - LOOKED_AT + 1) if published > LOOKED_AT else 0
    by_name = Provider.objects.filter(is_published=True).order_by("name_key", "id")
    return tuple(by_name.values_list("pk", flat=True)[first : first + LOOKED_AT])


def _topics() -> tuple[TopicCount, ...]:
    listed = Count("listings", filter=Q(listings__listing=Listing.LISTED, listings__provider__is_published=True))
    rows = Topic.objects.annotate(listed=listed).order_by("position", "name")
    return tuple(TopicCount(topic, topic.listed) for topic in rows)


def _languages() -> tuple[str, ...]:
    spoken = Provider.objects.filter(is_published=True).order_by()
    codes = spoken.annotate(code=Func("languages", function="unnest", output_field=CharField()))
    return tuple(sorted(codes.values_list("code", flat=True).distinct()))
