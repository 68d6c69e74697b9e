"""The list to choose a time zone from: found by city, country, offset or name, in any script (R-TZ-4)."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from . import formatting
from .zones import countries_by_zone, former_names

NAMES = Path(__file__).parent / "data" / "zone_names.tsv"
# How well a name was met: at its beginning, at the beginning of one of its words, anywhere.
BEGINS, WORD_BEGINS, CONTAINS = range(3)
# Which name was met: that of the place, of its country, of the zone.
PLACE, COUNTRY, ZONE = range(3)
BEST = (BEGINS, PLACE)
ACCENTS = range(0x0300, 0x0370)

Rank = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ZoneOption:
    """One line of the list: "Prague – 4:12pm now (GMT+1)", with its country for places of the same name."""

    name: str
    label: str
    country: str
    selected: bool


@dataclass(frozen=True, slots=True)
class _Names:
    country: str
    words: tuple[tuple[str, int], ...]


def zone_options(
    query: str, *, now: datetime, selected: str, first: Iterable[str] = (), hour_cycle: int = 12
) -> list[ZoneOption]:
    """The canonical zones that match, best match first; all of them for an empty query.

    `first` (the device's zone, the marketplace's) and `selected` lead the full list. `now` is an aware datetime.
    """
    wanted = _plain(query)
    ranked = [(rank, name) for name in countries_by_zone() if (rank := _rank(name, wanted, now)) is not None]
    leading = [] if wanted else [selected, *(name for name in first if name)]
    order = {name: place for place, name in reversed(list(enumerate(leading)))}
    ranked.sort(key=lambda found: (order.get(found[1], len(order) + 1), found[0], formatting.city_name(found[1])))
    return [_option(name, now, hour_cycle, selected) for _, name in ranked]


def _option(name: str, now: datetime, hour_cycle: int, selected: str) -> ZoneOption:
    time, offset = formatting.clock(now, name, hour_cycle), formatting.offset_label(now, name)
    return ZoneOption(
        name, f"{formatting.city_name(name)} – {time} now ({offset})", _names()[name].country, name == selected
    )


def _rank(name: str, wanted: str, now: datetime) -> Rank | None:
    if not wanted or (wanted[-1].isdigit() and _is_offset(name, wanted, now)):
        return BEST
    ranks = [(met, which) for word, which in _names()[name].words if (met := _met(word, wanted)) is not None]
    return min(ranks, default=None)


def _is_offset(name: str, wanted: str, now: datetime) -> bool:
    offset = _plain(formatting.offset_label(now, name)).removeprefix("gmt")
    return wanted.removeprefix("gmt").removeprefix("utc").strip() == offset


def _met(word: str, wanted: str) -> int | None:
    if word.startswith(wanted):
        return BEGINS
    if f" {wanted}" in word:
        return WORD_BEGINS
    return CONTAINS if wanted in word else None


@lru_cache(maxsize=1)
def _names() -> Mapping[str, _Names]:
    rows = (line.split("\t") for line in NAMES.read_text(encoding="utf-8").splitlines())
    return {name: _Names(country, tuple(_words(name, country, words))) for name, country, *words in rows}


def _words(name: str, country: str, words: list[str]) -> Iterator[tuple[str, int]]:
    yield from ((_plain(word), PLACE) for word in words)
    yield _plain(country), COUNTRY
    yield from ((_plain(word), ZONE) for word in (name, *former_names(name)))


def _plain(text: str) -> str:
    """Without case, Latin accents, underscores and typographic minus, so that "sao paulo" finds "São Paulo"."""
    kept = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if ord(letter) not in ACCENTS)
    return " ".join(kept.replace("\N{MINUS SIGN}", "-").replace("_", " ").split())
