"""Each wall alone keeps two tenants apart (T1, T9, T10; reliability.md 6.6; decisions.md 27)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.db.models import Count, Max
from django_scopes import scope, scopes_disabled  # noqa: TID251 - here the first wall is taken away on purpose
from django_scopes.exceptions import ScopeError

from accounts.models import Membership, PolicyVersion, StaffAction, Tenant
from accounts.services import adopt_policy
from accounts.tenancy import TenantMixUp, tenant_scope
from bookings.models import Booking, BookingEvent
from calendars.models import Calendar
from marketplace.models import Provider, ProviderTopic, Service, Topic
from tests import factories

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def two_topics(north, south):
    """Both tenants use the same address for a topic (T9)."""
    made = []
    for tenant in (north, south):
        with tenant_scope(tenant):
            made.append(Topic.objects.create(slug="tax", name=f"Tax in {tenant.slug}"))
    return made


@pytest.fixture
def foreign(south):
    """A provider of the other tenant, with all that hangs on it."""
    with tenant_scope(south):
        provider = factories.provider("Sol Vega")
        factories.service(provider)
        return provider


# --- one wall at a time ------------------------------------------------------------------------------


def test_row_level_security_alone_shows_and_changes_own_rows_only(two_topics, north):
    mine, theirs = two_topics
    with tenant_scope(north), scopes_disabled():
        assert list(Topic.objects.all()) == [mine]
        assert not Topic.objects.filter(pk=theirs.pk).exists()
        assert Topic.objects.filter(pk=theirs.pk).update(name="X") == 0
        assert Topic.objects.filter(pk=theirs.pk).delete()[0] == 0
        with pytest.raises(Topic.DoesNotExist):
            theirs.refresh_from_db()


def test_row_level_security_shows_nothing_without_a_tenant(two_topics):
    with scopes_disabled():
        assert Topic.objects.count() == 0
        assert Topic.objects.update(name="X") == 0


def test_scope_without_the_setting_shows_nothing(two_topics, north):
    """Somebody used django-scopes' own scope() and forgot tenant_scope()."""
    with scope(tenant=north):
        assert not Topic.objects.exists()


def test_scopes_alone_show_and_change_own_rows_only(two_topics, north, no_rls):
    mine, theirs = two_topics
    with tenant_scope(north):
        assert list(Topic.objects.all()) == [mine]
        assert not Topic.objects.filter(pk=theirs.pk).exists()
        assert Topic.objects.filter(pk=theirs.pk).update(name="X") == 0
        with pytest.raises(Topic.DoesNotExist):
            theirs.refresh_from_db()
        with pytest.raises(TenantMixUp):
            theirs.save()
        assert theirs.delete()[0] == 0
    with scopes_disabled():
        assert Topic.objects.filter(slug="tax").count() == 2, "the fixture did not take the other wall away"


def test_scopes_alone_keep_joins_inside(foreign, north, no_rls):
    """A look-up through keys starts at a row of this tenant and stays there."""
    with tenant_scope(north):
        factories.service(factories.provider("Ana Nowak"))
        assert [row.name for row in Provider.objects.filter(services__isnull=False)] == ["Ana Nowak"]
        assert not Provider.objects.filter(services__provider=foreign.pk).exists()
        assert not Service.objects.filter(provider__slug=foreign.slug).exists()
        assert not Membership.objects.filter(providers__isnull=False, providers__slug=foreign.slug).exists()
        assert not foreign.services.exists()


# --- no scope ------------------------------------------------------------------------------------------

