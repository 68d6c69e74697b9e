"""A provider's weekly hours, as they send and see them (PG-42, F35, S0.20)."""

import re
from html import unescape

import pytest

from accounts.tenancy import tenant_scope

from .reading import BASE, prague, typed, values, words


def test_the_week_stands_as_it_is_kept_with_its_zone(scene):
    page = scene.client.get(BASE)

    assert (values(page, "opens-0"), values(page, "closes-0"), values(page, "opens-6")) == (["9am"], ["5pm"], [])
    assert "In Prague (GMT+1) time. Change the time zone" in words(page)
    assert "Sunday Sunday Not available" in words(page)
    # Ana lives where her hours are.
    assert "Other pages show you" not in words(page)


def test_a_saved_week_is_what_can_be_booked_at_once(scene):
    sent = {**typed(tuesday=[("9", "12"), ("13:00", "5pm")], friday=[("22:00", "24:00")]), "do": "save"}

    answer = scene.client.post(BASE, sent)

    assert answer.status_code == 303
    assert scene.week() == [(1, 540, 720), (1, 780, 1020), (4, 1320, 1440)]
    text = words(scene.client.get(BASE))
    assert "Your weekly hours are saved." in text
    assert "9am to midday and 1pm to 5pm" in text
    assert "Tue 24 Nov 9am to 11:30am and 1pm to 4:30pm , 14 times" in text
    assert "Fri 27 Nov 10pm to 11:30pm , 4 times" in text


@pytest.mark.parametrize(
    ("line", "sentence", "field"),
    [
        (("9am", ""), "Enter when it ends as well, like 5pm.", "closes-0-0"),
        (("", "5pm"), "Enter when it begins as well, like 9am.", "opens-0-0"),
        (("5pm", "9am"), "The end must be later than the start.", "closes-0-0"),
        (("9:02", "17:00"), "Hours begin and end at full 5 minutes. Enter times like 9:00 or 9:05.", "opens-0-0"),
        (("<b>", "5pm"), "We could not read “<b>”. Enter a time like 9am or 17:30.", "opens-0-0"),
    ],
)
def test_hours_that_cannot_be_used_are_kept_as_typed_and_change_nothing(scene, line, sentence, field):
    before = scene.week()

    page = scene.client.post(BASE, typed(monday=[line], saturday=[("10:10", "noon")]))

    assert page.status_code == 422
    assert scene.week() == before
    assert [unescape(text) for text in (*values(page, "opens-0"), *values(page, "closes-0"))] == list(line)
    assert (values(page, "opens-5"), values(page, "closes-5")) == (["10:10"], ["noon"])
    body = page.content.decode()
    assert f'<a href="#{field}">Monday: {sentence}' in unescape(body)
    assert re.search(rf'id="{field}"[^>]* aria-describedby="0-0-error"[^>]*aria-invalid="true"', body)
    assert words(page).count(sentence) == 2


def test_overlapping_hours_are_named_and_can_be_joined(scene):
    page = scene.client.post(BASE, typed(monday=[("9am", "11am"), ("10am", "midday")]))

    assert page.status_code == 422
    assert "9am to 11am and 10am to midday overlap. Change one of them, or join them." in words(page)

    joined = scene.client.post(BASE, {**typed(monday=[("9am", "11am"), ("10am", "midday")]), "do": "join-0"})
    assert (values(joined, "opens-0"), values(joined, "closes-0")) == (["9am"], ["midday"])


