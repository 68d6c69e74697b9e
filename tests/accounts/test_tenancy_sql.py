"""What Django really sends: each statement on a tenant's table names the tenant (reliability.md 6.6, architecture.md 6).

Row-level security would hide a mistake, and on a database spread by tenant a statement without it asks every machine.
"""

from datetime import timedelta

import pytest
from django.db.models import Count, F, Subquery

from accounts import queries as accounts
from bookings import queries as bookings
from bookings import services
from bookings.enums import Action, Actor
from bookings.models import Booking, Proposal, ProposalTime
from bookings.ordering import ORDERS
from calendars import queries as time_queries
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.models import Calendar, Claim, WeeklyHours
from marketplace import queries as marketplace
from marketplace.models import Provider, ProviderTopic, Service, Topic
from marketplace.overview import overview
from marketplace.queries import Wanted
from notifications import outbox
from notifications import queries as mails
from notifications.models import OutboxMessage
from tests import factories
from tests.statements import recorded, session_settings, unbounded

CHOSEN = factories.NOW + timedelta(days=2)


@pytest.fixture(autouse=True)
def statements(db):
    """Everything sent in the test; fails when a tenant's table is read or changed without naming the tenant."""
    with recorded() as sent:
        yield sent
    assert unbounded(sent) == []
    assert session_settings(sent) == []


@pytest.fixture
def ana(in_north):
    tax = factories.topic("Tax")
    provider = factories.provider("Ana Nowak", topics=[tax])
    factories.service(provider, topic=tax)
    factories.provider("Ben Roth", headline="Pensions")
    return provider


# --- the fixture can fail -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "marketplace_topic"."id" FROM "marketplace_topic"',
        'SELECT 1 FROM "marketplace_topic" WHERE "marketplace_topic"."id" = %s',
        'UPDATE "marketplace_topic" SET "name" = %s WHERE "marketplace_topic"."id" = %s',
        'UPDATE "marketplace_topic" SET "tenant_name" = 1',
        'DELETE FROM "marketplace_topic" WHERE "marketplace_topic"."id" IN (%s)',
        "SELECT name FROM marketplace_topic WHERE id = 1",
        (
            'SELECT 1 FROM "marketplace_service" INNER JOIN "marketplace_provider" ON ("marketplace_service"."provider_id" ='
            ' "marketplace_provider"."id") WHERE "marketplace_service"."tenant_id" = %s'
        ),
        (
            'SELECT 1 FROM "marketplace_service" WHERE "marketplace_service"."tenant_id" = %s AND NOT EXISTS(SELECT 1 FROM'
            ' "marketplace_provider" U1 WHERE U1."id" = ("marketplace_service"."provider_id"))'
        ),
        "SELECT 1 FROM marketplace_service s JOIN marketplace_provider p ON p.id = s.provider_id WHERE tenant_id = 1",
        "INSERT INTO marketplace_topic SELECT * FROM marketplace_service",
    ],
)
def test_a_statement_without_the_tenant_is_noticed(sql):
    assert unbounded([sql]) == [sql]


@pytest.mark.parametrize(
    "sql", ["SET app.tenant_id = '1'", "SELECT set_config('app.tenant_id', '1', false)", "RESET ALL"]
)
def test_a_setting_that_outlives_its_transaction_is_noticed(sql):
    assert session_settings([sql, "SET LOCAL app.tenant_id = '1'", "SET CONSTRAINTS ALL IMMEDIATE"]) == [sql]


# --- Django's mechanics ----------------------------------------------------------------------------------


def test_select_related_compares_the_tenant_in_on(ana):
    found = Service.objects.select_related("provider__calendar__member")
    assert found.get().provider.calendar.member.name == "Ana Nowak"
    joins = str(found.query).split(" WHERE ")[0]
    assert joins.count('"tenant_id" = ') == 3
    assert (
        'ON ("marketplace_service"."provider_id" = "marketplace_provider"."id"'
        ' AND ("marketplace_provider"."tenant_id" = ("marketplace_service"."tenant_id")))'
    ) in joins


def test_reverse_join_compares_the_tenant_in_on(ana):
    found = Provider.objects.filter(services__name="Tax planning", services__minutes=30)
    assert found.get() == ana
    assert '"marketplace_provider"."tenant_id" = ("marketplace_service"."tenant_id")' in str(found.query)


def test_exclude_over_many_rows_names_the_tenant_inside(ana):
    found = Provider.objects.exclude(services__name="Tax planning")
    assert [provider.name for provider in found] == ["Ben Roth"]
    assert f'U1."tenant_id" = {ana.tenant_id}' in str(found.query).split("EXISTS")[1]
    assert [p.name for p in Provider.objects.exclude(services__topic__listings__provider=ana)] == ["Ben Roth"]


