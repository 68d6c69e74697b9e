"""Queries written once: the same answers as the ORM's own, and both walls where they were (T1, T10)."""

from uuid import UUID

import pytest
from django.db import connection
from django_scopes import scopes_disabled  # noqa: TID251 - only tests may
from django_scopes.exceptions import ScopeError

from accounts.compiled import CompiledQuery
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from marketplace.models import Provider
from tests import factories
from tests.statements import recorded, unbounded


def by_name():
    return CompiledQuery(lambda name: Membership.objects.filter(name=name).select_related("user"), str)


def test_a_compiled_query_finds_what_the_query_finds(in_north):
    kim, _ = factories.member("Kim Okafor"), factories.member("Ben Nowak")
    query = by_name()
    for _ in range(2):
        with recorded() as sent:
            [found] = query("Kim Okafor")
            assert (found, found.name, found.user.email, found.roles) == (kim, "Kim Okafor", kim.user.email, ["client"])
        assert len(sent) == 1
        assert unbounded(sent) == []
    assert query("Nobody") == []
    assert query.first("Nobody") is None


def test_values_are_filled_in_and_never_become_sql(in_north):
    factories.member("Kim Okafor")
    assert by_name()("' OR true --") == []
    assert by_name()("%s%%") == []


def test_each_call_reads_the_tenant_of_its_scope(north, south):
    query = by_name()
    with tenant_scope(north):
        mine = factories.member("Kim Okafor")
        assert query("Kim Okafor") == [mine]
    with tenant_scope(south):
        assert query("Kim Okafor") == []
        theirs = factories.member("Kim Okafor")
        assert query("Kim Okafor") == [theirs]


@pytest.mark.usefixtures("no_rls")
def test_the_first_wall_holds_alone(north, south):
    query = by_name()
    with tenant_scope(south):
        factories.member("Kim Okafor")
    with tenant_scope(north):
        assert query("Kim Okafor") == []


def test_without_a_scope_there_is_no_answer(north):
    query = by_name()
    with pytest.raises(ScopeError):
        query("Kim Okafor")
    with tenant_scope(north):
        query("Kim Okafor")
    with pytest.raises(ScopeError):
        query("Kim Okafor")


@pytest.mark.usefixtures("no_rls")
def test_with_scopes_disabled_on_purpose_it_asks_for_all(north, south):
    query = by_name()
    for tenant in (north, south):
        with tenant_scope(tenant):
            factories.member("Kim Okafor")
    with scopes_disabled():
        assert len(query("Kim Okafor")) == 2


def test_a_global_table_needs_no_scope(north):
    assert CompiledQuery(lambda slug: Tenant.objects.filter(slug=slug), str)("north") == [north]


def test_values_of_every_type_and_the_joins_between_walls(in_north):
    ana = factories.provider()
    query = CompiledQuery(
        lambda pk, slug: Provider.objects.filter(pk=pk, slug=slug).select_related("calendar", "member__user"), UUID, str
    )
    [found] = query(ana.pk, "ana-nowak")
    with recorded() as sent:
        assert (found.calendar, found.member.user.name) == (ana.calendar, "Ana Nowak")
    assert sent == []
    of_user = CompiledQuery(lambda user: Membership.objects.filter(user_id=user), int)
    assert of_user(ana.member.user_id) == [ana.member]


def test_a_query_that_changes_its_value_is_refused(in_north):
    for build in (
        lambda name: Membership.objects.filter(name__icontains=name),
        lambda name: Membership.objects.filter(name__iexact=f"{name} Okafor"),
    ):
        with pytest.raises(TypeError, match="changes a value"):
            CompiledQuery(build, str)("Kim")


@pytest.mark.usefixtures("no_rls")
def test_a_connection_that_the_server_ended_is_noticed():
    other = connection.copy()
    try:
        other.connect()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        assert other.is_usable()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])  # waits until it is gone
            assert cursor.fetchone() == (True,)
        assert not other.is_usable()
    finally:
        other.close()
    assert not other.is_usable()
