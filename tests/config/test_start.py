"""The start page of a development installation: one press to be a demo person, and nobody else (issue 1)."""

import pytest
from django.core import checks
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from accounts import services
from accounts.enums import Role
from accounts.models import User
from accounts.tenancy import tenant_scope
from config import checks as config_checks
from config.demo.samples import samples
from tests import factories

pytestmark = pytest.mark.django_db
SAMPLE = samples()[-1]


@pytest.fixture
def mentors(db):
    return factories.tenant(SAMPLE.slug, name="Northwind Mentors", preset="mentors")


@pytest.fixture
def personas(mentors) -> dict[str, User]:
    """All demo people of the sample that the start page offers, by name."""
    people = {}
    with tenant_scope(mentors):
        for person in SAMPLE.personas:
            people[person.name] = factories.user(person.email, name=person.name)
            services.join(user=people[person.name], roles=list(person.roles), name=person.name)
    return people


def first(personas, role: Role) -> User:
    return next(personas[person.name] for person in SAMPLE.personas if role in person.roles)


def test_the_start_page_offers_the_sample_people_with_what_to_try(personas, client):
    page = client.get("/").content.decode()

    for person in SAMPLE.personas[:6]:
        assert f'value="mentors/{personas[person.name].pk}"' in page
        assert f"<strong>{person.name}</strong><small>{person.note}</small>" in page
    assert SAMPLE.shows in page
    assert 'href="/t/mentors/"' in page
    assert reverse("dev_mail") in page


def test_an_empty_installation_says_how_to_fill_it(db, client):
    assert "make demo-reset" in client.get("/").content.decode()


@pytest.mark.parametrize(("role", "page"), [(Role.CLIENT, ""), (Role.PROVIDER, "portal/"), (Role.OWNER, "")])
def test_one_press_signs_in(personas, client, role, page):
    user = first(personas, role)

    done = client.post("/demo/signin/", {"as": f"mentors/{user.pk}"})

    assert (done.status_code, done.headers["Location"]) == (303, f"/t/mentors/{page}")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_another_press_is_another_person_in_another_session(personas, client):
    kim, ana = first(personas, Role.CLIENT), first(personas, Role.PROVIDER)
    client.post("/demo/signin/", {"as": f"mentors/{kim.pk}"})
    before = client.session.session_key

    client.post("/demo/signin/", {"as": f"mentors/{ana.pk}"})

    assert client.session["_auth_user_id"] == str(ana.pk)
    assert client.session.session_key != before


def test_nobody_signs_in_by_opening_an_address(personas, client):
    user = first(personas, Role.CLIENT)

    assert client.get(f"/demo/signin/?as=mentors/{user.pk}").status_code == 405
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "value", ["", "mentors", "mentors/", "mentors/x", "mentors/0", "nobody/1", "/1", "mentors/1/2"]
)
def test_nobody_else_can_be_signed_in_as(personas, client, value):
    assert client.post("/demo/signin/", {"as": value}).status_code == 404


def test_a_person_of_ones_own_is_no_demo_person(mentors, client):
    with tenant_scope(mentors):
        own = factories.member("Kim Okafor").user

    assert client.post("/demo/signin/", {"as": f"mentors/{own.pk}"}).status_code == 404


def test_a_demo_person_of_another_tenant_is_not_found_here(personas, south, client):
    user = first(personas, Role.CLIENT)

    assert client.post("/demo/signin/", {"as": f"south/{user.pk}"}).status_code == 404


def test_each_row_has_its_own_colours(mentors, client):
    css = client.get(reverse("demo_themes"))

    assert css.headers["Content-Type"] == "text/css; charset=utf-8"
    assert '[data-tenant="mentors"]{--accent:light-dark(' in css.content.decode()


# --- it can't exist in production -------------------------------------------------------------------------


@pytest.fixture
def production_urls(settings):
    """The platform's addresses as they are read without DEMO."""
    import importlib

    from django.urls import clear_url_caches

    from config.urls import platform

    settings.DEMO = False
    importlib.reload(platform)
    clear_url_caches()
    yield
    settings.DEMO = True
    importlib.reload(platform)
    clear_url_caches()


@pytest.mark.parametrize("path", ["/demo/signin/", "/dev/mail/", "/dev/ui/", "/dev/themes.css"])
def test_production_has_no_such_address(production_urls, personas, client, path):
    with pytest.raises(Resolver404):
        resolve(path)
    assert client.post(path, {"as": f"mentors/{first(personas, Role.CLIENT).pk}"}).status_code == 404


@pytest.mark.parametrize("name", ["start", "demo_signin", "dev_mail", "dev_ui"])
def test_production_has_no_such_name(production_urls, name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_the_platforms_first_page_lists_nothing_in_production(production_urls, personas, client):
    page = client.get("/")

    assert page.status_code == 200
    assert "Each marketplace has its own address" in page.content.decode()
    assert "Northwind" not in page.content.decode()
    assert "mentors" not in page.content.decode()


@pytest.mark.parametrize(
    ("module", "refused"), [("config.settings.production", 1), ("config.settings.local", 0), ("mine", 1)]
)
def test_a_system_check_refuses_demo_outside_development(settings, module, refused):
    settings.SETTINGS_MODULE = module

    assert [error.id for error in config_checks.demo_stays_at_home(None)] == ["config.E001"] * refused
    assert config_checks.demo_stays_at_home in checks.registry.registry.get_checks()