QUERIES = {
    "exists": lambda: Topic.objects.exists(),
    "count": lambda: Topic.objects.count(),
    "list": lambda: list(Topic.objects.filter(slug="tax")),
    "iterator": lambda: list(Topic.objects.iterator(chunk_size=10)),
    "values": lambda: list(Topic.objects.values_list("name")),
    "get": lambda: Topic.objects.get(pk=NOBODY),
    "first": lambda: Topic.objects.first(),
    "in_bulk": lambda: Topic.objects.in_bulk(),
    "in_bulk of ids": lambda: Topic.objects.in_bulk([NOBODY]),
    "aggregate": lambda: Topic.objects.aggregate(Max("position")),
    "annotate": lambda: list(Provider.objects.annotate(n=Count("services"))),
    "union": lambda: list(Topic.objects.all().union(Topic.objects.all())),
    "select_for_update": lambda: list(Topic.objects.select_for_update()),
    "prefetch": lambda: list(Provider.objects.prefetch_related("topics")),
    "select_related": lambda: list(Service.objects.select_related("provider__member")),
    "exclude over many": lambda: list(Provider.objects.exclude(services__name="X")),
    "subquery of a global model": lambda: list(Tenant.objects.filter(pk__in=Membership.objects.values("tenant"))),
    "update": lambda: Topic.objects.update(name="X"),
    "bulk_update": lambda: Topic.objects.bulk_update([Topic(pk=NOBODY, name="X")], ["name"]),
    "delete": lambda: Topic.objects.all().delete(),
    "raw delete": lambda: Topic.objects.filter(pk=NOBODY)._raw_delete("default"),
    "create": lambda: Topic.objects.create(slug="x", name="X"),
    "get_or_create": lambda: Topic.objects.get_or_create(slug="x"),
    "update_or_create": lambda: Topic.objects.update_or_create(slug="x", defaults={"name": "X"}),
    "save": lambda: Topic(slug="x", name="X").save(),
    "instance delete": lambda: Topic(pk=NOBODY).delete(),
    "refresh": lambda: Topic(pk=NOBODY).refresh_from_db(),
    "reverse key": lambda: list(Provider(pk=NOBODY).services.all()),
    "many to many": lambda: list(Provider(pk=NOBODY).topics.all()),
    "forward key": lambda: Service(provider_id=NOBODY).provider,
    "base manager": lambda: Topic._base_manager.get(pk=NOBODY),
    "default manager": lambda: Topic._default_manager.get(pk=NOBODY),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_no_scope_is_an_error(db, query):
    with transaction.atomic(), pytest.raises(ScopeError):
        query()


def test_rows_made_in_bulk_without_a_scope_are_refused_by_the_database(db):
    """bulk_create() asks no manager: row-level security answers for it."""
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Topic.objects.bulk_create([Topic(slug="x", name="X")])


def test_a_queryset_made_outside_serves_each_scope(two_topics, north, south):
    """Form fields and the admin make theirs at import."""
    everything = Topic.objects.order_by("slug")
    for tenant, topic in zip((north, south), two_topics, strict=True):
        with tenant_scope(tenant):
            assert list(everything.all()) == [topic]


# --- one transaction, one tenant -------------------------------------------------------------------------


def test_another_tenant_inside_a_scope_is_refused(north, south):
    with tenant_scope(north):
        with tenant_scope(north):
            Topic.objects.create(slug="tax", name="Tax")
        refused = f"Tenant {south.pk} was entered inside tenant {north.pk}"
        with pytest.raises(TenantMixUp, match=refused), tenant_scope(south):
            pass
        assert Topic.objects.count() == 1


def test_a_scope_inside_a_scope_is_a_savepoint(north):
    with tenant_scope(north):
        Topic.objects.create(slug="kept", name="Kept")
        with pytest.raises(IntegrityError), tenant_scope(north):
            Topic.objects.bulk_create([Topic(slug="lost", name="Lost"), Topic(slug="kept", name="Twice")])
        assert [topic.slug for topic in Topic.objects.all()] == ["kept"]


def test_a_scope_does_not_begin_inside_another_transaction(north):
    """Otherwise one transaction could touch two tenants."""
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), tenant_scope(north):
        pass


def test_an_object_of_another_tenant_is_not_saved_here(north, foreign):
    with tenant_scope(north), pytest.raises(TenantMixUp, match="was saved in tenant"):
        foreign.save()


def test_the_tenant_is_forgotten_with_its_transaction(north, two_topics):
    """T10: SET LOCAL, so a pooled connection carries nothing to the next request. Here a real transaction, in a thread."""

    def look():
        try:
            with tenant_scope(north), connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('app.tenant_id')")
                inside = cursor.fetchone()
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('app.tenant_id', true), pg_backend_pid()")
                outside, backend = cursor.fetchone()
            with scopes_disabled(), connection.cursor() as cursor:
                cursor.execute("SELECT count(*), pg_backend_pid() FROM marketplace_topic")
                return inside, outside, cursor.fetchone() == (0, backend)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(look).result() == ((str(north.pk),), "", True)


