"""Whose zone a page is in (R-TZ-2), and the list people choose from (R-TZ-4)."""

from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from accounts import zones
from accounts.zone_list import zone_options
from accounts.zones import Source, ViewerZone

MOMENT = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)


def request(*, account: str | None = None, choice: str = "", device: str = "", tenant: str | None = "Europe/Prague"):
    """A request of a guest, or of a person with this zone on the account."""
    return SimpleNamespace(
        user=SimpleNamespace(is_authenticated=account is not None, time_zone=account or ""),
        tenant=SimpleNamespace(time_zone=tenant) if tenant is not None else None,
        COOKIES={name: value for name, value in (("tz_choice", choice), ("tz", device)) if value},
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"account": "America/Chicago", "choice": "Asia/Tokyo", "device": "Europe/Lisbon"},
            ("America/Chicago", "account"),
        ),
        ({"account": "", "choice": "Asia/Tokyo", "device": "Europe/Lisbon"}, ("Asia/Tokyo", "choice")),
        ({"choice": "Asia/Tokyo", "device": "Europe/Lisbon"}, ("Asia/Tokyo", "choice")),
        ({"account": "", "device": "Europe/Lisbon"}, ("Europe/Lisbon", "device")),
        ({"device": "Europe/Lisbon"}, ("Europe/Lisbon", "device")),
        ({}, ("Europe/Prague", "marketplace")),
        ({"tenant": None}, ("UTC", "marketplace")),
        ({"tenant": "Mars/Base"}, ("UTC", "marketplace")),
    ],
)
def test_zone_of_takes_the_first_that_is_known(given, expected):
    name, source = expected
    assert zones.zone_of(request(**given)) == ViewerZone(name, Source(source))


@pytest.mark.parametrize(
    "garbage",
    [
        "Mars/Base", "../../etc/passwd", "/etc/localtime", "Europe", "posix/Europe/Prague", "Etc/GMT+5", "\x00", "%00",
        "a" * 5000, "Europe/Prague\n", "undefined", "null", "<script>", "%E0%A4%A", "europe/prague", " ",
    ],
)  # fmt: skip
def test_garbage_in_cookies_falls_through(garbage):
    asked = request(choice=garbage, device=garbage)

    assert zones.zone_of(asked).source == Source.MARKETPLACE
    assert zones.viewer_zone(asked) == ZoneInfo("Europe/Prague")
    assert zones.device_zone(asked) == ""


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Asia%2FCalcutta", "Asia/Kolkata"), ("Europe/Kiev", "Europe/Kyiv"), ("US/Central", "America/Chicago"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"), ("GMT", "UTC"), ("Etc/UTC", "UTC"),
        ("Europe/Oslo", "Europe/Oslo"),
    ],
)  # fmt: skip
def test_device_zone_has_its_canonical_name(sent, kept):
    assert zones.device_zone(request(device=sent)) == kept


def test_every_canonical_zone_can_be_loaded():
    names = zones.countries_by_zone()

    assert len(names) > 400
    for name in names:
        assert ZoneInfo(name).key == name
        assert zones.canonical(name) == name


def labels(query: str, **fields) -> list[str]:
    return [option.label for option in zone_options(query, now=MOMENT, selected="America/Chicago", **fields)]


def test_the_full_list_begins_with_ones_own_zone_and_the_device():
    options = zone_options("", now=MOMENT, selected="America/Chicago", first=["Europe/Lisbon", ""])

    assert [option.label for option in options[:3]] == [
        "Chicago – 9:12am now (GMT−6)", "Lisbon – 3:12pm now (GMT)", "Abidjan – 3:12pm now (GMT)",
    ]  # fmt: skip
    assert [option.name for option in options if option.selected] == ["America/Chicago"]
    assert {option.name for option in options} == set(zones.countries_by_zone())


@pytest.mark.parametrize(
    "query",
    ["prague", "PRAG", "praha", "Прага", "プラハ", "czech", "Česko", "cesko", "europe/prague", "Brno", "  prague  "],
)
def test_prague_is_found_by_city_country_and_name_in_any_script(query):
    assert labels(query)[0] == "Prague – 4:12pm now (GMT+1)"


@pytest.mark.parametrize("query", ["GMT+5:30", "+5:30", "utc+5:30", "gmt +5:30"])
def test_an_offset_finds_all_zones_that_have_it_now(query):
    assert labels(query) == ["Colombo – 8:42pm now (GMT+5:30)", "Kolkata – 8:42pm now (GMT+5:30)"]


@pytest.mark.parametrize("query", ["GMT-6", "gmt−6", "-6"])
def test_a_typed_minus_and_a_real_one_are_the_same(query):
    assert "Chicago – 9:12am now (GMT−6)" in labels(query)
    assert "New York – 10:12am now (GMT−5)" not in labels(query)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sao paulo", "Sao Paulo"), ("san francisco", "Los Angeles"), ("bombay", None), ("mumbai", "Kolkata"),
        ("Asia/Calcutta", "Kolkata"), ("us/pacific", "Los Angeles"), ("zzzz", None), ("%", None),
    ],
)  # fmt: skip
def test_cities_without_a_zone_of_their_own_and_old_names(query, first):
    found = labels(query)

    assert (found[0].partition(" – ")[0] if found else None) == first


def test_the_clock_is_the_readers():
    assert labels("prague", hour_cycle=24) == ["Prague – 16:12 now (GMT+1)"]
