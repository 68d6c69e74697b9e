"""Whose a provider's day is, and what it costs (PG-40)."""

from accounts.enums import Role
from accounts.tenancy import tenant_scope
from tests import factories

from ..conftest import prague, words
from .reading import today


def test_page_is_for_providers_alone(world, rui):
    """S0.2: role-separate; the page of everybody else is a friendly 404 in the frame."""
    for who in (world.kim, world.sam, world.lena, rui):
        page = today(world, who)
        assert page.status_code == 404
        assert "Northwind Mentors" in words(page)


def test_guest_signs_in_first(world):
    assert world.get(None, "/portal/").url == world.url(f"/signin/?next={world.url('/portal/')}")


def test_provider_sees_only_their_own_requests(world):
    with world.inside():
        ben = factories.provider("Ben Adeyemi")
        career = factories.service(ben, "Career review")
    world.ask(prague(24, 15), service=career)

    assert "Career review" in words(today(world, ben.member))
    assert "Career review" not in words(today(world))


def test_looking_changes_nothing(world):
    world.ask(prague(24, 15))
    before = world.state()

    for _ in range(2):
        today(world)

    assert world.state() == before


def test_page_takes_a_fixed_number_of_queries(world, django_assert_num_queries):
    """The same with one row of each kind and with three."""
    client, address = world.client(world.ana.member), world.url("/portal/")
    world.confirm(world.ask(prague(25, 15)))
    world.ask(prague(24, 15))
    client.get(address)

    with django_assert_num_queries(23):
        client.get(address)
    for hour in (9, 11):
        world.confirm(world.ask(prague(25, hour)))
        world.ask(prague(24, hour))
    with django_assert_num_queries(23):
        client.get(address)


def test_provider_without_a_profile_is_told_what_is_missing(client, north):
    with tenant_scope(north):
        member = factories.member("Ben Roth", roles=(Role.PROVIDER,))
    client.force_login(member.user)
    page = client.get("/t/north/portal/")
    assert page.status_code == 200
    assert "You have no public profile yet" in page.content.decode()
