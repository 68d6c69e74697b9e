"""Reads of the marketplace. Lists take a fixed number of queries, however many providers there are (decisions.md 22)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.compiled import CompiledQuery
from accounts.policies import Policy
from calendars.hours import local_minute
from calendars.queries import bookable, next_starts
from calendars.queries import why_not as why_not_at
from calendars.slots import Reason, ReasonCode, Slot, SlotRules

from . import search
from .enums import Listing
from .models import Provider, ProviderTopic, Service

CHIPS = 3
NOT_OFFERED = (ReasonCode.OUTSIDE_HOURS, ReasonCode.OFF_STEP)


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as kept with its provider for lists; the fields are those of Service."""

    id: str
    name: str
    minutes: int
    price: int
    place: str
    step_minutes: int
    buffer_before: int
    buffer_after: int
    notice_minutes: int
    hides_asked_times: bool | None

    @property
    def pk(self) -> str:
        """The id under its usual name."""
        return self.id


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; empty parts ask for nothing. `topics` are ids, `lengths` minutes, `price_max` credits."""

    text: str = ""
    topics: tuple[UUID, ...] = ()
    lengths: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    price_max: int | None = None
    sort: str = "best"

    def accepts(self, service: Offer) -> bool:
        """Whether the service has the wanted length, place and price."""
        return (
            (not self.lengths or service.minutes in self.lengths)
            and (not self.places or service.place in self.places)
            and (self.price_max is None or service.price <= self.price_max)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A provider as a list shows them: topics, the service that fits what is wanted, its next free starts (UTC)."""

    provider: Provider
    topics: tuple[str, ...] = ()
    service: Offer | None = None
    starts: tuple[datetime, ...] = ()


SORTS = {
    "best": ("name_key", "id"),
    "name": ("name_key", "id"),
    "price": (F("price_from").asc(nulls_last=True), "name_key", "id"),
    "answers": (F("answers_within_hours").asc(nulls_last=True), "name_key", "id"),
}


_published_at = CompiledQuery(
    lambda slug: Provider.objects.select_related("calendar").filter(slug=slug, is_published=True), str
)
_services = CompiledQuery(
    lambda provider: search.offered(Service.objects.filter(provider_id=provider)).order_by("position", "minutes", "id"),
    UUID,
)


# --- one provider -----------------------------------------------------------------------------------


def get_provider(slug: str) -> Provider:
    """The published provider at this address, with calendar. Raises Provider.DoesNotExist for all others."""
    provider = _published_at.first(slug)
    if provider is None:
        raise Provider.DoesNotExist
    return provider


def services_of(provider: Provider) -> list[Service]:
    """What can be asked of the provider, in their order."""
    return _services(provider.pk)


def offered_by(text: str) -> list[Service]:
    """What can be asked of whoever goes by this name, or has this mail address, in any case; with provider, calendar, member.

    Nothing for no text. One query.
    """
    name, address = search.fold(text), text.strip()
    if not name or "\0" in address:
        return []
    called = Q(provider__name_key=name) | Q(provider__member__user__email__iexact=address)
    rows = search.offered(Service.objects.filter(called, provider__is_published=True))
    people = ("provider__member__user", "provider__calendar")
    return list(rows.select_related(*people).order_by("provider", "position", "minutes", "id"))


def offer_of(provider: Provider, service: UUID) -> Offer | None:
    """One of the services that can be asked of the provider, as kept with them; None for all others. No query."""
    return next((offer for offer in _offers(provider) if offer.id == str(service)), None)


def free_on(
    day: date, provider: Provider, offer: Offer, *, zone: ZoneInfo, policy: Policy, now: datetime
) -> list[Slot]:
    """The starts (UTC) that can be asked for on this day by the clock of `zone`. `provider` comes with its calendar."""
    return bookable(
        provider.calendar,
        rules_of(offer, policy),
        since=max(local_minute(day, 0, zone), takes_requests_from(provider, now)),
        until=local_minute(day + timedelta(days=1), 0, zone),
        now=now,
        hide_asked=hides_asked(offer, policy),
    )


