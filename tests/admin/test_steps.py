"""Staff act on a booking: reason, preview, apply; refused when it moved on; no other way moves a status (PG-81, PG-82, T33)."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from accounts.tenancy import tenant_scope
from bookings.enums import Action, Actor, SupportState
from bookings.models import Booking, LateChange

from .conftest import NOW, ask
from .steps import BASE, START, apply, events, fresh, links, log, mails, page, preview, when


def test_a_pending_booking_offers_what_is_possible(mine, staff):
    assert links(staff, mine.booking) == [
        "Give it to somebody else",
        "Change the price",
        "Accept for them",
        "Decline for them",
        "Cancel for them",
        "Add a note",
    ]


def test_an_agreed_booking_offers_what_is_possible_and_says_what_is_not_yet(mine, staff, agreed):
    answer = staff.get(f"{BASE}{agreed.pk}/change/")

    assert [label for _, label in answer.context["links"]] == [
        "Change date or time",
        "Give it to somebody else",
        "Change the price",
        "Cancel for them",
        "Add a note",
    ]
    assert [line.partition(":")[0] for line in answer.context["blocked"]] == [
        "Say that it took place",
        "Say who did not come",
    ]
    assert f'href="/t/north/bookings/{agreed.code}/"' in answer.text


def test_there_is_no_field_to_write_a_status_a_price_or_credits(mine, staff, agreed):
    form = staff.get(f"{BASE}{agreed.pk}/change/").text.partition('id="booking_form"')[2]

    written = {name.rpartition("-")[2] for name in re.findall(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"', form)}
    assert written & {field.name for field in Booking._meta.get_fields()} <= {"id"}
    assert staff.post(f"{BASE}{agreed.pk}/change/", {"status": "completed"}).status_code == 403
    assert fresh(mine, agreed).status == "confirmed"


def test_amend_shows_both_clocks_the_mails_and_the_calendar_file_before_it_is_done(mine, staff, agreed):
    """PG-82: exactly what each person gets; the preview changes nothing."""
    before = mails(mine, agreed)

    shown, _ = preview(staff, agreed, "amend", day="2026-11-27", at="2pm", minutes=60, reason_text="Both asked us.")

    found = shown.context["preview"]
    assert found.times == [
        "Prague time: Fri 27 Nov, 2pm to 3pm (Prague)",
        "Ana Providerqqnorth: Fri 27 Nov, 2pm to 3pm (Prague)",
        "Kim Clientqqnorth: Fri 27 Nov, 7am to 8am (Chicago)",
    ]
    assert found.lines == ["Fri 27 Nov, 2pm is kept in both calendars.", "Thu 26 Nov, 10am is free again."]
    assert sorted((mail.to, mail.file) for mail in found.mails) == [
        ("Ana Providerqqnorth", "calendar file, SEQUENCE 0 → 1"),
        ("Kim Clientqqnorth", "calendar file, SEQUENCE 0 → 1"),
    ]
    assert all("Both asked us." in mail.text for mail in found.mails)
    assert (fresh(mine, agreed).starts_at, mails(mine, agreed)) == (START, before)


def test_amend_moves_it_for_both_and_is_logged(mine, staff, agreed):
    answer = apply(
        staff, agreed, "amend", day="2026-11-27", at="2pm", on_behalf_of="client", reason_text="Kim rang: a train."
    )

    moved = fresh(mine, agreed)
    assert (answer.status_code, answer.url) == (303, f"{BASE}{agreed.pk}/change/")
    assert (moved.starts_at, moved.minutes, moved.calendar_sequence) == (START + timedelta(days=1, hours=4), 30, 1)
    assert events(mine, moved)[-1] == "Amended by staff"
    assert [kind for kind in mails(mine, moved) if "amended" in kind] == [
        "booking_amended_client",
        "booking_amended_provider",
    ]
    assert log(mine).changes == [
        {"field": "start (UTC)", "old": "2026-11-26 09:00", "new": "2026-11-27 13:00"},
        {"why": "Kim rang: a train."},
    ]
    assert log(mine).actor_id == mine.staff.pk
    assert "asked by the client" in staff.get(f"{BASE}{agreed.pk}/change/").text


@pytest.mark.parametrize(("asker", "count"), [("", 0), ("client", 0), ("provider", 1)])
def test_only_what_the_provider_asked_for_counts_as_a_late_change(asker, count, mine, staff, agreed):
    """S1.16: within the 48 hours of this marketplace, and said before it is done."""
    said = {"day": "2026-11-27", "at": "14:00", "reason_text": "They agreed."} | (
        {"on_behalf_of": asker} if asker else {}
    )
    with time_machine.travel(START - timedelta(hours=40), tick=False):
        shown, _ = preview(staff, agreed, "amend", **said)
        apply(staff, agreed, "amend", **said)

    assert any("late move" in line for line in shown.context["preview"].lines) == bool(count)
    with tenant_scope(mine.tenant):
        assert LateChange.objects.filter(booking=agreed).count() == count


def test_a_preview_that_is_out_of_date_is_shown_again_instead_of_applied(mine, staff, agreed):
    shown, form = preview(staff, agreed, "amend", day="2026-11-27", at="2pm", reason_text="Both asked us.")

    answer = staff.post(
        page(agreed, "amend"), {**form, "at": "4pm", "previewed": shown.context["preview"].digest, "apply": "Apply"}
    )

    assert answer.status_code == 409
    assert "has changed since the preview" in answer.text
    assert "Fri 27 Nov, 4pm" in answer.text
    assert fresh(mine, agreed).starts_at == START


def test_a_booking_that_changed_since_the_page_was_opened_is_not_touched(mine, staff, agreed, act):
    shown, form = preview(staff, agreed, "amend", day="2026-11-27", at="2pm", reason_text="Both asked us.")
    act(agreed, Action.ASK_SUPPORT, Actor.CLIENT, message="An hour later, please.")

    answer = staff.post(page(agreed, "amend"), {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"})

    assert answer.status_code == 409
    assert "This booking changed since you opened the page." in answer.text
    assert fresh(mine, agreed).starts_at == START


def test_the_second_press_of_one_button_is_told_that_it_is_done(mine, staff, agreed):
    shown, form = preview(staff, agreed, "cancel", reason_text="The expert moved away.")
    sent = {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"}

    answers = [staff.post(page(agreed, "cancel"), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert "You have done this already." in staff.get(answers[1].url).text
    assert events(mine, agreed).count("Cancelled by staff") == 1


def test_two_of_the_staff_cancel_once(mine, staff, agreed, client):
    shown, form = preview(staff, agreed, "cancel", reason_text="The expert moved away.")
    sent = {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"}
    staff.post(page(agreed, "cancel"), sent)
    client.force_login(mine.owner.user)

    answer = client.post(page(agreed, "cancel"), sent)

    assert answer.status_code == 409
    assert "Sam Staffqqnorth cancelled on" in answer.text
    assert events(mine, agreed).count("Cancelled by staff") == 1


def test_what_stands_in_both_calendars_is_named_and_refused(mine, staff, agreed, accept):
    """PG-82: conflicts of both calendars before anything is applied; two agreed sessions never overlap (B1)."""
    with tenant_scope(mine.tenant):
        other = ask(mine, NOW, days=4)
        accept(other)

    answer, _ = preview(staff, agreed, "amend", day="2026-11-27", at="10:15", reason_text="Both asked us.")

    assert answer.status_code == 409
    assert answer.context["warnings"] == [
        f"Ana Providerqqnorth has Service qqnorth with Kim Clientqqnorth ({other.code}) then: Fri 27 Nov, 10am, 30 minutes.",
        f"Kim Clientqqnorth has Service qqnorth with Ana Providerqqnorth ({other.code}) then: Fri 27 Nov, 10am, 30 minutes.",
    ]
    assert "has agreed to something else at that time" in answer.text
    assert 'value="10:15"' in answer.text


def test_a_request_at_that_time_needs_the_tick(mine, staff, agreed):
    with tenant_scope(mine.tenant):
        other = ask(mine, NOW, days=4)
    said = {"day": "2026-11-27", "at": "10am", "reason_text": "Both asked us."}

    refused, _ = preview(staff, agreed, "amend", **said)
    shown, _ = preview(staff, agreed, "amend", **said, clash_accepted="on")

    assert refused.status_code == 422
    named = f"Kim Clientqqnorth's request for Service qqnorth ({other.code})"
    assert f"This overlaps {named} on Fri 27 Nov, 10am." in unescape(refused.text)
    assert shown.status_code == 200


def test_outside_the_hours_is_said_and_possible(mine, staff, agreed):
    shown, _ = preview(staff, agreed, "amend", day="2026-11-27", at="7pm", reason_text="Both asked us.")

    assert shown.context["preview"].warnings == ["This is outside the hours of Ana Providerqqnorth."]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"at": "nonsense", "day": "2026-11-27"}, "like Thu 2pm or 26 Nov 14:00"),
        ({"at": "2pm", "day": "2026-11-20"}, "passed"),
        ({"at": "2pm", "day": "2026-11-27", "minutes": "7"}, "Enter a length in minutes"),
        ({"at": "2pm", "day": "2026-11-27", "reason_text": ""}, "Say the reason in a few words."),
        ({"at": "2pm", "day": "2026-11-27", "on_behalf_of": "system"}, "not one of the available choices"),
        ({"at": "10am", "day": "2026-11-26"}, "This is the time that stands already."),
    ],
)
def test_bad_input_is_said_at_its_field_and_kept(said, sentence, mine, staff, agreed):
    answer, _ = preview(staff, agreed, "amend", **{"reason_text": "Both asked us.", **said})

    assert answer.status_code in (409, 422)
    assert sentence in answer.text
    assert f'value="{said["at"]}"' in answer.text
    assert fresh(mine, agreed).last_sequence == agreed.last_sequence


def test_accept_for_the_provider(mine, staff):
    answer = apply(
        staff,
        mine.booking,
        "accept",
        start="2026-11-26T09:00Z",
        on_behalf_of="provider",
        reason_text="Ana rang and said yes.",
    )

    assert answer.status_code == 303
    assert events(mine, mine.booking) == ["Suggested by user", "Confirmed by staff"]
    assert fresh(mine, mine.booking).status == "confirming"


def test_accept_says_that_the_confirmation_comes_later(mine, staff):
    shown, _ = preview(staff, mine.booking, "accept", reason_text="Ana said yes.")

    assert shown.context["preview"].lines[:2] == [
        "State: Requested → Setting up.",
        "Thu 26 Nov, 10am is kept in both calendars.",
    ]
    assert "Both get a confirmation with a calendar file as soon as the setting up is done." in shown.text


def test_accept_at_a_time_that_is_not_on_the_table(mine, staff):
    answer, _ = preview(staff, mine.booking, "accept", start="2026-11-26T10:00Z", reason_text="Ana said yes.")

    assert answer.status_code == 422
    assert "Choose one of the times on the table." in answer.text


@pytest.mark.parametrize(
    ("step", "name", "status"),
    [("decline", "Rejected by staff", "declined"), ("cancel", "Cancelled by staff", "cancelled")],
)
def test_ending_a_request(step, name, status, mine, staff):
    apply(staff, mine.booking, step, reason_text="The expert has left us.")

    assert events(mine, mine.booking)[-1] == name
    assert fresh(mine, mine.booking).status == status
    assert log(mine).changes[0] == {"field": "state", "old": "Requested", "new": status.capitalize()}


def test_cancel_shows_the_file_that_takes_it_out_of_the_calendar(mine, staff, agreed):
    shown, _ = preview(staff, agreed, "cancel", reason_text="The expert has left us.")

    assert {mail.file for mail in shown.context["preview"].mails} == {"taken out of the calendar, SEQUENCE 0 → 1"}


def test_outcome_by_staff(mine, staff, agreed, act):
    """T41: an objection is decided, either way."""
    with time_machine.travel(START + timedelta(hours=2), tick=False):
        act(agreed, Action.NO_SHOW, Actor.PROVIDER, now=START + timedelta(hours=2))
        act(agreed, Action.CONTEST, Actor.CLIENT, now=START + timedelta(hours=2), message="I was there.")
        queue = staff.get("/t/north/admin/").context["queues"][1]
        assert (queue.count, queue.url) == (1, f"{BASE}?needs=contested")
        assert [row.code for row in staff.get(queue.url).context["cl"].result_list] == [agreed.code]
        assert links(staff, agreed) == ["Say that it took place", "Leave the outcome as it is", "Add a note"]

        apply(staff, agreed, "complete", reason_text="The log of the room shows both.")

    decided = fresh(mine, agreed)
    assert (decided.status, decided.absent, decided.contested_at) == ("completed", "", None)
    assert events(mine, agreed)[-1] == "Completed by staff"


def test_a_no_show_by_staff_names_who_was_absent(mine, staff, agreed):
    with time_machine.travel(START + timedelta(hours=2), tick=False):
        nobody, _ = preview(staff, agreed, "no-show", reason_text="The room was empty.")
        apply(staff, agreed, "no-show", absent="provider", reason_text="The room was empty.")

    decided = fresh(mine, agreed)
    assert nobody.status_code == 422
    assert (decided.status, decided.absent) == ("noshow", "provider")
    assert events(mine, agreed)[-1] == "No-show recorded by staff"


def test_uphold_closes_the_objection_and_leaves_the_outcome(mine, staff, agreed, act):
    with time_machine.travel(START + timedelta(hours=2), tick=False):
        act(agreed, Action.NO_SHOW, Actor.PROVIDER, now=START + timedelta(hours=2))
        act(agreed, Action.CONTEST, Actor.CLIENT, now=START + timedelta(hours=2), message="I was there.")

        apply(staff, agreed, "uphold", reason_text="The log of the room says otherwise.")

    decided = fresh(mine, agreed)
    assert (decided.status, decided.contested_at, events(mine, agreed)[-1]) == ("noshow", None, "Dispute closed")


def test_complete_by_staff(mine, staff, agreed):
    with time_machine.travel(START + timedelta(hours=2), tick=False):
        apply(staff, agreed, "complete", on_behalf_of="provider", reason_text="Ana told us on the phone.")

    assert fresh(mine, agreed).status == "completed"
    assert events(mine, agreed)[-1] == "Completed by staff"


def test_a_wish_to_support_is_a_queue_and_fills_the_form(mine, staff, agreed, act):
    """S1.18 to S1.20: the two agree, support amends; both are told."""
    act(agreed, Action.ASK_SUPPORT, Actor.CLIENT, message="A day later?", offer=[when(days=1)])
    queue = staff.get("/t/north/admin/").context["queues"][0]
    assert (queue.count, queue.url) == (1, f"{BASE}?needs=support")
    detail = staff.get(f"{BASE}{agreed.pk}/change/")
    assert (
        "Kim Clientqqnorth asked support on Mon 23 Nov, 9:14am to change it to Fri 27 Nov, 10am: “A day later?”"
        in detail.text
    )
    assert "An answer was promised by Wed 25 Nov, 9:14am." in detail.text
    assert "Answer the wish: leave it as it is" in [label for _, label in detail.context["links"]]

    apply(staff, agreed, "amend", on_behalf_of="client", reason_text="Both are fine with it.")

    assert fresh(mine, agreed).starts_at == START + timedelta(days=1)
    with tenant_scope(mine.tenant):
        assert fresh(mine, agreed).support_requests.get().state == SupportState.DONE


def test_a_wish_is_refused_with_a_reason(mine, staff, agreed, act):
    act(agreed, Action.ASK_SUPPORT, Actor.CLIENT, message="A day later?")

    apply(staff, agreed, "refuse-support", reason_text="Ana can't on that day.")

    with tenant_scope(mine.tenant):
        assert fresh(mine, agreed).support_requests.get().answer == "Ana can't on that day."
    assert fresh(mine, agreed).starts_at == START
    assert "booking_support_refused_client" in mails(mine, agreed)


def test_a_note_is_for_staff_only(mine, staff, agreed, as_):
    apply(staff, agreed, "note", message="Called Kim, no answer.")

    assert events(mine, agreed)[-1] == "Note by staff"
    assert "Called Kim, no answer." in staff.get(f"{BASE}{agreed.pk}/change/").text
    assert "Called Kim" not in as_(mine.client).get(f"/t/north/bookings/{agreed.code}/").text


def test_a_note_without_words_is_refused(mine, staff, agreed):
    answer, _ = preview(staff, agreed, "note", message="  ")

    assert answer.status_code == 422
    assert "Write the note first." in answer.text


def test_a_late_change_is_found_by_its_filter(mine, staff, agreed):
    said = {"day": "2026-11-27", "at": "14:00", "on_behalf_of": "provider", "reason_text": "Ana is ill."}
    with time_machine.travel(START - timedelta(hours=40), tick=False):
        apply(staff, agreed, "amend", **said)
    with tenant_scope(mine.tenant):
        ask(mine, NOW, days=2)

    answer = staff.get(BASE, {"late": "yes"})

    assert [row.code for row in answer.context["cl"].result_list] == [agreed.code]
