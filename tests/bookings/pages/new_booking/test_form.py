"""The page on which a provider makes a booking (PG-39)."""

import pytest

from tests import factories

from ..conftest import iso, prague, values, words
from .making import PATH, WED, ana, provider_made


def test_the_page_offers_own_clients_services_and_free_times(world, known):
    page = world.get(ana(world), PATH).context["page"]

    assert [choice.label for choice in page.clients] == ["Kim Okafor", "Somebody else, by email"]
    assert [choice.label for choice in page.services] == ["Tax planning"]
    assert page.picker.near[0].value
    assert page.button == "Send invitation"


def test_an_address_fills_the_form(world, known):
    answer = world.get(ana(world), f"{PATH}?client={world.kim.pk}&service={world.service.pk}&at={iso(WED)}")

    assert values(answer, "client") == [str(world.kim.pk), "new"]
    assert [choice.checked for choice in answer.context["page"].clients] == [True, False]
    assert answer.context["so_far"].chosen[0].label == "Wed 25 Nov, 3pm to 3:30pm"
    assert "8am to 8:30am in Chicago" in answer.context["so_far"].chosen[0].other
    assert values(answer, "minutes") == ["30"]
    assert values(answer, "price") == ["30"]


@pytest.mark.parametrize(
    "query", ["client=x", "client=01a00000-0000-7000-8000-000000000000", "service=x", "at=x", "again=x"]
)
def test_garbage_in_the_address_is_no_error(world, known, query):
    assert world.get(ana(world), f"{PATH}?{query}").status_code == 200


def test_a_member_who_was_never_a_client_is_not_shown_by_id(world, known):
    """T2: an id tells nothing about people one has nothing to do with."""
    page = world.get(ana(world), f"{PATH}?client={world.lena.pk}")

    assert "Lena" not in words(page)


def test_clients_of_other_providers_are_not_found(world, known):
    with world.inside():
        other = factories.provider("Olga Other", now=world.now)
        factories.service(other)

    answer = world.post(other.member, PATH, {"show": "", "find": "kim"})

    assert "None of your users is called so." in words(answer)
    assert "Kim Okafor" not in words(answer)


def test_finding_a_client_by_name_keeps_what_was_typed(world, form):
    world.ask(prague(26, 10), client=world.lena)

    answer = world.post(ana(world), PATH, form(client=None, find="len", show="", message="Hello"))

    assert [choice.label for choice in answer.context["page"].clients] == ["Lena Hartmann", "Somebody else, by email"]
    assert "Hello" in answer.text
    assert values(answer, "minutes") == ["45"]
    assert answer.context["so_far"].chosen[0].label == "Wed 25 Nov, 3pm to 3:45pm"


def test_another_service_brings_its_own_length_and_price(world, form, made):
    with world.inside():
        long = factories.service(world.ana, "Deep dive", minutes=90, price=80)

    usual = {"minutes": str(world.service.minutes), "price": str(world.service.price)}
    answer = world.post(ana(world), PATH, form(service=str(long.pk), **usual))

    assert answer.status_code == 200
    assert "You chose something else to offer. Check length and price, then send." in words(answer)
    assert (values(answer, "minutes"), values(answer, "price")) == (["90"], ["80"])
    assert made() == []


@pytest.mark.parametrize("pressed", [{"show": ""}, {}])
def test_typed_length_and_price_outlive_another_service(world, form, made, pressed):
    """R-FORM-5: nothing that was typed is lost, whether the times are looked at first or it is sent at once."""
    with world.inside():
        long = factories.service(world.ana, "Deep dive", minutes=90, price=80)

    answer = world.post(ana(world), PATH, form(service=str(long.pk), minutes="50", price="33", **pressed))

    assert (values(answer, "minutes"), values(answer, "price")) == (["50"], ["33"])
    assert made() == []


def test_looking_and_choosing_changes_nothing(world, form):
    before = world.state()
    world.get(ana(world), f"{PATH}?client={world.kim.pk}&at={iso(WED)}")
    world.post(ana(world), PATH, form(show=""))
    world.post(ana(world), PATH, form(add="typed", day="2026-11-26", at="3pm"))

    assert world.state() == before


def test_who_is_no_provider_finds_nothing_here(world, known):
    for who in (world.kim, world.sam):
        assert world.get(who, PATH).status_code == 404
    assert world.client().get(world.url(PATH)).status_code == 302


def test_where_clients_ask_themselves_the_page_says_so(world, form, made):
    provider_made(world, "off")

    shown, sent = world.get(ana(world), PATH), world.post(ana(world), PATH, form())

    assert (shown.status_code, sent.status_code) == (200, 422)
    assert "Here users ask for a meeting themselves." in words(shown)
    assert made() == []


def test_a_provider_without_anything_to_offer_is_told_so(world, known):
    with world.inside():
        other = factories.provider("Olga Other", now=world.now)

    assert "You offer nothing at the moment" in words(world.get(other.member, PATH))


def test_the_page_takes_few_queries_for_any_number_of_clients(world, known, django_assert_max_num_queries):
    client, address = world.client(ana(world)), world.url(PATH)
    client.get(address)
    with django_assert_max_num_queries(16) as one:
        client.get(address)
    world.ask(prague(26, 10), client=world.lena)
    with django_assert_max_num_queries(len(one)):
        client.get(address)