def is_paused(service: Service) -> bool:
    """Whether the service can't be asked for because its topic is paused for its provider (S1.16, S1.22)."""
    if service.topic_id is None:
        return False
    return _pause.first(service.provider_id, service.topic_id) is not None


_pause = CompiledQuery(
    lambda provider, topic: ProviderTopic.objects.filter(
        provider_id=provider, topic_id=topic, listing=Listing.SUSPENDED
    ),
    UUID,
    UUID,
)


def paused_services(provider: Provider) -> list[Service]:
    """What the provider would offer if its topic were not paused."""
    paused = ProviderTopic.objects.filter(
        provider=OuterRef("provider"), topic=OuterRef("topic"), listing=Listing.SUSPENDED
    )
    return list(Service.objects.filter(Exists(paused), provider=provider, is_active=True).order_by("position", "id"))


def listed_topics(provider: Provider) -> list[str]:
    """Names of the topics the provider is listed under, in their order."""
    return _topic_names(ProviderTopic.objects.filter(provider=provider, listing=Listing.LISTED))


def paused_topics(provider: Provider, reference: str) -> list[str]:
    """Names of the topics that `reference` has paused for the provider."""
    return _topic_names(
        ProviderTopic.objects.filter(provider=provider, listing=Listing.SUSPENDED, paused_for=reference)
    )


def _topic_names(listings: QuerySet[ProviderTopic]) -> list[str]:
    return list(listings.order_by("topic__position", "topic__name").values_list("topic__name", flat=True))


def rules_of(service: Service | Offer, policy: Policy) -> SlotRules:
    """What the service and the tenant ask of a start.

    Notice is the longest of the service's, the tenant's and the time before a start by which an answer must be given:
    a request inside that could not be accepted any more (decision 9).
    """
    return SlotRules(
        minutes=service.minutes,
        step=service.step_minutes,
        before=service.buffer_before,
        after=service.buffer_after,
        notice_minutes=max(service.notice_minutes, notice_of(policy)),
        horizon_days=policy.bookable_days,
    )


def notice_of(policy: Policy) -> int:
    """The notice in minutes that the tenant asks of any service."""
    return max(policy.notice_minutes, policy.answer_lead_hours * 60)


def hides_asked(service: Service | Offer, policy: Policy) -> bool:
    """Whether times that somebody has asked for are hidden from others (decision 15)."""
    return policy.hides_asked_times if service.hides_asked_times is None else service.hides_asked_times


def takes_requests_from(provider: Provider, now: datetime) -> datetime:
    """The first instant (UTC) that can be asked for: `now`, or the midnight where they are when their pause ends."""
    if provider.paused_until is None:
        return now
    return max(now, local_minute(provider.paused_until, 0, ZoneInfo(provider.calendar.time_zone)))


def why_not(
    provider: Provider, service: Service, policy: Policy, start: datetime, *, now: datetime, anyway: bool = False
) -> Reason | None:
    """Why a client can't ask for this start (UTC); None when they can. One query, two for what is suggested `anyway`.

    Who suggests a time anyway may leave the provider's hours and the step of the service, nothing else: not while the
    provider is away, and not over anything in their calendar (D-3, T7).
    """
    rules, hide = rules_of(service, policy), hides_asked(service, policy)
    reason = why_not_at(provider.calendar, start, rules, now=now, hide_asked=hide)
    if start < takes_requests_from(provider, now):
        return reason or Reason(ReasonCode.OUTSIDE_HOURS)
    if reason and anyway and reason.code in NOT_OFFERED and policy.takes_other_times:
        return why_not_at(provider.calendar, start, rules, now=now, hide_asked=hide, at_any_hour=True)
    return reason


def is_outside_hours(
    provider: Provider, service: Service, policy: Policy, start: datetime, *, minutes: int, now: datetime
) -> bool:
    """Whether a session of so many minutes from this start (UTC) lies outside the provider's hours. One query."""
    rules = replace(rules_of(service, policy), minutes=minutes)
    reason = why_not_at(provider.calendar, start, rules, now=now, hide_asked=False)
    return reason is not None and reason.code == ReasonCode.OUTSIDE_HOURS


# --- many providers ---------------------------------------------------------------------------------


