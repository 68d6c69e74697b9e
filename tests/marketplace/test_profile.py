"""A provider's page and its time picker, by links and one form as without script (PG-04, D-3, CK-12 to CK-14)."""

import html
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from accounts.policies import Policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from calendars import services as calendars
from calendars.enums import ClaimKind
from calendars.hours import OpenHours
from marketplace import services
from marketplace.enums import Listing, Place
from tests import factories
from tests.worlds import kept

pytestmark = pytest.mark.usefixtures("at_demo_time")
ANA = "/t/north/experts/ana-nowak/"
# Chicago is seven hours behind Prague: 9:30 there is 2:30 here.
MONDAY = "2026-11-23T08:30Z"
TUESDAY = "2026-11-24T14:00Z"
THURSDAY = "2026-11-26T15:00Z"


@pytest.fixture
def ana(north, client):
    client.cookies["tz"] = "America/Chicago"
    return kept("Ana with a profile", _published, north)


def _published(north):
    with tenant_scope(north):
        tax = factories.topic("Tax and money")
        ana = factories.provider(bio="First line.\n\nSecond line.", topics=[tax], languages=["cs", "en"])
        ana.half = factories.service(ana, price=30, topic=tax, description="One decision.")
        ana.hour = factories.service(ana, "Deep dive", minutes=60, price=60, place=Place.PHONE)
        return ana


@pytest.fixture
def three_times(north):
    with tenant_scope(north):
        adopt_policy(policy=Policy(max_times=3))


def get(client, address: str = ANA, status: int = 200, **headers) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == status
    return html.unescape(response.content.decode())


def chosen(text: str) -> list[str]:
    """The times in the tray, best one first."""
    tray = re.search(r'<aside id="tray".*?</aside>', text, re.DOTALL)[0]
    return re.findall(r"<li>\s*<div>\s*<strong>([^<]+)</strong>", tray)


def main(text: str) -> str:
    return text.split("<main")[1].split("</main>", maxsplit=1)[0]


def notes(text: str) -> list[str]:
    area = re.search(r'<div id="notes".*?(?=<div class="card"|<nav)', text, re.DOTALL)[0]
    return re.findall(r"<p>([^<]+)</p>", area)


def pressed(text: str, button: str, **fields) -> str:
    """The address that pressing a button of the form leads to, with everything else as the page has it."""
    form = re.search(r'<form id="picker".*?</form>', text, re.DOTALL)[0]
    sent = []
    for control in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'{key}="([^"]*)"', control) for key in ("name", "value"))
        if name[1] in fields or (re.search(r'type="(radio|checkbox)"', control) and " checked" not in control):
            continue
        sent.append((name[1], value[1] if value else ""))
    sent += [(name, value) for name, values in fields.items() for value in values]
    [pressed] = re.findall(
        rf'<button[^>]*name="([^"]+)" value="([^"]*)"[^>]*>(?:(?!</button>).)*{button}', form, re.DOTALL
    )[:1]
    return f"{ANA}?{urlencode([*sent, pressed])}"


# --- the page ---------------------------------------------------------------------------------------


def test_profile_says_who_they_are(client, ana, north):
    with tenant_scope(north):
        services.update_provider(provider=ana, answers_within_hours=5)
    text = get(client)
    assert "<title>Ana Nowak – Northwind Mentors</title>" in text
    assert re.findall(r"<h1[^>]*>([^<]+)</h1>", text) == ["Ana Nowak"]
    for words in (
        "Tax planning for founders", "Prague, 9:14am there now", "Czech, English", "Usually answers in 5 hours",
        "<p>First line.</p>", "<p>Second line.</p>", '<li class="tag">Tax and money</li>',
        "30 minutes, video. One decision.", "60 minutes, phone", "30 credits", "60 credits",
        "Both awake 7am to 3pm your time.", "Times are shown in Chicago time. Ana Nowak is in Prague, 7 hours ahead.",
        "30 credits. Ana Nowak answers within 72 hours.",
    ):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("slug", ["nobody", "ana-nowak-2", "x" * 300])
def test_profile_of_nobody_is_404(client, ana, slug):
    get(client, f"/t/north/experts/{slug}/", 404)


def test_profile_of_the_unpublished_is_404(client, ana, north):
    with tenant_scope(north):
        services.update_provider(provider=ana, is_published=False)
    get(client, ANA, 404)
    get(client, f"{ANA}times/", 404, HX_Request="true")


def test_profile_belongs_to_its_tenant(client, ana, south):
    get(client, "/t/south/experts/ana-nowak/", 404)
    with tenant_scope(south):
        sue = factories.provider("Sue South")
        foreign = factories.service(sue)
    text = get(client, f"{ANA}?service={foreign.pk}")
    assert notes(text) == ["That service is not offered any more. Choose another one."]
    assert str(foreign.pk) not in main(text)


