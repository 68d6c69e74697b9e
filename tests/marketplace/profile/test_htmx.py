"""The time picker asked for by script: a part of the page, with focus and address (PG-04, CK-14)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from .reading import ANA, MONDAY, THURSDAY, TUESDAY, chosen, get, notes

pytestmark = pytest.mark.usefixtures("at_demo_time")


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
