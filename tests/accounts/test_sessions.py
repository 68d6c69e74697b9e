"""How long somebody stays signed in (reliability.md 4, row 37; P2)."""

from datetime import timedelta

import pytest
import time_machine as clock

from accounts import services
from accounts.enums import Role
from accounts.models import Membership
from accounts.sessions import OF_PEOPLE, OF_STAFF
from accounts.tenancy import tenant_scope
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a long walk by the sea"
SECOND = timedelta(seconds=1)


@pytest.fixture
def signed_in(north, client, now):
    """Somebody with these roles who has just signed in; returns a function that visits some time later."""

    def sign_in(*roles: Role):
        from tests.accounts.signin.people import with_password

        with tenant_scope(north):
            user = with_password(factories.member("Kim Okafor", roles=roles).user)
        with clock.travel(now, tick=False):
            client.post("/t/north/signin/password/", {"login": user.email, "password": PASSWORD, "remember": "on"})

        def visit(later: timedelta) -> bool:
            with clock.travel(now + later, tick=False):
                return client.get("/t/north/settings/").status_code == 200

        return visit

    return sign_in


def test_the_limits():
    assert (OF_PEOPLE.idle, OF_PEOPLE.total) == (timedelta(days=14), timedelta(days=30))
    assert (OF_STAFF.idle, OF_STAFF.total) == (timedelta(minutes=30), timedelta(hours=12))


@pytest.mark.parametrize(
    ("roles", "limits"), [((Role.CLIENT,), OF_PEOPLE), ((Role.STAFF,), OF_STAFF), ((Role.OWNER,), OF_STAFF)]
)
def test_a_pause_of_exactly_the_limit_is_kept_and_one_second_more_ends_it(signed_in, roles, limits):
    visit = signed_in(*roles)

    assert visit(limits.idle)
    assert not visit(limits.idle + limits.idle + SECOND)


@pytest.mark.parametrize(("role", "limits"), [(Role.CLIENT, OF_PEOPLE), (Role.STAFF, OF_STAFF)])
def test_visiting_does_not_make_a_session_last_for_ever(signed_in, role, limits):
    visit, step, at = signed_in(role), limits.idle * 0.9, timedelta()
    while at + step < limits.total:
        at += step
        assert visit(at)

    assert not visit(limits.total + SECOND)


def test_a_session_that_has_ended_does_not_come_back(signed_in, client):
    visit = signed_in(Role.STAFF)
    assert not visit(timedelta(hours=1))

    assert not visit(timedelta(minutes=1))
    assert "_auth_user_id" not in client.session


def test_who_becomes_staff_has_the_short_limits_at_once(signed_in, north):
    visit = signed_in(Role.CLIENT)
    with tenant_scope(north):
        services.join(user=Membership.objects.get().user, roles=[Role.STAFF])

    assert not visit(timedelta(hours=1))


def test_staff_of_one_tenant_are_like_anybody_in_another(signed_in, client, south, now):
    signed_in(Role.STAFF)

    with clock.travel(now + timedelta(hours=1), tick=False):
        assert client.get("/t/south/settings/").status_code == 200


def test_a_suspended_member_is_a_guest_at_the_very_next_request(signed_in, client, north, now):
    visit = signed_in(Role.PROVIDER)
    with tenant_scope(north):
        Membership.objects.update(suspended_at=now)

    assert visit(timedelta(minutes=1)), "still signed in as a person"
    with clock.travel(now + timedelta(minutes=1), tick=False):
        assert client.get("/t/north/help/").wsgi_request.membership is None


def test_visits_within_a_tenth_of_the_limit_write_nothing(signed_in, client, now, django_assert_num_queries):
    visit = signed_in(Role.STAFF)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def writes(later: timedelta) -> int:
        with CaptureQueriesContext(connection) as statements:
            assert visit(later)
        return sum(row["sql"].startswith(("UPDATE", "INSERT")) for row in statements)

    assert [writes(timedelta(minutes=minutes)) for minutes in (1, 2.9, 3, 4)] == [0, 0, 1, 0]
