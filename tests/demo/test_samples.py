"""The samples as data: whole, consistent, and nobody's real address (presets.md, ux.md 6)."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.icons import icon
from accounts.presets import PRESETS
from accounts.zones import canonical
from bookings.context import MOST_SUGGESTIONS
from bookings.enums import Action, Actor
from calendars.hours import OpenHours, check_ranges
from config.demo.samples import SLUGS, Person, samples, span, weekly_hours

SAMPLES = {sample.slug: sample for sample in samples()}
LENGTHS = {
    "consult": {15, 30, 60},
    "talks": {60, 90},
    "practice": {30, 50},
    "studio": {15, 30, 60},
    "mentors": {15, 30, 60},
}


def people_of(sample):
    return (*sample.clients, *sample.providers, *sample.staff)


def test_there_is_a_sample_for_each_preset():
    assert set(SAMPLES) == set(PRESETS) == set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_enough_people_in_enough_zones(slug):
    sample = SAMPLES[slug]

    assert len(sample.providers) >= 12
    assert len({person.zone for person in sample.providers}) >= 5
    assert len(sample.clients) >= 20
    assert len({person.zone for person in sample.clients}) >= 10
    assert {role for person in sample.staff for role in person.roles} == {Role.OWNER, Role.STAFF}
    assert {Role.CLIENT, Role.PROVIDER, Role.STAFF, Role.OWNER} <= {
        role for person in sample.personas for role in person.roles
    }


def test_one_name_is_one_person_with_one_address_and_one_zone():
    seen = {}
    for sample in samples():
        for person in people_of(sample):
            assert seen.setdefault(person.email, (person.name, person.zone)) == (person.name, person.zone)
            assert person.email.endswith("@demo.parley.example")
            assert canonical(person.zone) == person.zone


def test_the_people_of_the_checklist_live_where_it_says():
    zones = {person.name: person.zone for sample in samples() for person in people_of(sample)}

    assert {name: zones[name] for name in ("Kim Okafor", "Ana Nowak", "Lena Hartmann", "Rafael Souza")} == {
        "Kim Okafor": "America/Chicago", "Ana Nowak": "Europe/Prague", "Lena Hartmann": "Europe/Berlin",
        "Rafael Souza": "America/Sao_Paulo",
    }  # fmt: skip
    assert (zones["Priya Raman"], zones["Sam Doyle"]) == ("Asia/Kolkata", "Europe/Dublin")


def test_ana_is_in_several_marketplaces_and_both_client_and_provider_in_one():
    where = {
        sample.slug: {role for person in people_of(sample) if person.name == "Ana Nowak" for role in person.roles}
        for sample in samples()
    }

    assert where["mentors"] == {Role.CLIENT, Role.PROVIDER}
    assert where["consult"] == where["practice"] == {Role.CLIENT}


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_offered_fits_the_preset(slug):
    sample, policy = SAMPLES[slug], PRESETS[slug].policy
    services = [service for provider in sample.providers for service in provider.services]

    assert {service["minutes"] for service in services} == LENGTHS[slug]
    # Being told whether one can be helped costs nothing.
    costs = [service for service in services if service["name"] != "First conversation"]
    assert all(bool(service.get("price")) == (policy.price_unit == "credits") for service in costs)
    assert bool(sample.programme) == (policy.price_unit == "credits")
    assert all(1 <= len(provider.services) <= 3 for provider in sample.providers)
    assert len({provider.hours for provider in sample.providers}) >= 10
    assert any(provider.overrides for provider in sample.providers)
    assert not [line for provider in sample.providers for line in check_ranges(provider.hours)]


@pytest.mark.parametrize("slug", SLUGS)
def test_everything_named_in_a_sample_is_in_it(slug):
    sample, policy = SAMPLES[slug], PRESETS[slug].policy
    providers = {person.name: person for person in sample.providers}
    clients = {person.name for person in people_of(sample) if Role.CLIENT in person.roles}
    titles = [scene.title for scene in sample.scenes]

    assert icon(sample.tenant["icon"])
    for provider in sample.providers:
        assert set(provider.topics) <= set(sample.topics)
        assert {service["topic"] for service in provider.services if "topic" in service} <= set(sample.topics)
        assert provider.asks
    for scene in sample.scenes:
        assert scene.client in clients
        assert scene.service in {service["name"] for service in providers[scene.provider].services}
        assert len(scene.starts) <= (policy.max_times if scene.begins == "request" else MOST_SUGGESTIONS)
        assert scene.reason in {"", *(reason.code for reason in policy.decline_reasons)}
        for step in scene.then:
            assert step.do in Action.values
            assert step.by in (Actor.CLIENT, Actor.PROVIDER)
            assert len(step.starts) <= MOST_SUGGESTIONS
            assert step.reason in {"", *(reason.code for reason in policy.cancel_reasons)}
        assert (scene.same_as in titles) if scene.same_as else scene.starts
    assert Counter(titles).most_common(1)[0][1] == 1
    assert {scene.answer for scene in sample.scenes} == {"", "accept", "decline", "withdraw", "lapse"}


def test_topics_of_a_service_are_topics_of_its_provider():
    """Under a topic that the provider is not listed under, a service would never be offered."""
    for sample in samples():
        for provider in sample.providers:
            offered = {service["topic"] for service in provider.services if "topic" in service}
            assert offered <= set(provider.topics), provider.name


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Inês Duarte", "ines.duarte"),
        ("Hye-jin Seo", "hye-jin.seo"),
        ("Wei Ling Toh", "wei.toh"),
        ("Declan O'Rourke", "declan.rourke"),
    ],
)
def test_addresses_are_plain(name, address):
    assert Person(name, "Europe/Prague", (Role.CLIENT,)).email == f"{address}@demo.parley.example"


@pytest.mark.parametrize(
    ("text", "length"),
    [("70h15m", timedelta(hours=70, minutes=15)), ("-4d", timedelta(days=-4)), ("90m", timedelta(minutes=90))],
)
def test_lengths_of_time(text, length):
    assert span(text) == length


def test_hours_may_run_over_the_end_of_the_week():
    assert list(weekly_hours(["Sun-Mon 10:00-14:00", "Wed 9:00-12:00 13:00-24:00"])) == [
        OpenHours(6, 600, 840), OpenHours(0, 600, 840), OpenHours(2, 540, 720), OpenHours(2, 780, 1440),
    ]  # fmt: skip