def find(wanted: Wanted) -> QuerySet[Provider]:
    """Published providers that fit, in a stable order (F2). A topic finds nobody whose listing under it is paused (S1.22).

    The sort "best" puts those whose name holds the words first, then those whose offer does. What is found by words comes
    without anything but its id: sorting a thousand whole providers to show twenty took most of the time. `in_full` has the rest.
    """
    providers = _narrowed(Provider.objects.filter(is_published=True), wanted)
    if not wanted.text:
        return _listed(providers).order_by(*SORTS[wanted.sort])
    first = [search.rank(wanted.text)] if wanted.sort == "best" else []
    return search.matching(providers, wanted.text).order_by(*first, *SORTS[wanted.sort]).only("pk")


def in_full(providers: Iterable[Provider]) -> list[Provider]:
    """The same providers in the same order, with all that a list shows and with their calendars. One query."""
    ids = [provider.pk for provider in providers]
    found = {provider.pk: provider for provider in _listed(Provider.objects.filter(pk__in=ids))}
    return [found[pk] for pk in ids]


def find_alike(wanted: Wanted) -> QuerySet[Provider]:
    """Providers whose name or topic is nearly what was typed, the most alike first: for when `find` finds nobody."""
    providers = _narrowed(Provider.objects.filter(is_published=True), wanted)
    return _listed(search.alike(providers, wanted.text))


def hits(providers: Iterable[Provider], *, policy: Policy, now: datetime, wanted: Wanted | None = None) -> list[Hit]:
    """The same providers with what a list shows of each. One query for any number."""
    found = [_hit(provider, wanted or Wanted()) for provider in providers]
    asking = [hit for hit in found if hit.service and takes_requests_from(hit.provider, now) == now]
    starts = next_starts(
        [hit.provider.calendar for hit in asking],
        {hit.provider.calendar_id: rules_of(hit.service, policy) for hit in asking if hit.service},
        now=now,
        count=CHIPS,
    )
    return [replace(hit, starts=tuple(starts.get(hit.provider.calendar_id, ()))) for hit in found]


def free_soonest(*, policy: Policy, now: datetime, among: Iterable[UUID], count: int = 6) -> list[Hit]:
    """The published ones with the soonest free times among the providers with these ids. Two queries."""
    providers = _listed(Provider.objects.filter(pk__in=among, is_published=True)).order_by(*SORTS["name"])
    free = [hit for hit in hits(providers, policy=policy, now=now) if hit.starts]
    return sorted(free, key=lambda hit: hit.starts[0])[:count]


def _listed(providers: QuerySet[Provider]) -> QuerySet[Provider]:
    # A list shows no bio, and bios are long.
    return providers.select_related("calendar").defer("bio", "name_key", "price_from", "joined_at")


def _narrowed(providers: QuerySet[Provider], wanted: Wanted) -> QuerySet[Provider]:
    if wanted.topics:
        listings = ProviderTopic.objects.filter(
            provider=OuterRef("pk"), topic__in=wanted.topics, listing=Listing.LISTED
        )
        providers = providers.filter(Exists(listings))
    if wanted.languages:
        providers = providers.filter(languages__overlap=list(wanted.languages))
    if wanted.lengths or wanted.places or wanted.price_max is not None:
        providers = providers.filter(Exists(_wanted_services(wanted).filter(provider=OuterRef("pk"))))
    return providers


def _wanted_services(wanted: Wanted) -> QuerySet[Service]:
    services = search.offered(Service.objects.all())
    if wanted.lengths:
        services = services.filter(minutes__in=wanted.lengths)
    if wanted.places:
        services = services.filter(place__in=wanted.places)
    if wanted.price_max is not None:
        services = services.filter(price__lte=wanted.price_max)
    return services


def _hit(provider: Provider, wanted: Wanted) -> Hit:
    services = _offers(provider)
    fitting = next((service for service in services if wanted.accepts(service)), services[0] if services else None)
    return Hit(provider, tuple(provider.on_card.get("topics", ())), fitting)


def _offers(provider: Provider) -> list[Offer]:
    return [Offer(**service) for service in provider.on_card.get("services", ())]