def test_keys_forward_and_backward(ana):
    assert Service.objects.get().provider.member.user.name == "Ana Nowak"
    assert ana.services.get().provider_id == ana.pk
    assert ana.services.create(name="New", minutes=15).tenant_id == ana.tenant_id


def test_prefetch(ana):
    assert [row.provider.name for row in Service.objects.prefetch_related("provider__member")] == ["Ana Nowak"]
    rows = Provider.objects.order_by("name").prefetch_related("services", "topics", "listings__topic")
    assert [(len(row.services.all()), len(row.topics.all())) for row in rows] == [(1, 1), (0, 0)]


def test_many_to_many(ana):
    rest = factories.topic("Rest")
    ana.topics.add(rest)
    assert Provider.objects.get(topics__name="Rest") == ana
    assert Topic.objects.exclude(providers__name="Ana Nowak").count() == 0
    ana.topics.remove(rest)
    assert [topic.name for topic in ana.topics.all()] == ["Tax"]
    ana.topics.set([rest])
    ana.topics.clear()
    assert not ProviderTopic.objects.exists()


def test_aggregates_group_by_the_whole_primary_key(ana):
    counted = Provider.objects.annotate(n=Count("services"))
    assert dict(counted.values_list("name", "n")) == {"Ana Nowak": 1, "Ben Roth": 0}
    assert counted.get(n=1).headline == ana.headline


def test_subqueries_in_read_update_and_delete(ana):
    offering = Provider.objects.filter(services__minutes=30)
    assert Service.objects.filter(provider__in=offering).update(price=5) == 1
    assert Service.objects.filter(provider__name="Ana Nowak").update(price=F("minutes")) == 1
    assert Provider.objects.get(pk__in=Subquery(Service.objects.values("provider"))) == ana
    assert WeeklyHours.objects.filter(calendar__member__name="Ben Roth").delete()[0] == 5


def test_an_instance_is_saved_and_read_again_by_tenant_and_id(ana, statements):
    ana.city = "Brno"
    ana.save(update_fields=["city"])
    ana.refresh_from_db()
    where = next(sql for sql in statements if '"city" = %s' in sql).split(" WHERE ")[1]
    assert '"tenant_id" = %s' in where
    assert '"id" = %s' in where


def test_delete_cascades_by_tenant(ana, statements):
    """The Collector writes its statements without a manager."""
    calendar = calendars.open_calendar(member=factories.member(), time_zone="UTC")
    calendars.claim(
        calendars=[calendar], start=CHOSEN, end=CHOSEN + timedelta(hours=1), kind=ClaimKind.BLOCKED, reference="x:1"
    )
    already_sent = len(statements)
    assert calendar.delete()[1].items() >= {"calendars.Claim": 1, "calendars.Calendar": 1}.items()
    deletes = [sql for sql in statements[already_sent:] if sql.startswith("DELETE")]
    assert len(deletes) == 6
    assert all('"tenant_id" = %s' in sql for sql in deletes)


def test_bulk_and_upsert(in_north):
    topics = Topic.objects.bulk_create([Topic(slug=str(n), name=str(n)) for n in range(3)])
    assert {topic.tenant_id for topic in Topic.objects.all()} == {in_north.pk}
    for topic in topics:
        topic.name += "x"
    assert Topic.objects.bulk_update(topics, ["name"]) == 3
    Topic.objects.bulk_create(topics, update_conflicts=True, unique_fields=["tenant", "id"], update_fields=["name"])
    Topic.objects.bulk_create([Topic(slug="1", name="1")], ignore_conflicts=True)
    assert set(Topic.objects.in_bulk()) == {topic.pk for topic in topics}


# --- what the product sends ------------------------------------------------------------------------------


@pytest.fixture
def ask(ana):
    kim = factories.member("Kim Okafor")

    def ask(hour, client=kim):
        """At this hour of Wednesday, Prague."""
        start = factories.NOW.replace(day=25, hour=hour - 1, minute=0)
        return services.request_session(client=client, service=ana.services.get(), starts=[start], now=factories.NOW)

    return ask


def act(booking, action, actor, **details):
    by = {Actor.CLIENT: booking.client, Actor.PROVIDER: booking.provider.member}.get(actor)
    return services.perform(booking=booking, action=action, actor=actor, by=by, now=factories.NOW, **details)


