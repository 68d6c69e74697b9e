"""What people choose for themselves, with and without an account (PG-60, R-TZ-2 to R-TZ-5)."""

import pytest

from accounts.enums import Theme
from accounts.models import Membership
from accounts.tenancy import tenant_scope
from tests import factories

pytestmark = pytest.mark.django_db
ROOT = "/t/north"


@pytest.fixture
def kim(north, client) -> Membership:
    """Kim, signed in, in Chicago."""
    with tenant_scope(north):
        member = factories.member("Kim Okafor", zone="America/Chicago")
    client.force_login(member.user)
    return member


def saved(member: Membership) -> Membership:
    with tenant_scope(member.tenant):
        return Membership.objects.select_related("user").get(pk=member.pk)


# --- /settings/ ----------------------------------------------------------------------------------------


def test_settings_are_for_people_who_are_signed_in(north, client):
    assert client.get(f"{ROOT}/settings/").headers["Location"] == "/t/north/signin/?next=/t/north/settings/"


def test_settings_keep_name_clock_and_colours(kim, client):
    done = client.post(f"{ROOT}/settings/", {"name": "Kim O.", "hour_cycle": "24", "theme": "dark"})

    assert (done.status_code, done.headers["Location"]) == (303, "/t/north/settings/")
    member = saved(kim)
    assert (member.name, member.user.name, member.user.hour_cycle, member.user.theme) == (
        "Kim O.",
        "Kim O.",
        24,
        "dark",
    )


def test_settings_refuse_what_is_no_choice_and_change_nothing(kim, client):
    page = client.post(f"{ROOT}/settings/", {"name": "", "hour_cycle": "13", "theme": "pink"})

    assert page.status_code == 422
    assert "Enter your name as others should see it." in page.content.decode()
    member = saved(kim)
    assert (member.name, member.user.hour_cycle, member.user.theme) == ("Kim Okafor", 12, "system")


def test_a_name_is_changed_in_this_tenant_only(kim, south, client):
    with tenant_scope(south):
        elsewhere = Membership.objects.create(user=kim.user, name="Dr Okafor", roles=["client"])

    client.post(f"{ROOT}/settings/", {"name": "Kim O.", "hour_cycle": "12", "theme": "system"})

    assert saved(elsewhere).name == "Dr Okafor"


# --- /settings/time/ -----------------------------------------------------------------------------------


def test_a_guest_keeps_a_zone_in_a_cookie(north, client):
    done = client.post(f"{ROOT}/settings/time/", {"zone": "Asia/Calcutta", "next": "/t/north/help/?a=1"})

    assert (done.status_code, done.headers["Location"]) == (303, "/t/north/help/?a=1")
    cookie = done.cookies["tz_choice"]
    assert (cookie.value, cookie["path"], cookie["httponly"], cookie["samesite"]) == ("Asia/Kolkata", "/", True, "Lax")
    assert "Kolkata</strong> time (GMT+5:30)" in client.get(f"{ROOT}/help/").content.decode()


def test_a_person_keeps_a_zone_on_the_account(kim, client):
    done = client.post(f"{ROOT}/settings/time/", {"zone": "Europe/Lisbon"})

    assert saved(kim).user.time_zone == "Europe/Lisbon"
    assert "tz_choice" not in done.cookies


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "", "Etc/GMT+5", "a" * 5000])
def test_what_is_no_zone_is_refused_in_words(kim, client, zone):
    page = client.post(f"{ROOT}/settings/time/", {"zone": zone})

    assert page.status_code == 422
    assert "Choose a place from the list." in page.content.decode()
    assert saved(kim).user.time_zone == "America/Chicago"


def test_the_list_narrows_without_script(north, client):
    page = client.get(f"{ROOT}/settings/time/?q=praha").content.decode()

    assert page.count('type="radio"') == 1
    assert 'value="Europe/Prague" checked' in page, "the marketplace's zone, since this guest has no other"


def test_nothing_found_says_what_to_try(north, client):
    page = client.get(f"{ROOT}/settings/time/?q=zzzz").content.decode()

    assert "Search for the largest city near you, for a country, or for an offset such as GMT+1." in page


def test_an_old_zone_of_an_account_stays_the_selected_one(kim, client):
    kim.user.time_zone = "Asia/Calcutta"
    kim.user.save()

    assert 'value="Asia/Kolkata" checked' in client.get(f"{ROOT}/settings/time/").content.decode()


@pytest.mark.parametrize("path", ["/settings/time/", "/settings/theme/", "/settings/time/keep/"])
@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_choice_leads_to_no_other_host(north, client, path, elsewhere):
    done = client.post(f"{ROOT}{path}", {"zone": "Europe/Lisbon", "theme": "dark", "next": elsewhere})

    assert done.status_code == 303
    assert done.headers["Location"].startswith("/t/north/")


# --- another device ----------------------------------------------------------------------------------------


def test_another_device_zone_is_asked_about_once(kim, client):
    client.cookies["tz"] = "Europe%2FLisbon"
    question = "Your device is in Lisbon"
    assert question in client.get(f"{ROOT}/help/").content.decode()

    client.post(f"{ROOT}/settings/time/keep/", {"next": "/t/north/help/"})

    assert question not in client.get(f"{ROOT}/help/").content.decode()
    assert saved(kim).user.time_zone == "America/Chicago"
    client.cookies["tz"] = "Asia%2FTokyo"
    assert "Your device is in Tokyo" in client.get(f"{ROOT}/help/").content.decode()


@pytest.mark.parametrize("device", ["America/Chicago", "America/Winnipeg", "", "Mars/Base"])
def test_a_device_on_the_same_clock_is_no_question(kim, client, device):
    client.cookies["tz"] = device

    assert "Your device is in" not in client.get(f"{ROOT}/help/").content.decode()


# --- colours -------------------------------------------------------------------------------------------------


def test_a_guest_keeps_colours_in_a_cookie(north, client):
    client.post(f"{ROOT}/settings/theme/", {"theme": "dark"})

    assert 'data-theme="dark"' in client.get(f"{ROOT}/help/").content.decode()


def test_a_person_keeps_colours_on_the_account(kim, client):
    client.post(f"{ROOT}/settings/theme/", {"theme": "light"})

    assert saved(kim).user.theme == Theme.LIGHT


def test_colours_can_be_chosen_on_the_platform_too(client):
    client.post("/settings/theme/", {"theme": "dark"})

    assert 'data-theme="dark"' in client.get("/help/").content.decode()


def test_no_theme_of_ours_is_a_bad_request(north, client):
    assert client.post(f"{ROOT}/settings/theme/", {"theme": "pink"}).status_code == 400


def test_a_broken_theme_cookie_is_ignored(north, client):
    client.cookies["theme"] = '"><script>'

    assert 'data-theme="system"' in client.get(f"{ROOT}/help/").content.decode()
