"""Writes accounts/data/zone_names.tsv from CLDR: what people call each time zone's city and country, in many scripts.

Kept as a file because the same names asked of Babel would hold a dozen languages in every web process.
"""

from typing import Any

from babel import Locale, localedata
from babel.dates import get_timezone_location
from babel.languages import get_official_languages
from django.core.management.base import BaseCommand

from accounts.zone_list import NAMES
from accounts.zones import countries_by_zone, former_names

# One widely read language for each script, beside the official ones of the country.
EVERYWHERE = ("ar", "de", "el", "es", "fr", "he", "hi", "ja", "ko", "ru", "th", "zh")
# Large cities that CLDR does not know, since another city gives the zone its name.
ALSO = {
    "America/Chicago": ["Houston", "Dallas", "Austin", "Minneapolis"],
    "America/Los_Angeles": ["San Francisco", "Seattle", "San Diego", "Las Vegas", "Portland"],
    "America/New_York": ["Boston", "Washington", "Miami", "Atlanta", "Philadelphia"],
    "America/Denver": ["Salt Lake City"],
    "America/Toronto": ["Montreal", "Ottawa"],
    "America/Edmonton": ["Calgary"],
    "America/Sao_Paulo": ["Rio de Janeiro", "Brasília", "Belo Horizonte"],
    "America/Guayaquil": ["Quito"],
    "Asia/Shanghai": ["Beijing", "Shenzhen", "Guangzhou", "Chengdu"],
    "Asia/Kolkata": ["Mumbai", "Delhi", "Bangalore", "Bengaluru", "Chennai", "Hyderabad", "Pune", "Calcutta"],
    "Asia/Karachi": ["Islamabad", "Lahore"],
    "Asia/Ho_Chi_Minh": ["Hanoi", "Saigon"],
    "Asia/Dubai": ["Abu Dhabi"],
    "Asia/Riyadh": ["Jeddah", "Mecca"],
    "Asia/Tokyo": ["Osaka", "Kyoto"],
    "Asia/Jerusalem": ["Tel Aviv"],
    "Asia/Almaty": ["Astana"],
    "Europe/Berlin": ["Munich", "Hamburg", "Cologne", "Frankfurt"],
    "Europe/Istanbul": ["Ankara"],
    "Europe/Kyiv": ["Kiev", "Lviv", "Odesa"],
    "Europe/London": ["Edinburgh", "Manchester", "Cardiff", "Belfast", "Birmingham"],
    "Europe/Madrid": ["Barcelona", "Valencia"],
    "Europe/Moscow": ["Saint Petersburg"],
    "Europe/Paris": ["Lyon", "Marseille"],
    "Europe/Rome": ["Milan", "Naples", "Turin"],
    "Europe/Zurich": ["Geneva", "Bern", "Basel"],
    "Europe/Warsaw": ["Kraków", "Gdańsk"],
    "Europe/Prague": ["Brno"],
    "Africa/Lagos": ["Abuja"],
    "Africa/Johannesburg": ["Cape Town", "Durban", "Pretoria"],
    "Africa/Casablanca": ["Rabat", "Marrakesh"],
    "Australia/Sydney": ["Canberra"],
    "Pacific/Auckland": ["Wellington", "Christchurch"],
    "UTC": ["GMT", "Greenwich"],
}


class Command(BaseCommand):
    """One line for each zone: its name, the English name of its country, then everything it is called."""

    help = "Rewrite accounts/data/zone_names.tsv from the installed CLDR data."

    def handle(self, *args: Any, **options: Any) -> None:
        lines = [_line(zone, country) for zone, country in sorted(countries_by_zone().items())]
        NAMES.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        self.stdout.write(f"Wrote {len(lines)} zones.")


def _line(zone: str, country: str) -> str:
    languages = ["en", *EVERYWHERE, *(get_official_languages(country) if country else ())]
    locales = [Locale.parse(language) for language in dict.fromkeys(languages) if localedata.exists(language)]
    cities = [city for locale in locales for city in _cities(zone, locale)]
    countries = [locale.territories.get(country, "") for locale in locales]
    english = countries[0]
    names = dict.fromkeys([*cities, *ALSO.get(zone, []), *countries[1:]])
    return "\t".join([zone, english, *(name for name in names if name and name != english)])


def _cities(zone: str, locale: Locale) -> list[str]:
    """CLDR keeps a zone under the name it first had, Babel looks it up under the present one: ask both."""
    kept = [locale.time_zones.get(name, {}).get("city", "") for name in former_names(zone)]
    try:
        return [get_timezone_location(zone, locale=locale, return_city=True), *kept]
    except KeyError:  # a small language without a word for "unknown region"
        return kept
