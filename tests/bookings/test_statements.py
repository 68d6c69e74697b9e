"""How many statements each write and each list costs: exact, so that one more is noticed, and the same however much there is."""

import pytest
from django.conf import settings
from django.http import QueryDict

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import queries, services
from bookings.context import Reader
from bookings.enums import Action, Actor
from bookings.pages import listing
from bookings.pages.parts import Viewer
from bookings.pages.today import today_page
from tests import factories
from tests.statements import recorded

# Savepoint and its release; calendar with its people; what was asked before, with a free code; rules; free time of the day;
# booking with event, proposal and times; claims, marked days, work with mails.
ASKING = 10
# Where sessions cost credits: the client's wallets, the hold with its transfer.
HOLDING = 2
# Savepoint and its release; calendars, booking, times on the table, clashes; booking, event, chosen time, proposal; claims held,
# given back, made, and all of these days; days; work.
ACCEPTING = 16
# The number beside the navigation is among them: the page hands it on.
DAY = 11
LIST = 5


@pytest.fixture
def statements(scene):
    """How many statements a call sends, once the SQL of every query has been written."""

    def statements(call, *args, **kwargs):
        with recorded() as sent:
            call(*args, **kwargs)
        return len(sent)

    return statements


@pytest.fixture
def busy(ask, act, at, scene, now):
    """Other providers, and other requests and sessions of Ana and Kim."""
    for name in ("Ben Abel", "Cleo Marsh"):
        other = factories.provider(name, now=now)
        booking = ask(at(26, 10), service=factories.service(other))
        act(booking, Action.ACCEPT, start=at(26, 10)) if name == "Ben Abel" else None
    for hour in (9, 11, 13):
        act(ask(at(27, hour), client=factories.member(f"Client {hour}")), Action.ACCEPT, start=at(27, hour))
        ask(at(27, hour + 1), client=factories.member(f"Asker {hour}"))


def _reload(booking, member):
    return queries.get_booking_for(member, booking.code)


def test_asking_costs_a_fixed_number_of_statements(ask, at, scene, statements):
    """Issue 2: sending a request within 15 ms."""
    assert statements(ask, at(25, 10)) == ASKING + HOLDING


def test_asking_costs_nothing_more_where_there_are_no_credits(ask, at, scene, statements):
    adopt_policy(policy=Policy())
    assert statements(ask, at(25, 10)) == ASKING


@pytest.mark.usefixtures("busy")
def test_asking_costs_no_more_among_many(ask, at, scene, statements):
    assert statements(ask, at(25, 10), client=factories.member("Lena Hartmann")) == ASKING + HOLDING


def test_asking_for_three_times_costs_two_more_reads_of_free_time(ask, at, scene, statements):
    """S1.8: all of them are claimed, marked and written together."""
    adopt_policy(policy=Policy(max_times=3))
    assert statements(ask, at(25, 10), at(25, 14), at(26, 9)) == ASKING + 2


def _accept(booking, scene, start):
    services.perform(
        booking=booking, action=Action.ACCEPT, actor=Actor.PROVIDER, by=scene.ana.member, now=scene.now, start=start
    )


def test_accepting_costs_a_fixed_number_of_statements(ask, act, at, scene, statements):
    """The client has a calendar already; without one it is opened first."""
    act(ask(at(24, 10)), Action.ACCEPT, start=at(24, 10))
    booking = _reload(ask(at(25, 10)), scene.ana.member)
    assert statements(_accept, booking, scene, at(25, 10)) == ACCEPTING


@pytest.mark.usefixtures("busy")
def test_accepting_costs_no_more_among_many(ask, at, scene, statements):
    booking = _reload(ask(at(25, 10)), scene.ana.member)
    assert statements(_accept, booking, scene, at(25, 10)) == ACCEPTING


def test_a_booking_is_read_in_one_statement(ask, at, scene, statements):
    booking = ask(at(25, 10))
    assert statements(queries.get_booking_for, scene.kim, booking.code) == 1


def viewer_of(member, now):
    return Viewer(member, Reader("Europe/Prague"), now)


@pytest.mark.urls(settings.TENANT_URLCONF)
@pytest.mark.usefixtures("busy")
def test_a_providers_day_costs_a_fixed_number_of_statements(ask, at, scene, statements):
    """The provider, four lists, their rules, proposals and times; clashes, the tenant with its words."""
    ask(at(25, 10))
    viewer = viewer_of(scene.ana.member, scene.now)
    few = statements(lambda: today_page(queries.provider_of(scene.ana.member), viewer, scene.tenant.words))
    ask(at(25, 14), client=factories.member("Lena Hartmann"))
    many = statements(lambda: today_page(queries.provider_of(scene.ana.member), viewer, scene.tenant.words))
    assert few == many == DAY


@pytest.mark.urls(settings.TENANT_URLCONF)
@pytest.mark.usefixtures("busy")
def test_a_list_costs_a_fixed_number_of_statements(ask, at, scene, statements):
    """Counts of scopes and states, the rows, their rules, their proposals and times."""
    assert scene.kim.tenant == scene.tenant
    viewer, policy = viewer_of(scene.kim, scene.now), Policy()

    def shown(query):
        return statements(
            listing.list_page, viewer, listing.read(QueryDict(query)), None, policy=policy, words=scene.tenant.words
        )

    assert shown("show=all") == LIST
    ask(at(25, 10))
    assert shown("show=all") == LIST
    assert shown("q=ana&state=requested") == LIST + 2