def test_profile_without_services_says_so(client, north):
    with tenant_scope(north):
        factories.provider()
    text = get(client)
    assert "Ana Nowak offers nothing to ask for right now" in text
    assert 'id="picker"' in text
    assert "<form" not in main(text)


def test_profile_leaves_out_services_of_a_paused_topic(client, ana, north):
    with tenant_scope(north):
        services.set_listing(provider=ana, topic=ana.half.topic, listing=Listing.SUSPENDED)
    text = get(client)
    assert "One decision." not in text
    assert "Deep dive" in text
    assert "Tax and money" not in text


def test_profile_tells_providers_that_it_is_their_own(client, ana):
    assert "This is your own page" not in get(client)
    client.force_login(ana.member.user)
    assert "This is your own page" in get(client)


@pytest.mark.parametrize(
    ("made", "leads_to"),
    [
        ("needs_client", "/t/north/portal/bookings/new/"),
        ("confirmed", "/t/north/portal/bookings/new/"),
        ("off", f"{ANA}request/"),
    ],
)
def test_a_provider_books_for_somebody_from_an_empty_time_of_their_own(client, ana, north, made, leads_to):
    """S3.12: the time and the service are in the form already; where clients ask themselves nothing changes (D16)."""
    with tenant_scope(north):
        adopt_policy(policy=Policy(provider_made=made))
    client.force_login(ana.member.user)
    text = get(client, f"{ANA}?slot={TUESDAY}")
    assert ("Choose a time and continue to book it for somebody." in text) == (made != "off")

    response = client.get(pressed(text, "Continue"))

    place = urlsplit(response.headers["location"])
    assert (place.path, TUESDAY in parse_qs(place.query)["slot" if made == "off" else "at"]) == (leads_to, True)
    assert client.get(response.headers["location"]).status_code == 200


def test_on_the_page_of_another_provider_one_is_a_client(client, ana, north):
    with tenant_scope(north):
        adopt_policy(policy=Policy(provider_made="confirmed"))
        client.force_login(factories.provider("Ben Larsen").member.user)
    response = client.get(pressed(get(client, f"{ANA}?slot={TUESDAY}"), "Continue"))
    assert urlsplit(response.headers["location"]).path == f"{ANA}request/"


# --- the times --------------------------------------------------------------------------------------


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


# --- days -------------------------------------------------------------------------------------------


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


# --- choosing ---------------------------------------------------------------------------------------


def test_one_time_is_a_radio_button_and_continues_to_the_request(client, ana):
    text = get(client)
    assert 'type="radio" id="t202611231400" name="slot"' in text
    assert chosen(text) == []
    response = client.get(pressed(text, "Continue", slot=[TUESDAY]))
    assert response.status_code == 302
    target = urlsplit(response.headers["Location"])
    assert target.path == f"{ANA}request/"
    assert parse_qs(target.query) == {"service": [str(ana.half.pk)], "slot": [TUESDAY]}


def test_a_new_radio_button_replaces_a_time_of_another_week(client, ana):
    text = get(client, f"{ANA}?slot={TUESDAY}&from=2026-11-30")
    assert chosen(text) == ["Tue 24 Nov, 8am to 8:30am"]
    text = get(client, pressed(text, "Check", slot=[TUESDAY, "2026-12-01T14:00Z"]))
    assert chosen(text) == ["Tue 1 Dec, 8am to 8:30am"]


def test_continue_without_a_time_asks_for_one(client, ana):
    text = get(client, pressed(get(client), "Continue"))
    assert notes(text) == ["Choose a time first."]


def test_three_times_are_put_in_order_by_buttons(client, ana, three_times):
    text = get(client)
    assert "2. When would suit you? Choose up to 3" in text
    assert 'type="checkbox" id="t202611231400" name="slot"' in text
    text = get(client, pressed(text, "Check", slot=[TUESDAY, MONDAY]))
    monday, tuesday = "Mon 23 Nov, 2:30am to 3am", "Tue 24 Nov, 8am to 8:30am"
    assert chosen(text) == [tuesday, monday]
    assert "Your times (2 of 3)" in text
    assert "You can add 1 more time" in text
    moved = client.get(pressed(text, f'Move up<span class="vh"> {monday}'))
    assert moved.status_code == 302
    # The address holds the outcome, so that loading it again moves nothing.
    assert "move" not in moved.headers["Location"]
    text = get(client, moved.headers["Location"])
    assert chosen(text) == [monday, tuesday]
    text = get(client, client.get(pressed(text, f'Move down<span class="vh"> {monday}')).headers["Location"])
    assert chosen(text) == [tuesday, monday]
    text = get(client, client.get(pressed(text, f'Remove<span class="vh"> {tuesday}')).headers["Location"])
    assert chosen(text) == [monday]


