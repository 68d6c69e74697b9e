"""A provider's day asks again by itself (PG-40)."""

from datetime import timedelta

import pytest

from bookings.enums import Action, Actor

from ..conftest import prague
from ..stories import Stories, offer
from .reading import today


def poll(world) -> str:
    """The question the page asks every minute."""
    html = today(world).content.decode()
    assert 'hx-trigger="every 60s"' in html
    return html.split('hx-get="', 1)[1].split('"', 1)[0].replace("&amp;", "&")


def test_page_is_only_replaced_when_something_has_changed(world):
    """R-HX-6: 204 keeps focus and scroll."""
    world.ask(prague(24, 15))
    client, question = world.client(world.ana.member), poll(world)

    nothing = client.get(question, headers={"hx-request": "true"})

    assert (nothing.status_code, nothing.content) == (204, b"")
    assert "HX-Request" in nothing["Vary"]


def test_new_request_is_announced(world, later):
    world.ask(prague(24, 15))
    client, question = world.client(world.ana.member), poll(world)
    later(minutes=5)
    world.ask(prague(25, 15), client=world.lena, now=world.now + timedelta(minutes=5))

    page = client.get(question, headers={"hx-request": "true"})

    assert page.content.decode().lstrip().startswith('<div id="today"')
    assert '<p id="announce" hx-swap-oob="innerHTML">1 new request</p>' in page.content.decode()


def test_another_date_is_announced_like_a_request(world, later):
    stories = Stories(world, later)
    booking = stories.confirmed()
    client, question = world.client(world.ana.member), poll(world)
    later(minutes=5)
    stories.do(booking, Action.SUGGEST, Actor.CLIENT, offer=offer(prague(25, 15)))

    page = client.get(question, headers={"hx-request": "true"})

    assert '<p id="announce" hx-swap-oob="innerHTML">1 new request</p>' in page.content.decode()


def test_answered_request_is_not_announced(world):
    booking = world.ask(prague(24, 15))
    client, question = world.client(world.ana.member), poll(world)
    world.act(booking, Action.WITHDRAW)

    page = client.get(question, headers={"hx-request": "true"})

    assert page.status_code == 200
    assert "announce" not in page.content.decode()


@pytest.mark.parametrize("query", ["?known=never&version=1", "?known=%00", "?known=2026-11-23T08:14:00"])
def test_odd_questions_are_no_error(world, query):
    assert today(world, query=query).status_code == 200


def test_every_control_of_the_page_has_an_id(world):
    """R-HX-4: htmx puts focus back by id when the page is replaced."""
    world.ask(prague(24, 15))
    world.confirm(world.ask(prague(25, 15)))

    html = today(world).content.decode()
    html = html[html.index('<div id="today"') : html.index("</main>")]
    controls = [tag for start in ("<a ", "<button ") for tag in html.split(start)[1:]]
    rows = [tag for tag in controls if 'class="quiet"' in tag and " id=" not in tag.split(">", 1)[0]]

    assert [
        tag.split(">", 1)[0] for tag in controls if " id=" not in " " + tag.split(">", 1)[0] and tag not in rows
    ] == []
