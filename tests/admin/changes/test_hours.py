"""Staff change a provider's hours in the administration (PG-85)."""

from datetime import date, timedelta

import pytest

from accounts.tenancy import tenant_scope
from calendars import queries as time_queries
from calendars.models import WeeklyHours
from marketplace import queries as marketplace

from ..conftest import NOW
from .saving import BASE, put_down, save

HOURS = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "9:00-17:00")


def free_starts(world, day):
    rules = marketplace.rules_of(world.service, world.policy)
    return [
        slot.start.strftime("%H:%M")
        for slot in time_queries.bookable(
            world.provider.calendar, rules, since=day, until=day + timedelta(days=1), now=NOW, hide_asked=True
        )
    ]


@pytest.fixture
def calendar_form(mine):
    from accounts.queries import current_policy

    with tenant_scope(mine.tenant):
        mine.policy = current_policy().policy
    return HOURS | {"time_zone": "Europe/Prague", "why": "On the phone."}


def test_changed_hours_are_free_time_at_once(mine, staff, calendar_form):
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"
    form = calendar_form | {"tuesday": "9:00-10:00, 13:00-14:00"}

    assert save(staff, url, form).status_code == 302

    tuesday = NOW.replace(hour=0, minute=0) + timedelta(days=1)
    with tenant_scope(mine.tenant):
        assert free_starts(mine, tuesday) == ["08:00", "08:30", "12:00", "12:30"]
        assert put_down(mine).changes == [
            {"field": "Tuesday", "old": "9:00-17:00", "new": "9:00-10:00, 13:00-14:00"},
            {"why": "On the phone."},
        ]


def test_other_hours_on_one_date(mine, staff, calendar_form):
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"

    save(staff, url, calendar_form | {"date": "2026-11-24", "date_hours": "20:00-21:00"})

    tuesday = NOW.replace(hour=0, minute=0) + timedelta(days=1)
    with tenant_scope(mine.tenant):
        assert free_starts(mine, tuesday) == ["19:00", "19:30"]
        assert WeeklyHours.objects.filter(calendar=mine.provider.calendar_id).count() == 5
    assert "20:00-21:00" in staff.get(url).text


def test_a_date_without_hours_is_away(mine, staff, calendar_form):
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"

    save(staff, url, calendar_form | {"date": "2026-11-24", "date_hours": ""})

    with tenant_scope(mine.tenant):
        assert free_starts(mine, NOW.replace(hour=0, minute=0) + timedelta(days=1)) == []
        assert mine.provider.calendar.date_overrides.get().date == date(2026, 11, 24)


def test_hours_that_the_clocks_skip_on_a_date_are_a_sentence(mine, staff, calendar_form):
    """R-TZ-11."""
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"

    answer = save(staff, url, calendar_form | {"date": "2027-03-28", "date_hours": "2:30-5:00"})

    assert "2am to 3am does not exist" in answer.text
    with tenant_scope(mine.tenant):
        assert not mine.provider.calendar.date_overrides.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("monday", "nine to five", "“nine to five” is not a time span. Write it like 9:00-12:00."),
        ("monday", "9:00-25:00", "“9:00-25:00” is outside of the day: it runs from 0:00 to 24:00."),
        ("monday", "9:00-12:00, 11:00-13:00", "overlap"),
        ("monday", "12:00-9:00", "Monday"),
        ("date_hours", "9:00-10:00", "Choose the date these hours are for."),
        ("time_zone", "Europe/Atlantis", "Select a valid choice."),
    ],
)
def test_hours_that_cannot_be_kept_are_a_sentence(field, value, sentence, mine, staff, calendar_form):
    url = f"{BASE}calendars/calendar/{mine.provider.calendar_id}/change/"

    answer = save(staff, url, calendar_form | {field: value})

    assert answer.status_code == 200
    assert sentence in answer.text
    with tenant_scope(mine.tenant):
        assert WeeklyHours.objects.filter(calendar=mine.provider.calendar_id, opens=540, closes=1020).count() == 5