def test_the_first_cannot_move_up_nor_the_last_down(client, ana, three_times):
    text = get(client, f"{ANA}?slot={MONDAY}&slot={TUESDAY}")
    assert re.findall(r">Move (up|down)<", text) == ["down", "up"]


def test_a_fourth_time_is_explained_and_not_taken(client, ana, three_times):
    three = [MONDAY, TUESDAY, THURSDAY]
    text = get(client, pressed(get(client), "Check", slot=three))
    fourth = "2026-11-25T14:00Z"
    text = get(client, pressed(text, "Continue", slot=[*three, fourth]))
    assert notes(text) == ["You have 3 times. Remove one first."]
    assert chosen(text) == ["Mon 23 Nov, 2:30am to 3am", "Tue 24 Nov, 8am to 8:30am", "Thu 26 Nov, 9am to 9:30am"]
    assert "You can add" not in text


def test_continue_takes_the_times_in_order(client, ana, three_times):
    text = get(client, f"{ANA}?slot={THURSDAY}&slot={MONDAY}")
    assert "Continue with 2 times" in text
    target = urlsplit(client.get(pressed(text, "Continue with 2 times")).headers["Location"])
    assert parse_qs(target.query)["slot"] == [THURSDAY, MONDAY]


@pytest.mark.parametrize(
    ("slot", "note"),
    [
        ("2026-11-23T08:00Z", "Mon 23 Nov, 2am to 2:30am is not free any more. Choose another time."),
        ("2026-11-28T10:00Z", "Sat 28 Nov, 4am to 4:30am is not free any more. Choose another time."),
        ("2026-11-24T14:10Z", "Tue 24 Nov, 8:10am to 8:40am is not free any more. Choose another time."),
        ("2027-06-01T14:00Z", "Tue 1 Jun 2027, 9am to 9:30am is not free any more. Choose another time."),
        ("2020-06-01T14:00Z", "Mon 1 Jun 2020, 9am to 9:30am is not free any more. Choose another time."),
        ("rubbish", "We could not read one of the times. Choose it again."),
        ("2026-11-24T14:00", "We could not read one of the times. Choose it again."),
    ],
)
def test_times_that_cannot_be_had_are_named_and_the_others_stay(client, ana, three_times, slot, note):
    text = get(client, f"{ANA}?slot={slot}&slot={THURSDAY}&do=continue")
    assert notes(text) == [note]
    assert chosen(text) == ["Thu 26 Nov, 9am to 9:30am"]


@pytest.mark.parametrize("service", ["rubbish", "00000000-0000-0000-0000-000000000000", "%00"])
def test_an_unknown_service_is_said_and_the_first_is_shown(client, ana, service):
    text = get(client, f"{ANA}?service={service}")
    assert notes(text) == ["That service is not offered any more. Choose another one."]
    assert f'value="{ana.half.pk}" checked' in text


def test_a_withdrawn_service_is_not_offered(client, ana, north):
    with tenant_scope(north):
        services.update_service(service=ana.hour, is_active=False)
    text = get(client, f"{ANA}?service={ana.hour.pk}")
    assert notes(text) == ["That service is not offered any more. Choose another one."]
    assert str(ana.hour.pk) not in main(text)


# --- a time of one's own (D-3) ------------------------------------------------------------------------


def answer(text: str) -> str:
    area = re.search(r'<div id="own-a".*?</p>', text, re.DOTALL)[0]
    return " ".join(re.sub(r"<[^>]+>", "", area).split())


def offers(text: str) -> list[str]:
    return re.findall(r'name="add" value="([^"]+)"', text)


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


# --- htmx -------------------------------------------------------------------------------------------


def test_times_alone_for_htmx_and_the_page_for_all_others(client, ana):
    text = get(client, f"{ANA}times/?slot={TUESDAY}", HX_Request="true")
    assert "<html" not in text
    assert chosen(text) == ["Tue 24 Nov, 8am to 8:30am"]
    response = client.get(f"{ANA}times/?slot={TUESDAY}")
    assert response.status_code == 302
    assert response.headers["Location"] == f"{ANA}?slot={TUESDAY}#times"


