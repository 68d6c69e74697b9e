"""The times of a provider's page and its bar of days, by links as without script (PG-04, CK-12)."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.tenancy import tenant_scope
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.hours import OpenHours
from marketplace import services
from tests import factories

from .reading import ANA, THURSDAY, TUESDAY, chosen, get, pressed

pytestmark = pytest.mark.usefixtures("at_demo_time")


def slots(text: str) -> list[str]:
    return re.findall(r'<input type="(?:radio|checkbox)" id="[^"]+" name="slot" value="([^"]+)"', text)


def test_times_are_listed_by_day_on_both_clocks(client, ana):
    text = get(client)
    assert slots(text)[:2] == ["2026-11-23T08:30Z", "2026-11-23T09:00Z"]
    headings = re.findall(r'<h3 id="d-[^"]+" tabindex="-1">([^<]+)</h3>', text)
    assert headings[:2] == ["Monday 23 November", "Tuesday 24 November"]
    label = re.search(r'<label for="t202611231400">(.*?)</label>', text)[1]
    assert re.sub(r"<[^>]+>", "", label) == "Monday 23 November, 8am to 8:30am3pm in Prague"
    assert '<time datetime="2026-11-23T14:00Z">8am<span class="to"> to 8:30am</span></time>' in label


def test_times_are_what_the_slots_engine_offers(client, ana):
    """Office hours in Prague are 2am to 10am in Chicago; today 9:14 has passed."""
    by_day = {}
    for value in slots(get(client)):
        by_day.setdefault(value[:10], []).append(value[11:16])
    assert by_day["2026-11-23"] == [f"{hour:02}:{minute:02}" for hour in range(8, 16) for minute in (0, 30)][1:]
    assert by_day["2026-11-24"] == [f"{hour:02}:{minute:02}" for hour in range(8, 16) for minute in (0, 30)]


def test_times_follow_the_service(client, ana):
    text = get(client, f"{ANA}?service={ana.hour.pk}")
    assert 'Monday 23 November, </span><time datetime="2026-11-23T08:30Z">2:30am<span class="to"> to 3:30am' in text
    assert slots(text)[14] == "2026-11-24T08:00Z"
    assert f'value="{ana.hour.pk}" checked' in text.replace("\n", "")


def test_times_name_evening_and_night_of_the_provider(client, north, ana):
    with tenant_scope(north):
        calendars.set_weekly_hours(
            calendar=ana.calendar, hours=[OpenHours(day=1, opens=17 * 60, closes=24 * 60)], now=factories.NOW
        )
    text = get(client)
    assert '<span class="sub">5:30pm in Prague</span>' in text
    assert '<span class="sub">6pm in Prague, their evening</span>' in text
    assert '<span class="sub">10pm in Prague, their night</span>' in text


def test_times_on_the_same_clock_name_one_zone(client, ana):
    client.cookies["tz"] = "Europe/Vienna"
    text = get(client)
    assert "in Prague</span>" not in text
    assert "Both awake" not in text
    assert "Times are shown in Vienna time." in text


def test_busy_times_are_not_listed_and_asked_ones_by_rule(client, ana, north):
    with tenant_scope(north):
        for hour, kind in ((9, ClaimKind.SESSION), (10, ClaimKind.ASKED)):
            start = datetime(2026, 11, 23, hour, tzinfo=UTC)
            calendars.claim(
                calendars=[ana.calendar],
                start=start,
                end=start + timedelta(minutes=30),
                kind=kind,
                reference="booking:X",
            )
    listed = slots(get(client))
    assert "2026-11-23T09:00Z" not in listed
    assert "2026-11-23T10:00Z" not in listed
    with tenant_scope(north):
        services.update_service(service=ana.half, hides_asked_times=False)
    text = get(client)
    assert "2026-11-23T09:00Z" not in slots(text)
    assert '<li class="slot asked"><input type="radio" id="t202611231000"' in text
    assert text.count("Asked for; you can still ask") == 1


def test_a_paused_provider_offers_times_after_the_pause(client, ana, north):
    with tenant_scope(north):
        services.update_provider(provider=ana, paused_until=date(2026, 11, 26))
    text = get(client)
    assert "Ana Nowak is away until Thu 26 Nov. You can ask for times from that day on." in text
    assert slots(text)[0] == "2026-11-26T08:00Z"
    assert "Ana Nowak is away until Thu 26 Nov." in get(client, f"{ANA}?own=tomorrow+8am&do=check")


def bar(text: str) -> list[str]:
    area = re.search(r'<nav class="daybar".*?</nav>', text, re.DOTALL)[0]
    items = re.findall(r"<li>(.*?)</li>", area, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", item).strip() for item in items]


def test_day_bar_says_how_many_times_each_day_has(client, ana):
    assert bar(get(client)) == [
        "Mon 23 November, 15 free times", "Tue 24 November, 16 free times", "Wed 25 November, 16 free times",
        "Thu 26 November, 16 free times", "Fri 27 November, 16 free times", "Sat 28 November, no free times",
        "Sun 29 November, no free times",
    ]  # fmt: skip


def test_days_beyond_what_fits_are_shown_by_a_press(client, ana):
    text = get(client)
    assert re.findall(r'<a[^>]* href="#d-([^"]+)"', text) == ["2026-11-23", "2026-11-24"]
    assert re.findall(r'<button[^>]* name="day" value="([^"]+)"', text)[:1] == ["2026-11-25"]
    text = get(client, pressed(text, "Fri <b>27</b>", slot=[TUESDAY]))
    assert slots(text)[0] == "2026-11-27T08:00Z"
    assert bar(text)[0] == "Mon 23 November, 15 free times"
    assert chosen(text) == ["Tue 24 Nov, 8am to 8:30am"]


def test_earlier_and_later_keep_what_was_chosen(client, ana, three_times):
    text = get(client, f"{ANA}?slot={TUESDAY}")
    assert 'id="earlier"' in text
    text = get(
        client,
        pressed(
            text,
            '<svg class="i" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="m9 18 6-6-6-6"',
            slot=[TUESDAY, THURSDAY],
        ),
    )
    assert bar(text)[0] == "Tue 1 December, 16 free times"
    assert chosen(text) == ["Tue 24 Nov, 8am to 8:30am", "Thu 26 Nov, 9am to 9:30am"]
    assert f'<input type="hidden" name="slot" value="{TUESDAY}">' in text
    text = get(client, f"{ANA}?from=2026-11-30")
    assert re.search(r'id="earlier" name="from" value="2026-11-23"', text)


def test_there_is_no_week_before_today_or_after_the_last_day(client, ana):
    assert 'id="earlier"' not in get(client)
    text = get(client, f"{ANA}?from=2099-01-01")
    assert bar(text)[0] == "Fri 22 January, 1 free time"
    assert 'id="later"' not in text
    assert bar(get(client, f"{ANA}?from=1999-01-01"))[0] == "Mon 23 November, 15 free times"


@pytest.mark.parametrize("start", ["rubbish", "", "2026-02-31", "0001-01-01", "9999-12-31", "%00"])
def test_an_unreadable_week_is_the_next_free_one(client, ana, start):
    assert bar(get(client, f"{ANA}?from={start}"))[0] == "Mon 23 November, 15 free times"


def test_an_empty_day_says_so_and_leads_to_the_next_free_one(client, ana):
    text = get(client, f"{ANA}?from=2026-11-28")
    assert text.count('No free times. Next free: <a href="#d-2026-11-30">Mon 30 Nov</a>') == 2


def test_an_empty_week_leads_to_the_next_free_day(client, ana, north):
    with tenant_scope(north):
        for day in range(23, 31):
            calendars.set_override(calendar=ana.calendar, date=date(2026, 11, day), ranges=[], now=factories.NOW)
    text = get(client, f"{ANA}?from=2026-11-23")
    assert slots(text) == []
    button = '<button class="textbtn" name="day" value="2026-12-01">Tue 1 Dec</button>'
    assert text.count(f"No free times. Next free: {button}") == 7
    assert slots(get(client, pressed(text, "Tue 1 Dec")))[0] == "2026-12-01T08:00Z"
    # Without a day in the address the page begins there.
    assert slots(get(client))[0] == "2026-12-01T08:00Z"


def test_a_provider_without_any_time_says_so(client, north):
    with tenant_scope(north):
        factories.service(factories.provider(hours=[]))
    text = get(client)
    assert text.count('<p class="muted">No free times.</p>') == 7


@pytest.mark.parametrize(
    ("day", "shown", "error"),
    [
        ("2026-12-08", "Tue 8 December, 16 free times", None),
        ("2026-11-20", "Mon 23 November, 15 free times", "That day has passed. These are the times from today on."),
        ("2027-05-01", "Fri 22 January, 1 free time", "Times can be asked for until Fri 22 Jan 2027."),
        ("soon", "Mon 23 November, 15 free times", "Enter a day like 24/11/2026."),
        ("", "Mon 23 November, 15 free times", "Enter a day like 24/11/2026."),
    ],
)
def test_go_to_a_day(client, ana, day, shown, error):
    text = get(
        client,
        pressed(get(client, f"{ANA}?slot={TUESDAY}"), "Go", date=[day])
        if day == "2026-12-08"
        else f"{ANA}?do=go&date={day}",
    )
    assert bar(text)[0] == shown
    assert re.findall(r'id="go-to-e">.*?<span>([^<]+)</span>', text) == ([error] if error else [])
