"""Staff reopen a cancelled booking in the administration: preview, reason, apply, and refused when it moved on (T34, PG-81)."""

from datetime import timedelta

import pytest
import time_machine

from accounts.tenancy import tenant_scope
from bookings import services as bookings
from bookings.enums import Action, Actor, Status
from tests import factories

from .conftest import NOW
from .steps import apply, events, form_of, fresh, links, log, mails, page, preview


@pytest.fixture
def cancelled(agreed, act, mine):
    act(agreed, Action.CANCEL, Actor.CLIENT, reason_text="Something came up")
    return fresh(mine, agreed)


def test_a_cancelled_booking_can_be_reopened_and_others_say_why_not(mine, staff, agreed, cancelled):
    assert "Reopen" in links(staff, cancelled)


def test_what_was_never_agreed_says_what_is_possible_instead(mine, staff, act):
    act(mine.booking, Action.WITHDRAW, Actor.CLIENT)
    answer = staff.get(f"/t/north/admin/bookings/booking/{mine.booking.pk}/change/")
    assert "Reopen" not in links(staff, mine.booking)
    assert "Nothing was agreed here that could be reopened." in answer.content.decode()


def test_the_preview_shows_time_state_and_mails_and_changes_nothing(mine, staff, cancelled):
    shown, _ = preview(staff, cancelled, "reopen", reason_text="It was the wrong one")
    said = shown.context["preview"]
    assert said.lines[0].startswith("State: Cancelled → ")
    assert "Thu 26 Nov" in said.times[0]
    assert any("kept in both calendars" in line for line in said.lines)
    assert fresh(mine, cancelled).status == Status.CANCELLED


def test_it_is_agreed_again_and_logged(mine, staff, cancelled):
    assert apply(staff, cancelled, "reopen", reason_text="It was the wrong one").status_code == 303
    done = fresh(mine, cancelled)
    assert done.status in (Status.CONFIRMING, Status.CONFIRMED)
    assert events(mine, cancelled)[-1] == "Reopened by staff"
    assert log(mine).changes[-1] == {"why": "It was the wrong one"}
    with tenant_scope(mine.tenant):
        if done.status == Status.CONFIRMING:
            bookings.set_up(booking_id=cancelled.pk, now=NOW)
    assert mails(mine, cancelled).count("booking_confirmed_client") == 2


def test_somebody_who_got_the_time_meanwhile_keeps_it(mine, staff, cancelled):
    """409, the form with its reason, nothing changed (B1)."""
    form = form_of(staff, cancelled, "reopen", reason_text="It was the wrong one")
    with tenant_scope(mine.tenant):
        other = bookings.request_session(
            client=factories.member("Lena Hartmann"),
            service=cancelled.service,
            starts=[cancelled.starts_at],
            now=NOW,
        )
        who = {"actor": Actor.PROVIDER, "by": other.provider.member}
        bookings.perform(booking=other, action=Action.ACCEPT, now=NOW, start=cancelled.starts_at, **who)
    answer = staff.post(page(cancelled, "reopen"), {**form, "preview": "Preview"})
    assert answer.status_code == 409
    assert "It was the wrong one" in answer.content.decode()
    assert fresh(mine, cancelled).status == Status.CANCELLED


def test_two_of_the_staff_reopen_once(mine, staff, cancelled):
    shown, form = preview(staff, cancelled, "reopen", reason_text="By mistake")
    sent = {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"}
    assert staff.post(page(cancelled, "reopen"), sent).status_code == 303
    assert staff.post(page(cancelled, "reopen"), sent).status_code == 303
    assert events(mine, cancelled).count("Reopened by staff") == 1


def test_a_booking_that_went_on_since_is_not_touched(mine, staff, cancelled, act):
    _, form = preview(staff, cancelled, "reopen", reason_text="By mistake")
    apply(staff, cancelled, "note", message="Both called us")
    answer = staff.post(page(cancelled, "reopen"), {**form, "preview": "Preview"})
    assert answer.status_code == 409
    assert fresh(mine, cancelled).status == Status.CANCELLED


def test_a_reason_is_asked_for(mine, staff, cancelled):
    form = form_of(staff, cancelled, "reopen")
    answer = staff.post(page(cancelled, "reopen"), {**form, "preview": "Preview"})
    assert answer.status_code == 422
    assert "Say the reason in a few words." in answer.content.decode()


def test_after_its_end_it_can_be_reopened_to_say_how_it_went(mine, staff, cancelled):
    with time_machine.travel(cancelled.starts_at + timedelta(hours=2), tick=False):
        assert apply(staff, cancelled, "reopen", reason_text="They met all the same").status_code == 303
