"""Writes of the marketplace: addresses, listings, what a service may be."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.services import rename
from accounts.tenancy import tenant_scope
from marketplace import queries, services
from marketplace.enums import Listing
from marketplace.models import Provider, ProviderTopic, Service
from tests import factories


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Ana Nowak", "ana-nowak"), ("Łukasz Ørsted", "lukasz-orsted"), ("山田", "provider"), ("O’Brien", "o-brien")],
)
def test_slug_is_made_from_the_name(in_north, name, slug):
    assert factories.provider(name).slug == slug


def test_slug_is_numbered_when_taken(in_north):
    slugs = [factories.provider("Ana Nowak").slug for _ in range(3)]
    assert slugs == ["ana-nowak", "ana-nowak-2", "ana-nowak-3"]


def test_slug_is_once_in_a_tenant_only(north, south):
    for tenant in (north, south):
        with tenant_scope(tenant):
            assert factories.provider("Ana Nowak").slug == "ana-nowak"


def test_member_is_a_provider_once(in_north):
    ana = factories.provider()
    with pytest.raises(IntegrityError), transaction.atomic():
        services.publish_provider(member=ana.member, calendar=ana.calendar, headline="Again")
    assert Provider.objects.count() == 1


def test_publish_refuses_a_headline_that_does_not_fit(in_north):
    with pytest.raises(ValidationError) as refused:
        factories.provider(headline="x" * 141)
    assert list(refused.value.error_dict) == ["headline"]


def test_update_provider_changes_nothing_when_refused(in_north):
    ana = factories.provider()
    with pytest.raises(ValidationError):
        services.update_provider(provider=ana, city="x" * 81, headline="New")
    ana.refresh_from_db()
    assert (ana.city, ana.headline) == ("Prague", "Tax planning for founders")


def test_update_provider_keeps_a_paused_listing(in_north):
    """Taking a topic off and on again does not lift its pause (S1.22)."""
    tax, pay = factories.topic("Tax"), factories.topic("Pay")
    ana = factories.provider(topics=[tax, pay])
    services.set_listing(provider=ana, topic=tax, listing=Listing.SUSPENDED)
    services.update_provider(provider=ana, topics=[])
    services.update_provider(provider=ana, topics=[tax, pay])
    assert dict(ProviderTopic.objects.values_list("topic__name", "listing")) == {"Tax": "suspended", "Pay": "listed"}
    assert Provider.objects.get(pk=ana.pk).on_card["topics"] == ["Pay"]


def test_topic_slug_is_made_from_the_name(in_north):
    assert factories.topic("Impôts & argent").slug == "impots-argent"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"minutes": 0}, "minutes", "Enter 5 minutes or more."),
        ({"minutes": 485}, "minutes", "Enter 480 minutes or less."),
        ({"minutes": 32}, "minutes", "Enter a multiple of 5 minutes."),
        ({"minutes": 30, "step_minutes": 7}, "step_minutes", "Enter a multiple of 5 minutes."),
        ({"minutes": 30, "buffer_before": 125}, "buffer_before", "Enter 120 minutes or less."),
        ({"minutes": 30, "buffer_after": 3}, "buffer_after", "Enter a multiple of 5 minutes."),
    ],
)
def test_service_refuses_lengths_that_no_slot_has(in_north, changes, field, sentence):
    ana = factories.provider()
    with pytest.raises(ValidationError) as refused:
        factories.service(ana, **changes)
    assert refused.value.message_dict == {field: [sentence]}
    assert Service.objects.count() == 0


def test_database_refuses_lengths_off_the_grid(in_north):
    service = factories.service(factories.provider())
    for field in ("minutes", "step_minutes", "buffer_before", "buffer_after"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Service.objects.filter(pk=service.pk).update(**{field: 33})


def test_price_from_follows_what_is_offered(in_north):
    tax = factories.topic("Tax")
    ana = factories.provider()
    assert ana.price_from is None

    def price_from() -> int | None:
        ana.refresh_from_db()
        return ana.price_from

    cheap = factories.service(ana, price=15)
    factories.service(ana, price=30, topic=tax)
    assert price_from() == 15
    services.update_service(service=cheap, is_active=False)
    assert price_from() == 30
    services.set_listing(provider=ana, topic=tax, listing=Listing.SUSPENDED)
    assert price_from() is None


def test_renamed_member_is_found_by_the_new_name(in_north):
    ana = factories.provider("Ana Nowak")
    rename(member=ana.member, name="Anna Novotná")
    assert services.follow_names(tenant=in_north) == 1
    assert services.follow_names(tenant=in_north) == 0
    assert [found.name for found in queries.find(queries.Wanted(text="novotna"))] == ["Anna Novotná"]