def test_htmx_keeps_the_choice_in_the_address(client, ana):
    response = client.get(f"{ANA}times/?slot={TUESDAY}", headers={"HX-Request": "true"})
    query = parse_qs(urlsplit(response.headers["HX-Push-Url"]).query)
    assert query == {"service": [str(ana.half.pk)], "from": ["2026-11-24"], "slot": [TUESDAY]}
    assert "HX-Request" in response.headers["Vary"]


def test_a_tick_changes_the_tray_and_leaves_the_boxes(client, ana, three_times):
    response = client.get(f"{ANA}times/?part=tray&slot={TUESDAY}&order=", headers={"HX-Request": "true"})
    text = response.content.decode()
    assert 'name="slot"' not in text
    assert chosen(text) == ["Tue 24 Nov, 8am to 8:30am"]
    assert '<span class="order" id="o-t202611241400" hx-swap-oob="true">1st</span>' in text
    assert f'<input type="hidden" name="order" value="{TUESDAY}">' in text
    assert "HX-Retarget" not in response.headers


def test_a_refused_tick_brings_the_times_anew(client, ana, three_times):
    query = "&".join(f"slot={slot}" for slot in (MONDAY, TUESDAY, THURSDAY, "2026-11-25T14:00Z"))
    response = client.get(f"{ANA}times/?part=tray&{query}", headers={"HX-Request": "true"})
    assert response.headers["HX-Retarget"] == "#picker"
    text = response.content.decode()
    assert notes(text) == ["You have 3 times. Remove one first."]
    assert re.findall(r'name="slot" value="([^"]+)" checked', text) == [MONDAY, TUESDAY]
    assert f'<input type="hidden" name="slot" value="{THURSDAY}">' in text


def test_header_follows_the_times_into_the_zone_of_the_device(north, client, ana, three_times):
    """R-TZ-2: a guest's first page is in the marketplace's time; then the script says where the device is."""
    del client.cookies["tz"]
    first = get(client, ANA)
    assert "Times are in <strong>Prague</strong> time (the marketplace’s)" in first
    assert 'name="zone" value="Europe/Prague"' in first
    client.cookies["tz"] = "Asia/Tokyo"

    then = get(client, f"{ANA}times/?part=tray&zone=Europe/Prague&slot={TUESDAY}&order=", HX_Request="true")

    assert '<div class="tz-strip" id="zone-strip" hx-swap-oob="true"><span>Times are in <strong>Tokyo</strong>' in then
    assert '<a class="tz" id="zone" hx-swap-oob="true"' in then
    assert 'name="slot"' in then  # the times themselves, too, and not the tray alone
    assert chosen(then) == ["Tue 24 Nov, 11pm to 11:30pm"]


def test_htmx_continues_by_loading_the_request(client, ana):
    response = client.get(f"{ANA}times/?slot={TUESDAY}&do=continue", headers={"HX-Request": "true"})
    assert urlsplit(response.headers["HX-Redirect"]).path == f"{ANA}request/"


@pytest.mark.parametrize(
    ("query", "focused"),
    [
        (f"slot={MONDAY}&slot={TUESDAY}&order={MONDAY}+{TUESDAY}&move={TUESDAY}+up", "Move down"),
        (f"slot={MONDAY}&slot={TUESDAY}&order={MONDAY}+{TUESDAY}&move={MONDAY}+down", "Move up"),
        (f"slot={MONDAY}&slot={TUESDAY}&order={MONDAY}+{TUESDAY}&drop={MONDAY}", "Your times (1 of 3)"),
        (f"slot={MONDAY}&add={TUESDAY}&order={MONDAY}", "Your times (2 of 3)"),
    ],
)
def test_focus_goes_where_the_work_is(client, ana, three_times, query, focused):
    """R-HX-4."""
    text = get(client, f"{ANA}times/?{query}", HX_Request="true")
    [element] = re.findall(r"<(?:button|h2)[^>]* autofocus>(.*?)</(?:button|h2)>", text, re.DOTALL)
    assert re.sub(r"<svg.*?</svg>", "", element).startswith(focused)


# --- numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", f"?slot={TUESDAY}&slot={THURSDAY}&from=2026-12-07&own=Thu+2am&do=check"])
def test_profile_takes_a_fixed_number_of_queries(
    client, ana, north, three_times, django_assert_num_queries, django_assert_max_num_queries, query
):
    get(client, ANA + query)
    with django_assert_max_num_queries(15) as few:
        get(client, ANA + query)
    expected = len(few)  # Kept now: the next request clears the log.
    with tenant_scope(north):
        services.update_provider(provider=ana, topics=[factories.topic(f"Topic {number}") for number in range(3)])
        for number in range(3):
            factories.service(ana, f"Service {number}")
            factories.service(factories.provider(f"Person {number}"))
    with django_assert_num_queries(expected):
        get(client, ANA + query)
