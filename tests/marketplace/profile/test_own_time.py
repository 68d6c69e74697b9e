"""A time that people type on a provider's page themselves (PG-04, D-3)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.hours import OpenHours
from tests import factories

from .reading import ANA, MONDAY, answer, chosen, get, offers, pressed

pytestmark = pytest.mark.usefixtures("at_demo_time")


@pytest.mark.parametrize(
    ("typed", "said", "offered"),
    [
        ("Thu 8am", "Thu 26 Nov, 8am to 8:30am is free.", ["2026-11-26T14:00Z"]),
        (
            "Thu 2pm",
            "Thu 26 Nov, 2pm to 2:30pm is 9pm in Prague, outside the hours of Ana Nowak. Nearest free times:",
            ["2026-11-26T14:30Z", "2026-11-26T15:00Z", "2026-11-26T15:30Z"],
        ),
        (
            "Thu 8:10am",
            "Thu 26 Nov, 8:10am to 8:40am is between the times of Ana Nowak, which begin every 30 minutes. Nearest free times:",
            ["2026-11-26T13:30Z", "2026-11-26T14:00Z", "2026-11-26T14:30Z"],
        ),
        (
            "1 June 2027 8am",
            "Tue 1 Jun 2027, 8am to 8:30am is too far ahead. You can ask for times until Fri 22 Jan 2027.",
            [],
        ),
        ("yesterday", "We could not read that. Enter a day and a time, like Thu 2pm or 26 Nov 14:00.", []),
        ("today 1am", "That time has passed. Enter a later one.", []),
        ("<b>3pm</b>", "We could not read that. Enter a day and a time, like Thu 2pm or 26 Nov 14:00.", []),
    ],
)
def test_a_typed_time_is_answered_with_the_nearest(client, ana, typed, said, offered):
    text = get(client, pressed(get(client), "Check", own=[typed]))
    assert answer(text) == said
    assert offers(text) == offered


def test_a_typed_time_is_added_by_one_press(client, ana, three_times):
    text = get(client, pressed(get(client, f"{ANA}?slot={MONDAY}"), "Check", own=["Thu 8am"]))
    text = get(client, pressed(text, "Thu 26 Nov, 8am"))
    assert chosen(text) == ["Mon 23 Nov, 2:30am to 3am", "Thu 26 Nov, 8am to 8:30am"]
    text = get(client, pressed(text, "Check", own=["Thu 8am"]))
    assert answer(text) == "Thu 26 Nov, 8am to 8:30am is one of your times."


@pytest.mark.parametrize("kind", [ClaimKind.SESSION, ClaimKind.ASKED, ClaimKind.BLOCKED, ClaimKind.EXTERNAL])
def test_a_typed_time_never_tells_what_the_provider_does(client, ana, north, kind):
    with tenant_scope(north):
        start = datetime(2026, 11, 26, 14, tzinfo=UTC)
        calendars.claim(
            calendars=[ana.calendar], start=start, end=start + timedelta(hours=1), kind=kind, reference="booking:SECRET"
        )
    text = get(client, pressed(get(client), "Check", own=["Thu 8am"]))
    assert answer(text) == "Ana Nowak is not available on Thu 26 Nov, 8am to 8:30am. Nearest free times:"
    assert offers(text) == ["2026-11-26T13:00Z", "2026-11-26T13:30Z", "2026-11-26T15:00Z"]
    assert "SECRET" not in text


def test_a_time_that_the_clocks_show_twice_is_offered_twice(client, north):
    """1:30am on 7 November 2027 comes twice in Chicago (R-TZ-11)."""
    client.cookies["tz"] = "America/Chicago"
    with tenant_scope(north):
        adopt_policy(policy=Policy(bookable_days=400))
        ana = factories.provider(zone="America/Chicago", hours=[OpenHours(day=6, opens=0, closes=24 * 60)])
        factories.service(ana)
        calendars.freetime.rebuild([ana.calendar], first_day=date(2027, 11, 6), days=3)
    text = get(client, f"{ANA}?own=7+Nov+2027+1:30+am&do=check")
    assert offers(text) == ["2027-11-07T06:30Z", "2027-11-07T07:30Z"]
    assert "1:30am (first, GMT−5)" in text
    assert "1:30am (second, GMT−6)" in text
