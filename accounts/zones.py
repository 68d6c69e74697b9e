"""Whose time zone a page is in, and which zones there are (R-TZ-2, R-TZ-4).

Names come from outside (cookies, forms), so they are looked up in a list and never tried on the file system.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.http import HttpRequest

CHOICE_COOKIE, DEVICE_COOKIE = "tz_choice", "tz"
LAST_RESORT = "UTC"


class Source(StrEnum):
    """Where a viewer's zone comes from; pages say so only for MARKETPLACE (R-TZ-2)."""

    CHOICE = "choice"
    ACCOUNT = "account"
    DEVICE = "device"
    MARKETPLACE = "marketplace"


@dataclass(frozen=True, slots=True)
class ViewerZone:
    """A canonical IANA name and where it comes from."""

    name: str
    source: Source


def viewer_zone(request: HttpRequest) -> ZoneInfo:
    """The zone all times of this page are shown in; never fails, whatever the cookies hold (R-TZ-2)."""
    return ZoneInfo(zone_of(request).name)


def zone_of(request: HttpRequest) -> ViewerZone:
    """Account, else the guest's own choice, else the device, else the marketplace (R-TZ-2).

    A choice made as a guest still counts for a person who has not chosen one for the account.
    """
    candidates = (
        (request.user.time_zone if request.user.is_authenticated else "", Source.ACCOUNT),
        (request.COOKIES.get(CHOICE_COOKIE, ""), Source.CHOICE),
        (request.COOKIES.get(DEVICE_COOKIE, ""), Source.DEVICE),
        (request.tenant.time_zone if request.tenant else "", Source.MARKETPLACE),
    )
    for value, source in candidates:
        if name := canonical(unquote(value)):
            return ViewerZone(name, source)
    return ViewerZone(LAST_RESORT, Source.MARKETPLACE)


def device_zone(request: HttpRequest) -> str:
    """The zone that the device says it is in, "" without script or when it is no zone."""
    return canonical(unquote(request.COOKIES.get(DEVICE_COOKIE, ""))) or ""


def canonical(name: str) -> str | None:
    """The name a zone is listed under: "Asia/Kolkata" for "Asia/Calcutta"; None for what is no zone."""
    return name if name in countries_by_zone() else _aliases().get(name)


@lru_cache(maxsize=1)
def countries_by_zone() -> Mapping[str, str]:
    """Every canonical zone with the ISO 3166 code of its country, "" for UTC.

    They are those of `zone.tab`: one place people know in each zone of each country, Oslo as well as Berlin.
    """
    rows = (line.split("\t") for line in _tzdata("zone.tab").splitlines() if line and not line.startswith("#"))
    return {LAST_RESORT: "", **{row[2]: row[0] for row in rows}}


def former_names(zone: str) -> list[str]:
    """What a canonical zone was called before, or is called elsewhere: "Asia/Calcutta" for "Asia/Kolkata"."""
    return [alias for alias, target in _aliases().items() if target == zone]


@lru_cache(maxsize=1)
def _aliases() -> Mapping[str, str]:
    listed = countries_by_zone()
    links = (line.split() for line in _tzdata("tzdata.zi").splitlines() if line.startswith("L "))
    aliases = {alias: target for _, target, alias in links if alias not in listed}
    # Greenwich and its other names are places of nobody; everything else leads to a listed place.
    return {alias: LAST_RESORT if target.startswith("Etc/") else target for alias, target in aliases.items()} | {
        "Etc/UTC": LAST_RESORT,
        "Etc/GMT": LAST_RESORT,
    }


def _tzdata(file: str) -> str:
    return (resources.files("tzdata") / "zoneinfo" / file).read_text(encoding="utf-8")
