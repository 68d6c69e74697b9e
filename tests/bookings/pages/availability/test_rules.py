"""The rules of a provider's services beside their hours (PG-42, F36)."""

import pytest

from accounts.tenancy import tenant_scope
from tests import factories

from .reading import BASE, values, words


def test_rules_say_what_they_do(scene):
    with tenant_scope(scene.tenant):
        factories.service(scene.ana, "Deep dive", minutes=60, step_minutes=60, buffer_after=15, notice_minutes=26 * 60)

    text = words(scene.client.get(f"{BASE}rules/"))

    assert "Start every 30 minutes In open hours, meetings begin at 9am, 9:30am, 10am and so on." in text
    assert "A meeting may begin the moment another one ends." in text
    assert "15 minutes after A meeting of 1 hour keeps 75 minutes of your time free of others." in text
    assert "26 hours Asked now, the first time that can be had is Tue 24 Nov, 11:14am or later." in text
    assert "60 days Today, times can be asked for until Fri 22 Jan 2027. The marketplace sets this." in text


def test_changed_rules_are_what_can_be_booked(scene):
    change = f"{BASE}rules/?service={scene.service.pk}&change=1"
    assert values(scene.client.get(change), "step_minutes") == ["30"]

    sent = {"step_minutes": "60", "buffer_before": "0", "buffer_after": "15", "notice": "2", "unit": "1440"}
    answer = scene.client.post(change, sent)

    assert answer.status_code == 303
    text = words(scene.client.get(f"{BASE}rules/"))
    assert "30 minutes, starting every 60 minutes." in text
    assert "Wed 25 Nov 10am to 4pm , 7 times" in text
    assert "Tue 24 Nov" not in text.split("What can be booked")[1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"step_minutes": "7"}, "Enter a multiple of 5 minutes."),
        ({"step_minutes": ""}, "Enter a whole number of minutes, like 15."),
        ({"buffer_after": "125"}, "Enter 120 minutes or less."),
        ({"notice": "-1"}, "Enter a whole number, like 24. 0 is none."),
        ({"notice": "61", "unit": "1440"}, "Enter 60 days or less."),
    ],
)
def test_rules_that_cannot_be_change_nothing(scene, changes, sentence):
    sent = {"step_minutes": "60", "buffer_before": "0", "buffer_after": "15", "notice": "2", "unit": "60", **changes}

    page = scene.client.post(f"{BASE}rules/", sent)

    assert page.status_code == 422
    assert words(page).count(sentence) == 2
    with tenant_scope(scene.tenant):
        scene.service.refresh_from_db()
    assert scene.service.step_minutes == 30