def test_the_life_of_bookings(ask, statements):
    """Request, accept, set up, decline, withdraw, expire."""
    first = ask(9)
    time = ProposalTime.objects.get(proposal__booking=first).starts_at
    act(first, Action.ACCEPT, Actor.PROVIDER, start=time)
    services.set_up(booking_id=first.pk, now=factories.NOW)
    act(ask(10), Action.DECLINE, Actor.PROVIDER, reason_code="capacity")
    act(ask(11), Action.WITHDRAW, Actor.CLIENT)
    ask(12)
    assert services.expire_overdue(tenant=first.tenant, now=factories.NOW + timedelta(days=9)) == 1
    assert sorted(Booking.objects.values_list("status", flat=True)) == ["cancelled", "confirmed", "declined", "expired"]
    assert not Proposal.objects.filter(state="open").exists()
    assert len(statements) > 100


def test_the_reads_of_bookings(ask, ana):
    """Today, the lists, one booking with its timeline, what was sent about it."""
    booking = ask(9)
    day = bookings.today_of(ana, factories.NOW)
    assert [row.code for row in day.to_answer] == [booking.code]
    for member, state in ((booking.client, "requested"), (ana.member, "needs_you")):
        for wanted in bookings.SCOPES:
            for order in ("", *ORDERS):
                list(bookings.in_scope(member, wanted, factories.NOW, order))
        assert bookings.get_booking_for(member, booking.code) == booking
        assert bookings.counts(member, factories.NOW, "o").by_state == {state: 1}
    assert bookings.needs_answer_count(ana.member, factories.NOW) == 1
    found = bookings.get_booking_for(ana.member, booking.code)
    assert len(bookings.timeline(found)) == len(bookings.proposals_of(found)) == 1
    assert len(mails.mails_about(booking.reference)) == 2


def test_the_reads_of_the_marketplace(ana):
    """The directory with words, filters and the nearest free times; a profile with its times."""
    policy = accounts.current_policy().policy
    topic = Topic.objects.get()
    for wanted in (
        Wanted(text="tax"),
        Wanted(text="nowak", sort="price"),
        Wanted(topics=(topic.pk,), lengths=(30,), languages=("en",), places=("video",), price_max=100, sort="answers"),
    ):
        [hit] = marketplace.hits(marketplace.find(wanted)[:20], policy=policy, now=factories.NOW, wanted=wanted)
        assert (hit.provider.name, len(hit.starts)) == ("Ana Nowak", 3)
    assert [row.name for row in marketplace.find_alike(Wanted(text="nowack"))] == ["Ana Nowak"]
    assert overview(now=factories.NOW, fresh=True).published == 2
    assert len(marketplace.free_soonest(policy=policy, now=factories.NOW, among=overview(now=factories.NOW).part)) == 1
    assert [(row.topic, row.count) for row in overview(now=factories.NOW).topics] == [(topic, 1)]
    assert overview(now=factories.NOW).lengths == (30,)
    provider = marketplace.get_provider("ana-nowak")
    [service] = marketplace.services_of(provider)
    assert provider.on_card["topics"] == [topic.name]
    rules = marketplace.rules_of(service, policy)
    week = {"since": factories.NOW, "until": factories.NOW + timedelta(days=7), "now": factories.NOW}
    assert time_queries.bookable(provider.calendar, rules, hide_asked=True, **week)


def test_the_writes_of_time(ana):
    """Hours, overrides, blocked time, the nightly extension."""
    calendar = ana.calendar
    calendars.set_override(calendar=calendar, date=CHOSEN.date(), ranges=[(600, 720)], now=factories.NOW)
    calendars.set_time_zone(calendar=calendar, time_zone="Asia/Tokyo", now=factories.NOW)
    calendars.claim(
        calendars=[calendar], start=CHOSEN, end=CHOSEN + timedelta(hours=1), kind=ClaimKind.BLOCKED, reference="x:1"
    )
    assert len(time_queries.claims_in(calendar, since=CHOSEN, until=CHOSEN + timedelta(days=1))) == 1
    calendars.release(reference="x:1")
    assert not Claim.objects.exists()
    assert (
        calendars.extend_free_time(tenant=calendar.tenant, now=factories.NOW + timedelta(days=3))
        == Calendar.objects.count()
        == 2
    )


def test_work_that_leaves_later(in_north):
    outbox.enqueue(topic="test", dedupe_key="1", payload={}, due_at=factories.NOW)
    outbox.enqueue(topic="test", dedupe_key="1", payload={}, due_at=factories.NOW)
    assert OutboxMessage.objects.count() == 1


def test_who_somebody_is(in_north):
    member = factories.member("Kim Okafor")
    assert accounts.membership_of(member.user) == member
    assert accounts.current_policy().number == 1
    assert accounts.tenants_of(member.user) == [in_north]
