"""Writes of the marketplace: providers, topics, services. The only door, since what is searched is kept here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify
from psycopg.errors import UniqueViolation

from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from calendars.models import Calendar

from . import overview, search
from .enums import Listing, Place
from .models import Provider, ProviderTopic, Service, Topic

_TRIES = 5
_SLUG_ONCE = "provider_slug_once"


@transaction.atomic
def publish_provider(
    *,
    member: Membership,
    calendar: Calendar,
    headline: str,
    bio: str = "",
    city: str = "",
    languages: Sequence[str] = (),
    topics: Iterable[Topic] = (),
    slug: str = "",
    is_published: bool = True,
) -> Provider:
    """Give `member` a public side with an address of its own: ana-nowak, or ana-nowak-2 where that is taken.

    `languages` are codes such as "cs". Raises ValidationError for texts that don't fit, IntegrityError for a member who
    is a provider already.
    """
    provider = Provider(
        member=member,
        calendar=calendar,
        name=member.name,
        name_key=search.fold(member.name),
        headline=headline,
        bio=bio,
        city=city,
        languages=list(languages),
        is_published=is_published,
    )
    _insert_with_slug(provider, slug or provider.name_key)
    _list_under(provider, topics)
    search.keep([provider.pk])
    return provider


@transaction.atomic
def update_provider(*, provider: Provider, topics: Iterable[Topic] | None = None, **changes: Any) -> Provider:
    """Change fields of a provider: name, headline, bio, city, languages, is_published, paused_until, answers_within_hours.

    `topics` replaces those they are listed under; a topic that stays keeps its listing. The address stays as it is.
    Raises ValidationError and changes nothing.
    """
    for field, value in changes.items():
        setattr(provider, field, value)
    if "name" in changes:
        provider.name_key = search.fold(provider.name)
        changes["name_key"] = provider.name_key
    _check(provider, changes)
    provider.save(update_fields=list(changes))
    if topics is not None:
        _list_under(provider, topics)
    search.keep([provider.pk])
    return provider


def follow_names(*, tenant: Tenant) -> int:
    """Give providers the names their members go by now, wherever those were changed; how many were behind.

    A provider's name repeats the member's, so that lists need no join; this keeps the two equal.
    """
    with tenant_scope(tenant):
        behind = Provider.objects.select_related("member").exclude(name=F("member__name"))
        return len([update_provider(provider=provider, name=provider.member.name) for provider in behind])


def add_topic(*, name: str, slug: str = "", position: int = 0) -> Topic:
    """Add something that providers can be found under. Raises IntegrityError where the address is taken."""
    topic = Topic.objects.create(name=name, slug=slug or slugify(search.fold(name)) or "topic", position=position)
    overview.forget()
    return topic


@transaction.atomic
def rename_topic(*, topic: Topic, name: str) -> Topic:
    """Call a topic something else; its address stays. Everybody under it is found by the new name at once."""
    topic.name = name
    topic.save(update_fields=["name"])
    search.keep(ProviderTopic.objects.filter(topic=topic).values_list("provider", flat=True))
    return topic


@transaction.atomic
def set_listing(*, provider: Provider, topic: Topic, listing: Listing) -> None:
    """Pause a provider under one topic, or list them again. Services of a paused topic are not offered (S1.22)."""
    _lock(provider)
    values = {"listing": listing, "paused_at": None, "paused_for": ""}
    ProviderTopic.objects.update_or_create(provider=provider, topic=topic, defaults=values)
    search.keep([provider.pk])


@transaction.atomic
def suspend_topics(*, provider: Provider, reference: str, now: datetime) -> list[str]:
    """Pause every topic the provider is listed under (S1.16); the names of those that this paused, in their order.

    `reference` is the neutral name of the cause, which alone lifts it again. What is booked already goes on.
    """
    _lock(provider)
    listed = ProviderTopic.objects.filter(provider=provider, listing=Listing.LISTED)
    names = list(listed.order_by("topic__position", "topic__name").values_list("topic__name", flat=True))
    listed.update(listing=Listing.SUSPENDED, paused_at=now, paused_for=reference)
    search.keep([provider.pk])
    return names


@transaction.atomic
def restore_topics(*, provider: Provider, reference: str) -> list[str]:
    """List the provider again under what `reference` paused (T45); names of those topics. What staff paused by hand stays."""
    _lock(provider)
    paused = ProviderTopic.objects.filter(provider=provider, listing=Listing.SUSPENDED, paused_for=reference)
    names = list(paused.order_by("topic__position", "topic__name").values_list("topic__name", flat=True))
    paused.update(listing=Listing.LISTED, paused_at=None, paused_for="")
    search.keep([provider.pk])
    return names


@transaction.atomic
def add_service(
    *,
    provider: Provider,
    name: str,
    minutes: int,
    price: int = 0,
    description: str = "",
    topic: Topic | None = None,
    place: Place = Place.VIDEO,
    step_minutes: int = 30,
    buffer_before: int = 0,
    buffer_after: int = 0,
    notice_minutes: int = 0,
    hides_asked_times: bool | None = None,
    is_instant: bool = False,
    position: int = 0,
) -> Service:
    """Let `provider` offer something; all lengths in minutes, price in whole credits. Raises ValidationError."""
    service = Service(
        provider=provider,
        name=name,
        minutes=minutes,
        price=price,
        description=description,
        topic=topic,
        place=place,
        step_minutes=step_minutes,
        buffer_before=buffer_before,
        buffer_after=buffer_after,
        notice_minutes=notice_minutes,
        hides_asked_times=hides_asked_times,
        is_instant=is_instant,
        position=position,
    )
    _check(service)
    service.save(force_insert=True)
    search.keep([provider.pk])
    return service


@transaction.atomic
def update_service(*, service: Service, **changes: Any) -> Service:
    """Change fields of a service; `is_active=False` withdraws it. Bookings made before keep what they agreed.

    Raises ValidationError and changes nothing.
    """
    for field, value in changes.items():
        setattr(service, field, value)
    _check(service, changes)
    service.save(update_fields=list(changes))
    search.keep([service.provider_id])
    return service


def _lock(provider: Provider) -> None:
    # Whoever changes listings takes the provider's row first, as update_provider does.
    Provider.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=provider.pk)


def _check(row: Provider | Service, only: Iterable[str] | None = None) -> None:
    # Keys are left to the database: they come as objects of this tenant, and each would cost a query.
    names = {field.name for field in row._meta.concrete_fields if not field.is_relation and field.editable}
    checked = names if only is None else names & set(only)
    row.clean_fields(exclude={field.name for field in row._meta.concrete_fields} - checked)


def _insert_with_slug(provider: Provider, wanted: str) -> None:
    """Rivals may take the same address at the same moment; then the next number is tried."""
    base = slugify(wanted)[:70].strip("-") or "provider"
    for _ in range(_TRIES):
        provider.slug = _free_slug(base)
        _check(provider)
        try:
            with transaction.atomic():
                provider.save(force_insert=True)
        except IntegrityError as error:
            cause = error.__cause__
            if not isinstance(cause, UniqueViolation) or cause.diag.constraint_name != _SLUG_ONCE:
                raise
        else:
            return
    raise IntegrityError(f"No free address for {base}.")


def _free_slug(base: str) -> str:
    taken = set(Provider.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def _list_under(provider: Provider, topics: Iterable[Topic]) -> None:
    wanted = {topic.pk for topic in topics}
    listings = ProviderTopic.objects.filter(provider=provider)
    listed = set(listings.values_list("topic", flat=True))
    # A paused listing outlives its removal: otherwise taking a topic off and on again would lift the pause.
    listings.filter(topic__in=listed - wanted, listing=Listing.LISTED).delete()
    ProviderTopic.objects.bulk_create(
        [ProviderTopic(provider=provider, topic_id=topic) for topic in sorted(wanted - listed)]
    )
