"""A statement of credits names sessions, not codes, however many lines there are (PG-50)."""

import pytest
from django.conf import settings

from bookings import services
from bookings.enums import Action, Actor
from credits import pages
from tests import factories
from tests.statements import recorded

# Bookings, what is on their tables, its times.
NAMES = 3
# Wallets, holds, lines, purchases not paid; how many lines there are, the lines.
OVERVIEW, STATEMENT = 4 + NAMES, 2 + NAMES

pytestmark = pytest.mark.urls(settings.TENANT_URLCONF)


@pytest.fixture
def reader(scene, now):
    """Whose page it is."""

    def reader(member):
        return pages.Reader(member, scene.tenant.words, "Europe/Prague", 12, now)

    return reader


def lines(reader):
    _, rows = pages.statement(reader, pages.Wanted(), None)
    return [row[1].text for row in rows]


def test_what_is_held_and_each_line_name_the_session(ask, at, scene, reader):
    ask(at(25, 10))
    kim = reader(scene.kim)
    assert [row[0].text for row in pages.overview(kim).held] == ["Tax planning with Ana Nowak, Wed 25 Nov"]
    assert lines(kim)[0] == "Held: Tax planning with Ana Nowak, Wed 25 Nov"


def test_who_earned_reads_the_clients_name(ask, act, at, scene, reader):
    booking = ask(at(25, 10))
    act(booking, Action.ACCEPT, start=at(25, 10))
    services.set_up(booking_id=booking.pk, now=scene.now)
    for actor in (Actor.PROVIDER, Actor.CLIENT):
        act(booking, Action.COMPLETE, actor, now=at(25, 12))
    _, [row] = pages.statement(reader(scene.ana.member), pages.Wanted(earned=True), None)
    assert row[1].text == "Earned: Tax planning with Kim Okafor, Wed 25 Nov"


def test_a_session_of_others_keeps_its_code(ask, at, scene, reader):
    """T2: a reference that staff typed tells nobody about a session of others."""
    code = ask(at(25, 10)).code
    lena = reader(factories.member("Lena Hartmann"))
    assert lena.named(f"booking:{code}").name == code


def test_names_cost_the_same_for_many_lines(ask, at, scene, reader):
    ask(at(25, 10))
    kim = reader(scene.kim)
    with recorded() as few:
        pages.overview(kim), lines(kim)
    for hour in (11, 12, 13):
        ask(at(25, hour))
    with recorded() as many:
        pages.overview(kim), lines(kim)
    assert len(pages.overview(kim).held) == 4
    assert len(few) == len(many) == OVERVIEW + STATEMENT
