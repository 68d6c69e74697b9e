"""On a profile: a typed time that is not offered can be suggested anyway, and goes on to the request (PG-04, D-3, T7)."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from calendars import services as calendars
from calendars.enums import ClaimKind
from marketplace import services
from marketplace.wishes import read_moment
from tests.marketplace.profile.conftest import ana, three_times
from tests.marketplace.profile.reading import ANA, MONDAY, answer, chosen, get, offers, pressed

__all__ = ["ana", "three_times"]
pytestmark = pytest.mark.usefixtures("at_demo_time")
# 2pm in Chicago is 9pm in Prague; Ana's hours end at five.
EVENING = "2026-11-26T20:00Z"
BUTTON = "Suggest it anyway"


def tried(client, typed: str, address: str = ANA) -> str:
    return get(client, pressed(get(client, address), "Check", own=[typed]))


def warnings(text: str) -> list[str]:
    tray = re.search(r'<aside id="tray".*?</aside>', text, re.DOTALL)[0]
    return [html.unescape(line) for line in re.findall(r'class="warn-line">.*?<span>([^<]+)</span>', tray, re.DOTALL)]


@pytest.mark.parametrize(("typed", "shown"), [("Thu 2pm", "2pm to 2:30pm"), ("Thu 8:10am", "8:10am to 8:40am")])
def test_a_time_outside_the_hours_or_between_the_times_is_added_by_one_press(client, ana, typed, shown):
    text = tried(client, typed)
    assert offers(text), "the nearest free times stay beside it"

    text = get(client, pressed(text, BUTTON))

    assert chosen(text) == [f"Thu 26 Nov, {shown}"]
    assert warnings(text) == ["This time is not offered. Ana Nowak may still accept it."]


def test_it_stays_beside_offered_ones_from_week_to_week_and_goes_on_to_the_request(client, ana, three_times):
    text = get(client, pressed(tried(client, "Thu 2pm", f"{ANA}?slot={MONDAY}"), BUTTON))
    text = get(client, pressed(text, "Go", date=["2026-12-01"]))
    assert chosen(text) == ["Mon 23 Nov, 2:30am to 3am", "Thu 26 Nov, 2pm to 2:30pm"]

    response = client.get(pressed(text, "Continue with 2 times"))

    asked = parse_qs(urlsplit(response.headers["location"]).query)
    assert (asked["slot"], asked["anyway"]) == ([MONDAY, EVENING], [EVENING])


def test_it_is_removed_like_any_other(client, ana, three_times):
    text = get(client, pressed(tried(client, "Thu 2pm"), BUTTON))
    response = client.get(pressed(text, "Remove"))
    text = get(client, response.headers["location"])
    assert chosen(text) == []
    assert "anyway=" not in response.headers["location"]


def test_an_address_alone_suggests_nothing(client, ana):
    """Whoever changes a time in the address has not pressed the button."""
    text = get(client, f"{ANA}?slot={EVENING}")
    assert chosen(text) == []


@pytest.mark.parametrize("kind", [ClaimKind.SESSION, ClaimKind.ASKED, ClaimKind.BLOCKED, ClaimKind.EXTERNAL])
@pytest.mark.parametrize("typed", ["Thu 8am", "Thu 2pm"])
def test_a_taken_time_is_not_available_at_any_hour_and_nothing_more_is_said(client, ana, north, kind, typed):
    """One answer for all that stands in a calendar, so that nobody learns which it is (D-3, CK-45)."""
    with tenant_scope(north):
        for start in map(read_moment, ("2026-11-26T14:00Z", EVENING)):
            calendars.claim(
                calendars=[ana.calendar], start=start, end=start + timedelta(hours=1), kind=kind, reference="x:1"
            )
    text = tried(client, typed)
    assert answer(text).startswith("Ana Nowak is not available on Thu 26 Nov, ")
    assert BUTTON not in text


@pytest.mark.parametrize("typed", ["1 June 2027 8am", "today 1am", "soon", "Thu 8am"])
def test_what_is_too_far_past_unclear_or_free_has_no_such_button(client, ana, typed):
    assert BUTTON not in tried(client, typed)


def test_nothing_is_suggested_while_the_provider_is_away(client, ana, north):
    with tenant_scope(north):
        services.update_provider(provider=ana, paused_until=(read_moment(EVENING) + timedelta(days=2)).date())
    assert BUTTON not in tried(client, "Thu 2pm")
    assert chosen(get(client, f"{ANA}?slot={EVENING}&anyway={EVENING}")) == []


def test_what_is_booked_at_once_can_not_be_suggested(client, ana, north):
    """Nobody would answer (T7b)."""
    with tenant_scope(north):
        services.update_service(service=ana.half, is_instant=True)
    assert BUTTON not in tried(client, "Thu 2pm")


def test_a_tenant_may_keep_to_what_is_offered(client, ana, north):
    with tenant_scope(north):
        adopt_policy(policy=replace(current_policy().policy, takes_other_times=False))
    text = tried(client, "Thu 2pm")
    assert "outside the hours of Ana Nowak" in answer(text)
    assert BUTTON not in text
    assert chosen(get(client, f"{ANA}?slot={EVENING}&anyway={EVENING}")) == []
