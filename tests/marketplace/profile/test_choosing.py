"""Choosing times on a provider's page, by one form as without script (PG-04, CK-13)."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.tenancy import tenant_scope
from marketplace import services

from .reading import ANA, MONDAY, THURSDAY, TUESDAY, chosen, get, main, notes, pressed

pytestmark = pytest.mark.usefixtures("at_demo_time")


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
        ("2026-11-23T08:00Z", "Mon 23 Nov, 2am to 2:30am has passed. Choose another time."),
        ("2026-11-28T10:00Z", "Sat 28 Nov, 4am to 4:30am is not free any more. Choose another time."),
        ("2026-11-24T14:10Z", "Tue 24 Nov, 8:10am to 8:40am is not free any more. Choose another time."),
        ("2027-06-01T14:00Z", "Tue 1 Jun 2027, 9am to 9:30am is not free any more. Choose another time."),
        ("2020-06-01T14:00Z", "Mon 1 Jun 2020, 9am to 9:30am has passed. Choose another time."),
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
