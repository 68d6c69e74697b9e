"""The sample marketplaces as read from the TOML files beside this module."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from importlib import resources
from itertools import chain
from typing import Any

from accounts.enums import Role
from calendars.hours import OpenHours

SLUGS = ("consult", "talks", "practice", "studio", "mentors")
MAIL_DOMAIN = "demo.parley.example"
AWAY = "away"

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SPAN = re.compile(r"(\d+)([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


@dataclass(frozen=True)
class Person:
    """Somebody in one sample marketplace. `note` says what to try as them; only people with one are offered at the start."""

    name: str
    zone: str
    roles: tuple[Role, ...]
    note: str = ""

    @property
    def email(self) -> str:
        """Their address: `ines.duarte@demo.parley.example` for "Inês Duarte". One name is one person everywhere."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode().lower()
        words = re.findall(r"[a-z]+(?:-[a-z]+)*", plain)
        return f"{words[0]}.{words[-1]}@{MAIL_DOMAIN}"


@dataclass(frozen=True)
class ProviderSample(Person):
    """A provider: the public profile, the services (arguments of `add_service`) and what clients asked them in the past.

    `overrides` are hours on the day so many days from now; no hours means away.
    """

    city: str = ""
    languages: tuple[str, ...] = ()
    headline: str = ""
    bio: str = ""
    topics: tuple[str, ...] = ()
    hours: tuple[OpenHours, ...] = ()
    overrides: Mapping[int, list[tuple[int, int]]] = field(default_factory=dict)
    services: tuple[Mapping[str, Any], ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """Something that one side does to a booking: an action of the workflow `by` "client" or "provider".

    It happens `after` what came before it, or that long `before_start` or `after_start` of the agreed session. `starts` are put
    on the table, counted from now like those of the scene; `choose` is the number of the time that is accepted.
    """

    do: str
    by: str
    after: timedelta = timedelta()
    before_start: timedelta | None = None
    after_start: timedelta | None = None
    starts: tuple[timedelta, ...] = ()
    choose: int = 1
    reason: str = ""
    reason_text: str = ""
    message: str = ""


@dataclass(frozen=True)
class Scene:
    """One booking and what became of it.

    It `begins` as the client's request, or as the provider's invite or book, `asked` ago, for the first free starts from each
    of `starts` on, counted from now. `answer` came `after` that: accept (the time number `choose`), decline, withdraw, lapse
    (nobody answered), or nothing so far. `then` follows; `outcome` says how the session went, held or no_show, once it is over.
    """

    title: str
    client: str
    provider: str
    service: str
    asked: timedelta
    starts: tuple[timedelta, ...] = ()
    begins: str = "request"
    same_as: str = ""
    notes: str = ""
    answer: str = ""
    after: timedelta = timedelta()
    choose: int = 1
    reason: str = ""
    reason_text: str = ""
    message: str = ""
    then: tuple[Step, ...] = ()
    outcome: str = ""


@dataclass(frozen=True)
class Sample:
    """One sample marketplace. `shows`: in one line, what is special about its rules; `selling`: how credits are sold.

    `programme` gives credits to its clients: name, amount and period (credits.enums.Period).
    """

    slug: str
    tenant: Mapping[str, Any]
    shows: str
    topics: tuple[str, ...]
    staff: tuple[Person, ...]
    providers: tuple[ProviderSample, ...]
    clients: tuple[Person, ...]
    scenes: tuple[Scene, ...]
    accepted: tuple[str, ...]
    declined: tuple[Mapping[str, str], ...]
    selling: Mapping[str, Any] | None = None
    programme: Mapping[str, Any] | None = None

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, in the order in which they join: whom to sign in as comes first among their kind."""
        return (*self.clients, *self.providers, *self.staff)

    @property
    def personas(self) -> tuple[Person, ...]:
        """Whom to sign in as, the most telling first: a client, a provider, then owner and staff."""
        return tuple(person for person in self.people if person.note)


@lru_cache(maxsize=1)
def samples() -> tuple[Sample, ...]:
    """All sample marketplaces, in the order of the source texts."""
    return tuple(_read(slug) for slug in SLUGS)


def span(text: str) -> timedelta:
    """A length of time such as "70h15m" or "-4d"."""
    length = timedelta(**{_UNITS[unit]: int(count) for count, unit in _SPAN.findall(text)})
    return -length if text.startswith("-") else length


def weekly_hours(lines: list[str]) -> Iterator[OpenHours]:
    """Hours written as "Mon-Fri 9:00-12:00 13:00-18:00"."""
    for line in lines:
        days, *ranges = line.split()
        first, _, last = days.partition("-")
        begin, length = _WEEKDAYS.index(first), (_WEEKDAYS.index(last or first) - _WEEKDAYS.index(first)) % 7
        for day in range(begin, begin + length + 1):
            yield from (OpenHours(day % 7, *_minutes(text)) for text in ranges)


def _minutes(text: str) -> tuple[int, int]:
    opens, closes = (int(hour) * 60 + int(minute) for hour, minute in re.findall(r"(\d+):(\d+)", text))
    return opens, closes


def _read(slug: str) -> Sample:
    data = tomllib.loads(resources.files(__package__).joinpath(f"{slug}.toml").read_text(encoding="utf-8"))
    fields = ("name", "code_prefix", "icon", "accent", "tagline", "time_zone")
    others = ({"name": name, "zone": zone} for zone, names in data["clients_by_zone"].items() for name in names)
    return Sample(
        slug=slug,
        tenant={key: data[key] for key in fields},
        shows=data["shows"],
        topics=tuple(data["topics"]),
        staff=tuple(Person(row["name"], row["zone"], (Role(row["role"]),), note=row["note"]) for row in data["staff"]),
        providers=tuple(_provider(row, data["services"]) for row in data["providers"]),
        clients=tuple(Person(**row, roles=(Role.CLIENT,)) for row in chain(data["clients"], others)),
        scenes=tuple(_scene(row) for row in data["scenes"]),
        accepted=tuple(data["answers"]["accepted"]),
        declined=tuple(data["answers"]["declined"]),
        selling=data.get("selling"),
        programme=data.get("programme"),
    )


def _provider(row: dict[str, Any], catalogue: dict[str, Any]) -> ProviderSample:
    row = dict(row)
    roles = (Role.PROVIDER, Role.CLIENT) if row.pop("also_client", False) else (Role.PROVIDER,)
    overrides = {
        int(day): [] if hours == AWAY else [_minutes(hours)] for day, hours in row.pop("overrides", {}).items()
    }
    services = tuple(_service(entry, catalogue) for entry in row.pop("services"))
    lists = {key: tuple(row.pop(key)) for key in ("languages", "topics", "asks")}
    hours = tuple(weekly_hours(row.pop("hours")))
    return ProviderSample(**row, **lists, roles=roles, hours=hours, overrides=overrides, services=services)


def _service(entry: str | dict[str, Any], catalogue: dict[str, Any]) -> dict[str, Any]:
    if isinstance(entry, str):
        return catalogue[entry]
    own = dict(entry)
    return {**catalogue[own.pop("use")], **own}


def _scene(row: dict[str, Any]) -> Scene:
    return Scene(**{**_lengths(row), "then": tuple(Step(**_lengths(step)) for step in row.get("then", ()))})


def _lengths(row: dict[str, Any]) -> dict[str, Any]:
    lengths = {key: span(row[key]) for key in ("asked", "after", "before_start", "after_start") if key in row}
    return {**row, **lengths, "starts": tuple(span(text) for text in row.get("starts", ()))}
