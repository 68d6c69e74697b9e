"""Reads: filters, order, rules of times, a fixed number of queries (PG-01, PG-02, F2, decisions 9, 15, 22)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.policies import Policy
from accounts.tenancy import tenant_scope
from calendars import services as calendars
from calendars.enums import ClaimKind
from marketplace import queries, search, services
from marketplace.enums import Listing, Place
from marketplace.models import Provider
from marketplace.overview import overview
from marketplace.queries import Wanted
from tests import factories
from tests.worlds import once

POLICY = Policy()


def found(**wanted) -> list[Provider]:
    return list(queries.find(Wanted(**wanted)))


def names(**wanted) -> list[str]:
    return [provider.name for provider in found(**wanted)]


@pytest.fixture
@once
def three(in_north):
    tax, pay = factories.topic("Tax"), factories.topic("Pay")
    ana = factories.provider("Ana Nowak", languages=["cs", "en"], topics=[tax])
    factories.service(ana, minutes=30, price=30)
    factories.service(ana, minutes=60, price=60, place=Place.IN_PERSON)
    ben = factories.provider("Ben Abara", languages=["en"], topics=[tax, pay], headline="Pay talks")
    factories.service(ben, minutes=15, price=15)
    factories.provider("Émile Zeer", languages=["fr"], headline="No service yet")
    services.update_provider(provider=ben, answers_within_hours=3)
    return {"tax": tax, "pay": pay, "ana": ana, "ben": ben}


def test_find_all_by_name_whatever_the_accents(three):
    factories.provider("Émile Aber")
    factories.provider("Zoe Lind")
    assert names() == ["Ana Nowak", "Ben Abara", "Émile Aber", "Émile Zeer", "Zoe Lind"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"lengths": (30,)}, ["Ana Nowak"]),
        ({"lengths": (15, 30)}, ["Ana Nowak", "Ben Abara"]),
        ({"lengths": (45,)}, []),
        ({"languages": ("cs",)}, ["Ana Nowak"]),
        ({"languages": ("cs", "fr")}, ["Ana Nowak", "Émile Zeer"]),
        ({"places": ("in_person",)}, ["Ana Nowak"]),
        ({"places": ("video",)}, ["Ana Nowak", "Ben Abara"]),
        ({"price_max": 20}, ["Ben Abara"]),
        ({"price_max": 14}, []),
        # One service must fit in every way: Ana's half hour is by video, her hour costs 60.
        ({"lengths": (30,), "places": ("in_person",)}, []),
        ({"places": ("in_person",), "price_max": 40}, []),
        ({"text": "tax"}, ["Ana Nowak", "Ben Abara"]),
        ({"text": "tax", "languages": ("cs",)}, ["Ana Nowak"]),
        ({"sort": "price"}, ["Ben Abara", "Ana Nowak", "Émile Zeer"]),
        ({"sort": "answers"}, ["Ben Abara", "Ana Nowak", "Émile Zeer"]),
        ({"sort": "name"}, ["Ana Nowak", "Ben Abara", "Émile Zeer"]),
    ],
)
def test_find_by_filter(three, wanted, expected):
    assert names(**wanted) == expected


def test_find_by_topic_leaves_out_paused_listings(three):
    """Suspension acts on topics, not on accounts (S1.22)."""
    assert names(topics=(three["tax"].pk,)) == ["Ana Nowak", "Ben Abara"]
    assert names(topics=(three["tax"].pk, three["pay"].pk)) == ["Ana Nowak", "Ben Abara"]
    services.set_listing(provider=three["ben"], topic=three["tax"], listing=Listing.SUSPENDED)
    assert names(topics=(three["tax"].pk,)) == ["Ana Nowak"]
    assert names(topics=(three["pay"].pk,)) == ["Ben Abara"]


def test_find_leaves_out_services_of_a_paused_topic(three):
    services.update_service(service=three["ben"].services.get(), topic=three["pay"])
    assert names(lengths=(15,)) == ["Ben Abara"]
    services.set_listing(provider=three["ben"], topic=three["pay"], listing=Listing.SUSPENDED)
    assert names(lengths=(15,)) == []
    assert queries.services_of(three["ben"]) == []


def test_unpublished_are_nowhere(three):
    services.update_provider(provider=three["ana"], is_published=False)
    assert names() == ["Ben Abara", "Émile Zeer"]
    assert names(text="nowak") == []
    with pytest.raises(Provider.DoesNotExist):
        queries.get_provider("ana-nowak")


def test_hits_show_topics_service_and_next_starts(three, now):
    """Monday 9:14 in Prague: the next starts on the half-hour ladder."""
    ana, ben, emile = queries.hits(list(queries.find(Wanted())), policy=POLICY, now=now)
    assert (ana.provider.name, ana.topics, ana.service.minutes) == ("Ana Nowak", ("Tax",), 30)
    assert ana.starts == tuple(datetime(2026, 11, 23, 8, 30, tzinfo=UTC) + n * timedelta(minutes=30) for n in range(3))
    assert (ben.topics, ben.service.minutes) == (("Pay", "Tax"), 15)
    assert (emile.service, emile.starts) == (None, ())


def test_hits_show_the_service_that_was_asked_for(three, now):
    [hit] = queries.hits(found(lengths=(60,)), policy=POLICY, now=now, wanted=Wanted(lengths=(60,)))
    assert hit.service.minutes == 60


def test_hits_leave_out_busy_and_asked_times(three, now):
    at = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    calendar = three["ana"].calendar
    for start, kind in ((at, ClaimKind.SESSION), (at + timedelta(minutes=30), ClaimKind.ASKED)):
        calendars.claim(calendars=[calendar], start=start, end=start + timedelta(minutes=30), kind=kind, reference="x")
    [hit] = queries.hits(found(text="nowak"), policy=POLICY, now=now)
    assert hit.starts[0] == at + timedelta(hours=1)


def test_hits_of_a_paused_provider_have_no_starts(three, now):
    services.update_provider(provider=three["ana"], paused_until=date(2026, 11, 30))
    [hit] = queries.hits(found(text="nowak"), policy=POLICY, now=now)
    assert (hit.service.minutes, hit.starts) == (30, ())
    assert queries.takes_requests_from(three["ana"], now) == datetime(2026, 11, 29, 23, tzinfo=UTC)
    services.update_provider(provider=three["ana"], paused_until=date(2026, 11, 23))
    assert queries.takes_requests_from(three["ana"], now) == now


def test_rules_take_the_longest_notice(in_north):
    service = factories.service(factories.provider(), notice_minutes=60, buffer_before=5, buffer_after=10)
    rules = queries.rules_of(service, Policy(bookable_days=30))
    assert (rules.minutes, rules.step, rules.before, rules.after) == (30, 30, 5, 10)
    assert (rules.notice_minutes, rules.horizon_days) == (60, 30)
    assert queries.rules_of(service, Policy(notice_minutes=120)).notice_minutes == 120
    # A request inside the answer lead could not be accepted any more (decision 9).
    assert queries.rules_of(service, Policy(answer_lead_hours=24)).notice_minutes == 1440


@pytest.mark.parametrize(
    ("of_service", "of_tenant", "hides"),
    [(None, True, True), (None, False, False), (False, True, False), (True, False, True)],
)
def test_hides_asked_is_the_services_word_before_the_tenants(in_north, of_service, of_tenant, hides):
    service = factories.service(factories.provider(), hides_asked_times=of_service)
    assert queries.hides_asked(service, Policy(hides_asked_times=of_tenant)) is hides


def test_free_soonest_is_in_order_of_time(three, now):
    later = factories.provider("Cy Late", zone="America/New_York")
    factories.service(later)
    paused = factories.provider("Dee Away")
    factories.service(paused)
    services.update_provider(provider=paused, paused_until=date(2026, 12, 1))
    soonest = queries.free_soonest(policy=POLICY, now=now, among=overview(now=now).part)
    assert [hit.provider.name for hit in soonest] == ["Ana Nowak", "Ben Abara", "Cy Late"]


def test_free_soonest_leaves_out_who_has_gone_since_the_part_was_chosen(three, now):
    part = overview(now=now).part
    services.update_provider(provider=three["ana"], is_published=False)
    assert [hit.provider.name for hit in queries.free_soonest(policy=POLICY, now=now, among=part)] == ["Ben Abara"]


def test_free_soonest_looks_at_another_part_every_hour(in_north, now, django_assert_num_queries):
    for number in range(30):
        factories.service(factories.provider(f"Person {number:02}", hours=factories.OFFICE_HOURS))
    looked_at = set()
    for hour in range(30):
        later = now + timedelta(hours=hour)
        part = overview(now=later).part
        with django_assert_num_queries(2) as asked:
            soonest = queries.free_soonest(policy=POLICY, now=later, among=part, count=24)
        assert len(soonest) == 24
        # To skip a thousand providers on the way costs more than to show two dozen.
        assert not [row["sql"] for row in asked if "OFFSET" in row["sql"]]
        looked_at |= {hit.provider.name for hit in soonest}
    assert len(looked_at) == 30


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_a_fixed_number_of_queries(in_north, now, django_assert_num_queries, count):
    tax = factories.topic("Tax")
    for number in range(count):
        factories.service(factories.provider(f"Person {number}", topics=[tax]))
    search.matching(Provider.objects.all(), "person")  # the stems of a word are asked for once in a process
    with django_assert_num_queries(4):
        providers = queries.in_full(found(text="person", lengths=(30,), languages=("en",), price_max=30))
        hits = queries.hits(providers, policy=POLICY, now=now)
        assert queries.find(Wanted(text="person")).count() == count
    assert [len(hit.starts) for hit in hits] == [3] * count


def test_nothing_crosses_tenants(north, south, now):
    with tenant_scope(south):
        other = factories.topic("Law")
        factories.service(factories.provider("Sue South", topics=[other], languages=["de"]), minutes=45, price=99)
    with tenant_scope(north):
        assert names() == names(topics=(other.pk,)) == []
        with pytest.raises(Provider.DoesNotExist):
            queries.get_provider("sue-south")
