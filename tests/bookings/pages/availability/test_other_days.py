"""Days away and other hours on a date (PG-42, F35)."""

from datetime import date

import pytest

from calendars.hours_queries import OtherDays

from .reading import BASE, prague, values, words


def away(first, last="", **more):
    return {"first": first, "last": last, "kind": "away", "opens-date": "", "closes-date": "", **more}


def other(first, *lines, **more):
    return {
        "first": first, "last": "", "kind": "hours", "opens-date": [one for one, _ in lines],
        "closes-date": [one for _, one in lines], **more,
    }  # fmt: skip


def test_days_away_are_looked_at_first_and_then_saved(scene):
    agreed = scene.agree(prague(25, 10))

    look = scene.client.post(f"{BASE}days/", away("2026-11-24", "2026-11-26", do="look"))

    text = words(look)
    assert "Nobody can ask you for any of these days: Tue 24 Nov to Thu 26 Nov." in text
    assert "47 times of “Tax planning” can't be asked for any more." in text
    assert "1 agreed meeting lies at that time" in text
    assert f"/t/north/bookings/{agreed.code}/" in look.content.decode()
    assert scene.days() == []

    saved = scene.client.post(f"{BASE}days/", away("2026-11-24", "2026-11-26", do="save"))

    assert saved.status_code == 303
    assert scene.days() == [OtherDays(date(2026, 11, 24), date(2026, 11, 26), ())]
    text = words(scene.client.get(f"{BASE}days/"))
    assert "1 agreed meeting lies within: it stays as it is." in text
    assert "Tue 24 Nov to Thu 26 Nov Away Remove" in text
    assert "Tue 24 Nov 9am" not in text
    assert "Fri 27 Nov 9am to 4:30pm" in text


def test_other_hours_on_a_date_replace_what_was_said_of_it(scene):
    scene.client.post(f"{BASE}days/", away("2026-11-24", "2026-11-25"))

    look = scene.client.post(f"{BASE}days/", other("2026-11-24", ("6pm", "8pm"), do="look"))
    scene.client.post(f"{BASE}days/", other("2026-11-24", ("6pm", "8pm")))

    assert "On Tue 24 Nov you can be booked 6pm to 8pm, in place of your weekly hours." in words(look)
    assert "What you said before of these days is replaced: Tue 24 Nov to Wed 25 Nov." in words(look)
    assert scene.days() == [
        OtherDays(date(2026, 11, 24), date(2026, 11, 24), ((1080, 1200),)),
        OtherDays(date(2026, 11, 25), date(2026, 11, 25), ()),
    ]
    assert "Tue 24 Nov 6pm to 7:30pm , 4 times" in words(scene.client.get(f"{BASE}days/"))


def test_days_are_taken_off_the_list(scene):
    scene.client.post(f"{BASE}days/", away("2026-11-24", "2026-11-25"))

    scene.client.post(f"{BASE}days/", {"do": "clear", "from": "2026-11-24", "until": "2026-11-25"})
    again = scene.client.post(f"{BASE}days/", {"do": "clear", "from": "2026-11-24", "until": "2026-11-25"}, follow=True)
    unclear = scene.client.post(f"{BASE}days/", {"do": "clear", "from": "soon"}, follow=True)

    assert scene.days() == []
    assert "Tue 24 Nov to Wed 25 Nov: your weekly hours count again." in words(again)
    assert "These days are as every week already." in words(unclear)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (away(""), "Enter the first day."),
        (away("2026-11-22"), "That day has passed. Enter today or a later day."),
        (away("2026-12-02", "2026-12-01"), "The last day is before the first one. Enter a later day, or change the first."),
        (away("2026-12-02", "2028-01-01"), "366 days fit at once. Enter an earlier last day."),
        (away("2036-12-02"), "That is more than two years ahead. Enter an earlier day."),
        (away("0001-01-01"), "That day has passed. Enter today or a later day."),
        (away("soon"), "We could not read this day. Enter it like 24/12/2026."),
        (away("2026-11-24", kind=""), "Choose whether you are away or have other hours."),
        (other("2026-11-24", ("", "")), "Enter from when to when, or choose that you are away."),
        (other("2026-11-24"), "Enter from when to when, or choose that you are away."),
        (other("2026-11-24", ("9am", "")), "Enter when it ends as well, like 5pm."),
        (other("2026-11-24", ("9am", "11am"), ("10am", "1pm")), "9am to 11am and 10am to 1pm overlap."),
        (
            other("2027-03-28", ("2:30", "5am")),
            "The clocks go forward on Sun 28 Mar 2027: 2am to 3am does not exist. Enter a time before 2am, or 3am or later.",
        ),
        (other("2027-03-27", ("2:30", "5am"), last="2027-03-29"), "The clocks go forward on Sun 28 Mar 2027"),
    ],
)  # fmt: skip
def test_days_that_cannot_be_are_kept_as_typed_and_change_nothing(scene, sent, sentence):
    page = scene.client.post(f"{BASE}days/", sent)

    assert page.status_code == 422
    assert words(page).count(sentence) == 2
    typed_lines = sent["opens-date"]
    assert values(page, "opens-date") == ([typed_lines] if isinstance(typed_lines, str) else typed_lines or [""])
    assert scene.days() == []


def test_lines_for_other_hours_can_be_added_without_script(scene):
    page = scene.client.post(f"{BASE}days/", other("2026-11-24", ("9am", "1"), do="add"))

    assert (values(page, "opens-date"), values(page, "closes-date")) == (["9am", ""], ["1", ""])
    assert values(page, "first") == ["2026-11-24"]
    assert scene.days() == []
