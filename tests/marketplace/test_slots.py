"""The free times of a day as JSON (docs/slots.md): the same times as in the picker, and the same discretion (decision 15, D-3)."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from accounts.policies import Policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.hours import OpenHours
from marketplace import services
from tests import factories
from tests.statements import recorded, unbounded
from tests.worlds import once

pytestmark = pytest.mark.usefixtures("at_demo_time")
ANA = "/t/north/experts/ana-nowak/slots/"


@pytest.fixture
@once
def ana(north):
    with tenant_scope(north):
        ana = factories.provider(hours=[OpenHours(day=1, opens=9 * 60, closes=11 * 60)])
        ana.half = factories.service(ana)
        return ana


def get(client, service, day="2026-11-24", status=200, address=ANA, **more):
    response = client.get(address, {"service": getattr(service, "pk", service), "day": day, **more})
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    return response.json()


def starts(found):
    return [slot["start"] for slot in found["slots"]]


def test_a_day_by_the_clock_of_the_provider(client, ana):
    assert get(client, ana.half) == {
        "day": "2026-11-24",
        "zone": "Europe/Prague",
        "slots": [
            {"start": "2026-11-24T09:00+01:00", "end": "2026-11-24T09:30+01:00"},
            {"start": "2026-11-24T09:30+01:00", "end": "2026-11-24T10:00+01:00"},
            {"start": "2026-11-24T10:00+01:00", "end": "2026-11-24T10:30+01:00"},
            {"start": "2026-11-24T10:30+01:00", "end": "2026-11-24T11:00+01:00"},
        ],
    }


def test_a_day_by_another_clock_begins_and_ends_there(client, ana):
    # In Honolulu, eleven hours behind, Tuesday 9am to 11am in Prague is Monday 10pm to midnight.
    monday = get(client, ana.half, day="2026-11-23", zone="Pacific/Honolulu")
    assert starts(monday) == [f"2026-11-23T{time}-10:00" for time in ("22:00", "22:30", "23:00", "23:30")]
    assert monday["slots"][-1]["end"] == "2026-11-24T00:00-10:00"
    assert get(client, ana.half, zone="Pacific/Honolulu")["slots"] == []


def test_a_zone_under_its_former_name_is_the_same_zone(client, ana):
    found = get(client, ana.half, zone="Asia/Calcutta")
    assert (found["zone"], starts(found)[0]) == ("Asia/Kolkata", "2026-11-24T13:30+05:30")


def test_the_night_in_which_the_clocks_go_forward_has_no_2am(client, north):
    week_before = datetime(2027, 3, 22, 8, tzinfo=UTC)
    with time_machine.travel(week_before, tick=False):
        with tenant_scope(north):
            night = factories.provider("Nora Night", hours=[OpenHours(6, 60, 5 * 60)], now=week_before)
            service = factories.service(night, minutes=60, step_minutes=60)
        found = get(client, service, "2027-03-28", address="/t/north/experts/nora-night/slots/")
    assert [(slot["start"], slot["end"]) for slot in found["slots"]] == [
        ("2027-03-28T01:00+01:00", "2027-03-28T03:00+02:00"),
        ("2027-03-28T03:00+02:00", "2027-03-28T04:00+02:00"),
        ("2027-03-28T04:00+02:00", "2027-03-28T05:00+02:00"),
    ]


def test_it_offers_what_the_picker_offers(client, ana):
    page = client.get(f"/t/north/experts/ana-nowak/?service={ana.half.pk}&from=2026-11-24").content.decode()
    tuesday = re.findall(r'name="slot" value="(2026-11-24[^"]+)"', page)
    assert len(tuesday) == 4
    found = [datetime.fromisoformat(start).astimezone(UTC) for start in starts(get(client, ana.half))]
    assert [f"{start:%Y-%m-%dT%H:%MZ}" for start in found] == tuesday


def test_taken_and_asked_times_are_hidden_or_marked_by_rule(client, ana, north):
    with tenant_scope(north):
        for hour, kind in ((8, ClaimKind.SESSION), (9, ClaimKind.ASKED)):
            start = datetime(2026, 11, 24, hour, tzinfo=UTC)
            calendars.claim(
                calendars=[ana.calendar],
                start=start,
                end=start + timedelta(minutes=30),
                kind=kind,
                reference="booking:X",
            )
    assert starts(get(client, ana.half)) == ["2026-11-24T09:30+01:00", "2026-11-24T10:30+01:00"]
    with tenant_scope(north):
        services.update_service(service=ana.half, hides_asked_times=False)
    assert get(client, ana.half)["slots"] == [
        {"start": "2026-11-24T09:30+01:00", "end": "2026-11-24T10:00+01:00"},
        {"start": "2026-11-24T10:00+01:00", "end": "2026-11-24T10:30+01:00", "asked": True},
        {"start": "2026-11-24T10:30+01:00", "end": "2026-11-24T11:00+01:00"},
    ]


def test_no_times_in_a_pause_in_the_past_and_beyond_the_horizon(client, ana, north):
    with tenant_scope(north):
        adopt_policy(policy=Policy(bookable_days=14))
        services.update_provider(provider=ana, paused_until=date(2026, 11, 25))
    assert starts(get(client, ana.half, "2026-12-01"))
    for day in ("2026-11-17", "2026-11-24", "2026-12-08", "1000-01-01", "8999-12-31"):
        assert get(client, ana.half, day)["slots"] == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"service": ""}, "Say which service: service= and its id, as the profile's address has it."),
        ({"service": "tax"}, "Say which service: service= and its id, as the profile's address has it."),
        ({"day": ""}, "Say which day, like day=2026-11-24."),
        ({"day": "2026-02-30"}, "Say which day, like day=2026-11-24."),
        ({"day": "9999-12-31"}, "Say which day, like day=2026-11-24."),
        ({"zone": "Mars/Base"}, "Write the time zone like zone=Europe/Berlin, or leave it out for the provider's own."),
        (
            {"zone": "../etc/passwd"},
            "Write the time zone like zone=Europe/Berlin, or leave it out for the provider's own.",
        ),
    ],
)
def test_what_cannot_be_read_is_said(client, ana, query, sentence):
    assert get(client, **{"service": ana.half.pk, "status": 400, **query}) == {"error": sentence}


def test_the_unpublished_the_foreign_and_the_withdrawn_are_alike(client, ana, north, south):
    with tenant_scope(south):
        sue = factories.provider("Sue South")
        foreign = factories.service(sue)
    with tenant_scope(north):
        ben = factories.provider("Ben Nowak")
        bens, withdrawn = factories.service(ben), factories.service(ana, "Old")
        services.update_service(service=withdrawn, is_active=False)
        services.update_provider(provider=ben, is_published=False)
    refused = {"error": "No published page has this address, or it offers no such service."}
    for service, slug in (
        (foreign, "sue-south"),
        (foreign, "ana-nowak"),
        (bens, "ben-nowak"),
        (bens, "ana-nowak"),
        (withdrawn, "ana-nowak"),
        (ana.half, "nobody"),
    ):
        assert get(client, service, status=404, address=f"/t/north/experts/{slug}/slots/") == refused


def test_it_is_cheap_leaves_no_cookie_and_is_never_kept(client, ana):
    get(client, ana.half)
    with recorded() as sent:
        response = client.get(ANA, {"service": ana.half.pk, "day": "2026-11-24"})
    # The tenant, the provider with calendar and services, the rules, the free time.
    assert len([sql for sql in sent if sql.startswith("SELECT")]) == 4
    assert unbounded(sent) == []
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"