def test_the_tenant_is_forgotten_after_an_error_too(north):
    def fail_then_look():
        try:
            with pytest.raises(ZeroDivisionError), tenant_scope(north):
                raise ZeroDivisionError
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('app.tenant_id', true)")
                return cursor.fetchone()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(fail_then_look).result() == ("",)


# --- what the database holds by itself -------------------------------------------------------------------


def test_a_row_for_another_tenant_is_refused_by_the_database(north, south):
    with tenant_scope(north), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Topic.objects.bulk_create([Topic(slug="x", name="X", tenant=south)])


def test_a_row_is_not_moved_to_another_tenant(north, south):
    with tenant_scope(north):
        Topic.objects.create(slug="tax", name="Tax")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Topic.objects.update(tenant=south)


def foreign_keys(ana, foreign, their_topic, their_service):
    """One try for each way in which a key could lead out of the tenant."""
    fields = {"client_id": ana.member_id, "provider_id": ana.pk, "service_id": their_service.pk}
    version = PolicyVersion.objects.latest("number")
    booking = {"code": "NO-1", "status": "pending", "minutes": 30, "last_sequence": 1, "created_at": factories.NOW}
    yield lambda: Service.objects.create(provider_id=foreign.pk, name="X", minutes=30)
    yield lambda: ProviderTopic.objects.create(provider=ana, topic_id=their_topic.pk)
    yield lambda: ProviderTopic.objects.bulk_create([ProviderTopic(provider=ana, topic_id=their_topic.pk)])
    yield lambda: Provider.objects.update(calendar=foreign.calendar_id)
    yield lambda: Calendar.objects.create(member_id=foreign.member_id, time_zone="UTC")
    yield lambda: Booking.objects.create(policy_version=version, **booking, **fields)


@pytest.mark.parametrize("policies", ["policies on", "policies off"])
def test_a_key_into_another_tenant_is_refused_by_the_database(north, south, foreign, policies, request):
    """T4: the composite keys hold, also where row-level security does not look."""
    with tenant_scope(south):
        their_topic, their_service = factories.topic(), foreign.services.get()
    if policies == "policies off":
        request.getfixturevalue("no_rls")
    with tenant_scope(north):
        ana = factories.provider("Ana Nowak")
        tries = list(foreign_keys(ana, foreign, their_topic, their_service))
        assert len(tries) == 6
        for attempt in tries:
            with pytest.raises(IntegrityError, match="violates foreign key constraint"), transaction.atomic():
                attempt()


def test_both_tenants_may_use_the_same_address_and_number(two_topics, north, south):
    """T9: what people read is unique in a tenant and says nothing about the others."""
    for tenant in (north, south):
        with tenant_scope(tenant):
            assert Topic.objects.get().slug == "tax"
            assert factories.provider("Ana Nowak").slug == "ana-nowak"
            assert PolicyVersion.objects.get().number == 1
    with tenant_scope(north), pytest.raises(IntegrityError, match="topic_slug_once"), transaction.atomic():
        Topic.objects.create(slug="tax", name="Again")


# --- append-only ------------------------------------------------------------------------------------------


def kept_rows():
    """A row of each table that the runtime role may only add to."""
    actor = factories.member("Ida Berg")
    yield adopt_policy(policy=PolicyVersion.objects.latest("number").policy)
    yield StaffAction.objects.create(actor=actor, action="change", object_type="x", object_id="1", object_name="X")


@pytest.mark.parametrize("model", [PolicyVersion, StaffAction, BookingEvent])
def test_append_only_tables_grant_no_change(in_north, model):
    """Decisions 16 and 18: what was recorded stays, whoever asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT privilege, has_table_privilege(%s, privilege)"
            " FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege",
            [model._meta.db_table],
        )
        granted = {privilege for privilege, has in cursor.fetchall() if has}
    assert granted == {"SELECT", "INSERT"}


def test_rules_and_staff_actions_are_never_changed(in_north):
    for row in kept_rows():
        for change in (row.save, row.delete):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()
