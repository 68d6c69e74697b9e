"""Providers in words for one reader: what the cards of home and directory show (PG-01, PG-02). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from babel import Locale

from accounts import formatting
from accounts.addresses import path_to
from accounts.faces import initials, tint
from accounts.policies import Vocabulary

from .models import Provider, Service
from .queries import Hit, Offer


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose clock and words a page is in. `zone` is an IANA name, `priced` says whether the tenant takes credits."""

    zone: str
    hour_cycle: int
    now: datetime
    words: Vocabulary
    priced: bool


class Fact(NamedTuple):
    """A line with its icon."""

    icon: str
    text: str


class Chip(NamedTuple):
    """A free time as a link. `name` is what assistive technology reads in place of day and time."""

    href: str
    name: str
    day: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A provider as `ui/provider_card.html` and `{% provider_hit %}` show them."""

    name: str
    href: str
    headline: str
    initials: str
    tint: str
    meta: list[Fact]
    tags: tuple[str, ...]
    tags_label: str
    hint_icon: str
    hint: str
    chips: list[Chip]
    chips_label: str
    more_href: str
    more_label: str


def home_card(hit: Hit, reader: Reader) -> Card:
    """A card for "Free soonest": place and price."""
    provider, meta = hit.provider, []
    if provider.city:
        meta.append(Fact("map-pin", provider.city))
    if hit.service:
        meta.append(Fact("wallet" if reader.priced else "clock", _length_and_price(hit.service, reader)))
    return _card(hit, meta, reader)


def directory_card(hit: Hit, reader: Reader) -> Card:
    """A card for the directory: languages, how quickly they answer, length and price."""
    provider, meta = hit.provider, []
    if provider.languages:
        meta.append(Fact("languages", language_names(provider.languages)))
    if habit := answer_habit(provider):
        meta.append(Fact("clock", habit))
    if hit.service:
        meta.append(Fact("wallet" if reader.priced else "calendar", _length_and_price(hit.service, reader)))
    return _card(hit, meta, reader)


def price_in_words(price: int, reader: Reader) -> str:
    """ "30 credits", "No charge"; nothing where the tenant takes no credits (R-LOC-6)."""
    if not reader.priced:
        return ""
    return formatting.plural(price, reader.words.credit, reader.words.credits) if price else "No charge"


def answer_habit(provider: Provider) -> str:
    """ "Usually answers in 5 hours", or nothing while too few answers are known (F6)."""
    if provider.answers_within_hours is None:
        return ""
    return f"Usually answers in {formatting.plural(max(provider.answers_within_hours, 1), 'hour')}"


def language_names(codes: Iterable[str]) -> str:
    """The languages by name: "Czech, English"."""
    return ", ".join(language_name(code) for code in codes)


@lru_cache(maxsize=256)
def language_name(code: str) -> str:
    """A language by name, "Czech" for "cs"; an unknown code stays as it is."""
    return Locale("en").languages.get(code, code)


def hours_in_words(hours: int) -> str:
    """ "72 hours", and "7 days" for what is longer."""
    return formatting.plural(hours // 24, "day") if hours > 72 and not hours % 24 else formatting.plural(hours, "hour")


def request_href(
    slug: str,
    service: Service | Offer,
    starts: Iterable[datetime],
    *,
    anyway: Iterable[datetime] = (),
    again: str = "",
) -> str:
    """The address of the request for these starts (UTC), best one first (PG-05).

    `anyway` are those that are suggested although they are not offered (D-3), `again` is what it tries again (T30).
    """
    slots = [("slot", formatting.iso(start)) for start in starts]
    slots += [("anyway", formatting.iso(start)) for start in anyway]
    slots += [("again", again)] if again else []
    return f"{path_to('request', slug)}?{urlencode([('service', service.pk), *slots])}"


def new_booking_href(service: Service | Offer, starts: Iterable[datetime]) -> str:
    """The address at which a provider books for somebody at these starts (UTC), from their own free times (S3.12, PG-39)."""
    return f"{path_to('new_booking')}?{urlencode([('service', service.pk), *(('at', formatting.iso(at)) for at in starts)])}"


def _card(hit: Hit, meta: list[Fact], reader: Reader) -> Card:
    provider = hit.provider
    href = path_to("provider", provider.slug)
    hint_icon, hint = _hint(hit, reader)
    return Card(
        name=provider.name,
        href=href,
        headline=provider.headline,
        initials=initials(provider.name),
        tint=tint(provider.name),
        meta=meta,
        tags=hit.topics,
        tags_label=f"{reader.words.topics.capitalize()} of {provider.name}",
        hint_icon=hint_icon,
        hint=hint,
        chips=_chips(hit, reader),
        chips_label=f"Next free times of {provider.name}",
        more_href=f"{href}?service={hit.service.pk}#times" if hit.service else href,
        more_label="See all times" if hit.service else "See the profile",
    )


def _chips(hit: Hit, reader: Reader) -> list[Chip]:
    if hit.service is None or not hit.starts:
        return []
    base, hour = request_href(hit.provider.slug, hit.service, []), reader.now.replace(minute=0, second=0, microsecond=0)
    clocks = (reader.zone, hit.provider.calendar.time_zone, reader.hour_cycle)
    chips = []
    for start in hit.starts:
        words = _time_in_words(start, hit.service.minutes, *clocks, hour)
        href = f"{base}&slot={words.datetime}"
        chips.append(Chip(href, f"Ask {hit.provider.name} for {words.name}", words.day, words.time))
    return chips


class _TimeWords(NamedTuple):
    datetime: str
    name: str
    day: str
    time: str


@lru_cache(maxsize=8192)
def _time_in_words(
    start: datetime, minutes: int, zone: str, other_zone: str, hour_cycle: int, hour: datetime
) -> _TimeWords:
    # Many providers begin at the same times; `hour` stands for now, of which only the year shows.
    times = formatting.time_range(start, start + timedelta(minutes=minutes), zone, hour_cycle)
    other = formatting.other_time(start, None, zone, other_zone, hour, hour_cycle)
    day = formatting.long_day(start, zone, hour)
    weekday, number = day.split()[:2]
    name = f"{day}, {times}" + (f", {other}" if other else "")
    return _TimeWords(formatting.iso(start), name, f"{weekday[:3]} {number}", times.split(" to ", 1)[0])


def _hint(hit: Hit, reader: Reader) -> Fact:
    provider = hit.provider
    if hit.service is None:
        return Fact("clock", f"No {reader.words.kind} to ask for yet")
    if provider.paused_until and provider.paused_until > reader.now.date():
        return Fact("clock", f"Away until {formatting.day_words(provider.paused_until, reader.now.date())}")
    if not hit.starts:
        return Fact("clock", "No free times soon")
    zone = provider.calendar.time_zone
    if not formatting.offsets_differ(reader.now, reader.zone, zone):
        return Fact("", "")
    distance = formatting.ahead(reader.now, reader.zone, zone)
    return Fact("globe", f"In {formatting.city_name(zone)}, {distance}")


def _length_and_price(service: Offer, reader: Reader) -> str:
    price = price_in_words(service.price, reader)
    return formatting.length(service.minutes) + (f", {price}" if price else "")