def test_buttons_change_lines_without_script_and_save_nothing(scene):
    before, sent = scene.week(), typed(monday=[("9am", "half")], tuesday=[("8am", "9am"), ("10am", "11am")])

    added = scene.client.post(BASE, {**sent, "do": "add-0"})
    removed = scene.client.post(BASE, {**sent, "do": "remove-1-0"})
    copied = scene.client.post(BASE, {**sent, "do": "copy-1", "to-1": ["0", "6"]})
    nowhere = scene.client.post(BASE, {**sent, "do": "copy-1"})

    assert "Monday Monday Not clear yet" in words(added)
    assert "Tuesday Tuesday 8am to 9am and 10am to 11am" in words(added)
    assert (values(added, "opens-0"), values(added, "closes-0")) == (["9am", ""], ["half", ""])
    assert "One more line for Monday. Nothing is saved yet." in words(added)
    assert values(removed, "opens-1") == ["10am"]
    assert [values(copied, f"opens-{day}") for day in (0, 1, 2, 6)] == [
        ["8am", "10am"],
        ["8am", "10am"],
        [],
        ["8am", "10am"],
    ]
    assert "Tuesday is copied to Monday, Sunday. Nothing is saved yet." in words(copied)
    assert "Choose the days to copy to." in words(nowhere)
    assert {page.status_code for page in (added, removed, copied, nowhere)} == {200}
    assert scene.week() == before


@pytest.mark.parametrize(
    "button", ["add-7", "remove-0-9", "copy-x", "join--1", "remove-0", "add-٣", "nonsense", "-", "add-0-0-0"]
)
def test_buttons_that_are_none_of_ours_do_no_harm(scene, button):
    page = scene.client.post(BASE, {**typed(monday=[("9am", "5pm")]), "do": button})

    assert page.status_code == 200
    assert "9am" in values(page, "opens-0")


def test_script_gets_only_the_week(scene):
    page = scene.client.post(BASE, {**typed(monday=[("9am", "5pm")]), "do": "add-0"}, headers={"HX-Request": "true"})

    body = page.content.decode()
    assert "<main" not in body
    assert body.count('name="opens-0"') == 2
    assert "autofocus" in body


def test_a_day_has_so_many_lines_and_no_more(scene):
    lines = [(f"{hour}:00", f"{hour}:30") for hour in range(8, 17)]

    page = scene.client.post(BASE, typed(monday=lines))

    assert page.status_code == 422
    assert "A day has 8 lines at most. Make some of them one." in words(page)


def test_sessions_outside_the_new_hours_stay_and_are_named_with_their_links(scene):
    agreed, asked = scene.agree(prague(24, 10)), scene.ask(prague(25, 11))
    inside = scene.agree(prague(26, 15))

    scene.client.post(BASE, typed(thursday=[("2pm", "5pm")]))

    page = scene.client.get(BASE)
    text = words(page)
    assert "1 agreed meeting and 1 time that is asked for lie outside your hours: they stay as they are." in text
    for code in (agreed.code, asked.code):
        assert f"/t/north/bookings/{code}/" in page.content.decode()
    assert f"/t/north/bookings/{inside.code}/" not in page.content.decode()
    assert "Tax planning with Kim Okafor , Tue 24 Nov, 10am to 10:30am" in text
    assert "Tax planning with Kim Okafor, asked for , Wed 25 Nov, 11am to 11:30am" in text
    with tenant_scope(scene.tenant):
        agreed.refresh_from_db()
        assert agreed.status == "confirming"


def test_another_zone_reads_the_hours_anew_and_keeps_what_is_agreed(scene):
    booking = scene.agree(prague(24, 10))

    answer = scene.client.post(f"{BASE}zone/", {"zone": "America/Chicago"})

    assert answer.status_code == 303
    text = words(scene.client.get(BASE))
    assert "Your hours are in Chicago time now. What is agreed stays at the moment it was agreed for." in text
    assert "1 agreed meeting lies outside your hours: it stays as it is." in text
    assert "In Chicago (GMT−6) time." in text
    assert "Other pages show you Prague time." in text
    with tenant_scope(scene.tenant):
        booking.refresh_from_db()
        assert booking.starts_at == prague(24, 10)
    assert scene.client.post(f"{BASE}zone/", {"zone": "Mars/Base"}).status_code == 422
