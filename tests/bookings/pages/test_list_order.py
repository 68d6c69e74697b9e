"""PG-31: the headings of one's bookings sort them, by links that work without script."""

import re
from html import unescape

import pytest

from accounts.enums import Role
from accounts.services import join
from bookings.enums import Action
from bookings.models import Booking
from bookings.ordering import ORDERS
from marketplace.models import Service
from tests import factories

from .conftest import prague, words
from .test_list_page import codes


def headings(response) -> dict[str, tuple[str, str]]:
    """The headings that sort: their label with how they do now and the address they lead to."""
    found = re.findall(
        r'<th role="columnheader" scope="col"(?: aria-sort="(\w+)")?><a class="sort" href="([^"]*)">([^<]*)',
        response.content.decode(),
    )
    return {label: (sort, unescape(href)) for sort, href, label in found}


@pytest.fixture
def three(world):
    """Kim's bookings with Ana on Wed, with Émile on Tue and with Zoe on Thu."""
    with world.inside():
        talks = {name: factories.service(factories.provider(name), "Talk") for name in ("Émile Beran", "zoe Hill")}
    wednesday = world.confirm(world.ask(prague(25, 15)))
    tuesday = world.ask(prague(24, 10), service=talks["Émile Beran"])
    thursday = world.ask(prague(26, 9), service=talks["zoe Hill"])
    return {"ana": wednesday.code, "emile": tuesday.code, "zoe": thursday.code}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("when", ["emile", "ana", "zoe"]),
        ("-when", ["zoe", "ana", "emile"]),
        ("with", ["ana", "emile", "zoe"]),
        ("-with", ["zoe", "emile", "ana"]),
    ],
)
def test_list_is_sorted_by_the_date_it_shows_and_by_who_sits_across(world, three, order, expected):
    """Capitals and accents don't count."""
    page = world.get(world.kim, f"/bookings/?show=all&sort={order}")

    assert codes(page) == [three[name] for name in expected]


def test_providers_see_their_clients_in_order(world, three):
    of_lena = world.ask(prague(27, 9), client=world.lena)

    for order, expected in (("with", [three["ana"], of_lena.code]), ("-with", [of_lena.code, three["ana"]])):
        assert codes(world.get(world.ana.member, f"/bookings/?show=all&sort={order}")) == expected


def test_date_that_is_shown_is_the_one_last_put_on_the_table(world, three):
    """A suggestion moves the row: of several times it shows the first."""
    with world.inside():
        booking = Booking.objects.get(code=three["emile"])
    world.suggest(booking, prague(27, 9), prague(24, 9))

    assert codes(world.get(world.kim, "/bookings/?show=all&sort=when")) == [three["ana"], three["zoe"], three["emile"]]


def test_states_are_sorted_as_the_filter_has_them(world, three):
    declined = world.act(world.ask(prague(27, 15)), Action.DECLINE, reason_code="time")
    offered = world.suggest(world.ask(prague(27, 10)), prague(27, 11))

    found = codes(world.get(world.kim, "/bookings/?show=all&sort=state"))

    # Your answer needed, Requested twice with the newer one first, Confirmed, Declined.
    assert found == [
        offered.code,
        *sorted([three["emile"], three["zoe"]], key=found.index),
        three["ana"],
        declined.code,
    ]
    assert codes(world.get(world.kim, "/bookings/?show=all&sort=-state"))[0] == declined.code


def test_heading_says_how_it_sorts_and_leads_to_the_other_way(world, three):
    """ARIA: one heading at most says it."""
    base = world.url("/bookings/?show=all&sort=")

    assert headings(world.get(world.kim, "/bookings/?show=all")) == {
        "When": ("", f"{base}when"),
        "Meeting with": ("", f"{base}with"),
        "State": ("", f"{base}state"),
    }
    assert headings(world.get(world.kim, "/bookings/?show=all&sort=with"))["Meeting with"] == (
        "ascending",
        f"{base}-with",
    )
    found = headings(world.get(world.kim, "/bookings/?show=all&sort=-with"))
    assert found["Meeting with"] == ("descending", f"{base}with")
    assert [sort for sort, _ in found.values() if sort] == ["descending"]


def test_what_is_ahead_is_sorted_by_date_already(world, three):
    base = world.url("/bookings/?show=upcoming&sort=")

    assert headings(world.get(world.kim, "/bookings/"))["When"] == ("ascending", f"{base}-when")


def test_order_is_kept_with_the_filter_and_the_text(world, three):
    page = world.get(world.kim, "/bookings/?state=requested&q=e&sort=with&page=1")

    assert headings(page)["State"][1] == world.url("/bookings/?state=requested&q=e&sort=state")
    assert page.content.decode().count('<input type="hidden" name="sort" value="with">') == 2
    assert codes(page) == [three["emile"], three["zoe"]]


def test_order_is_kept_from_page_to_page(world):
    asked = [world.ask(prague(day, 9 + n // 2, 30 * (n % 2))).code for day in (24, 25) for n in range(11)]

    first, second = (world.get(world.kim, f"/bookings/?show=waiting&sort=-when&page={page}") for page in (1, 2))

    assert len(codes(first)) == 20
    assert codes(first) + codes(second) == asked[::-1]
    assert 'href="?show=waiting&amp;sort=-when&amp;page=2"' in first.content.decode()
    assert headings(second)["When"] == ("descending", world.url("/bookings/?show=waiting&sort=when"))


@pytest.mark.parametrize("order", ["price", "-", "--when", "when,code", "%00"])
def test_unknown_order_is_left_out_and_said(world, three, order):
    page = world.get(world.kim, f"/bookings/?show=all&sort={order}")

    assert "We don’t know one of the filters in this address, so it was left out." in words(page)
    assert [sort for sort, _ in headings(page).values() if sort] == []


@pytest.mark.parametrize("order", ORDERS)
def test_sorted_list_takes_no_query_more(world, django_assert_num_queries, order):
    client, address = world.client(world.kim), world.url(f"/bookings/?show=waiting&sort={order}")
    world.ask(prague(24, 15))
    client.get(address)

    with django_assert_num_queries(16):
        client.get(address)
    for day in (25, 26):
        world.ask(prague(day, 15))
    with django_assert_num_queries(16):
        assert len(codes(client.get(address))) == 3


def test_row_of_ones_own_on_the_other_side_goes_by_the_name_it_shows(world, three):
    """S4.1: Ana asks Émile; her list names him, and Kim, who asks her."""
    with world.inside():
        join(user=world.ana.member.user, roles=[Role.CLIENT])
        talk = Service.objects.get(provider__name="Émile Beran")
    asked = world.ask(prague(27, 10), client=world.ana.member, service=talk)

    assert codes(world.get(world.ana.member, "/bookings/?show=all&sort=with")) == [asked.code, three["ana"]]
