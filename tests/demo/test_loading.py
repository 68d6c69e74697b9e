"""When the demo is made, completed, brought up to date, and when it keeps its hands off."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, Tenant, User
from accounts.tenancy import tenant_scope
from bookings.models import Booking, Proposal
from config.demo import loading, people, story
from config.demo.samples import samples
from credits.queries import last_verification
from notifications.models import OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW
CONSULT = samples()[0]


@pytest.fixture
def one_sample(monkeypatch):
    """The first sample alone and without its past, for speed."""
    sample = replace(CONSULT, providers=tuple(replace(provider, asks=()) for provider in CONSULT.providers))
    monkeypatch.setattr(loading, "samples", lambda: (sample,))
    return sample


def run(*words):
    out = StringIO()
    call_command("demo", "--processes=1", *words, stdout=out)
    return out.getvalue().strip()


def test_an_installation_of_ones_own_is_left_alone(north):
    assert run() == "This database has marketplaces of its own: nothing was changed."
    assert not loading.is_needed()
    assert (Tenant.objects.count(), User.objects.count()) == (1, 0)


@pytest.mark.parametrize("tenant", ["own", "none"])
def test_time_is_only_reset_in_a_demo(tenant, db, request):
    if tenant == "own":
        request.getfixturevalue("north")

    with pytest.raises(CommandError, match="There is no demo here"):
        run("--reset-time")


def test_the_command_says_what_it_made(one_sample):
    said = run()

    assert said.startswith(f"1 sample marketplaces, 35 people, {len(one_sample.scenes)} requests, ")
    with tenant_scope(Tenant.objects.get(slug=one_sample.slug)):
        assert last_verification().findings == []
    assert run() == "The demo is here already: nothing was changed."


def test_a_load_that_was_cut_short_is_completed(one_sample):
    assert loading.is_needed()
    tenant = people.found(one_sample)
    assert loading.is_needed()

    told = loading.load(now=NOW)

    assert told.marketplaces == 1
    with tenant_scope(tenant):
        assert Membership.objects.count() == told.people


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 12, 26, 23, 30, tzinfo=UTC),
        datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
    ],
    ids=["a Saturday night between the years", "the hour that Europe skips"],
)
def test_it_works_at_any_time(moment, one_sample):
    told = loading.load(now=moment)

    with tenant_scope(Tenant.objects.get()):
        assert Booking.objects.count() == told.requests == len(one_sample.scenes)
        assert Booking.objects.filter(status="pending").count() >= 4


def test_an_old_demo_gets_new_things_to_try(one_sample):
    loading.load(now=NOW)
    later = NOW + timedelta(days=40)

    told = loading.reset_time(now=later)

    fresh = list(story.to_try(one_sample))
    assert told.requests == len(fresh) == 13
    with tenant_scope(Tenant.objects.get()):
        assert not Proposal.objects.filter(state="open", answer_by__lt=later)
        waiting = Booking.objects.filter(created_at__gt=NOW + timedelta(days=30))
        assert Counter(waiting.values_list("status", flat=True)) == {
            "pending": 6, "confirmed": 4, "confirming": 1, "declined": 1, "cancelled": 1,
        }  # fmt: skip
        assert not OutboxMessage.objects.exclude(state="done").filter(due_at__lte=later)


def test_people_who_left_are_not_missed_when_time_is_reset(one_sample):
    loading.load(now=NOW)
    tenant = Tenant.objects.get()
    with tenant_scope(tenant):
        Membership.objects.filter(name="Hana Vesela").update(suspended_at=NOW)

    told = loading.reset_time(now=NOW + timedelta(days=40))

    assert told.requests == sum(scene.client != "Hana Vesela" for scene in story.to_try(one_sample))
