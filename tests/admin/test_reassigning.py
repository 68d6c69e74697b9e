"""Staff give a booking to another provider in the administration: who, as what, preview, apply, refusals (T34, PG-81, PG-82)."""

import pytest

from accounts.tenancy import tenant_scope
from bookings.enums import Action, Actor
from bookings.models import Booking
from calendars import services as calendars
from tests import factories

from .conftest import NOW, ask
from .steps import START, apply, events, form_of, fresh, links, log, mails, page, preview

BEN = {"provider": "ben roth", "reason_text": "Ana is ill"}


@pytest.fixture
def ben(mine):
    """Ben in London offers one thing, for nothing, with time around it."""
    with tenant_scope(mine.tenant):
        ben = factories.provider("Ben Roth", zone="Europe/London", now=NOW)
        factories.service(ben, "Taxes with Ben", buffer_after=30)
        return ben


def whose(mine, booking):
    with tenant_scope(mine.tenant):
        found = Booking.objects.select_related("provider", "service").get(pk=booking.pk)
        return found.provider.name, found.service.name


def test_the_preview_says_what_each_of_the_three_gets_and_changes_nothing(mine, staff, agreed, ben):
    """PG-82."""
    before = mails(mine, agreed)
    assert "Give it to somebody else" in links(staff, agreed)
    shown, _ = preview(staff, agreed, "reassign", **BEN, on_behalf_of="provider")
    found = shown.context["preview"]
    assert found.times == [
        "Prague time: Thu 26 Nov, 10am to 10:30am (Prague)",
        "Ben Roth: Thu 26 Nov, 9am to 9:30am (London)",
        "Kim Clientqqnorth: Thu 26 Nov, 3am to 3:30am (Chicago)",
    ]
    assert found.lines == [
        "State: Confirmed → Setting up.",
        "Thu 26 Nov, 10am is kept in the calendar of Ben Roth, and free for Ana Providerqqnorth.",
        "A video room is made, and the link is sent to both.",
        "Both get a confirmation with a calendar file as soon as the setting up is done.",
    ]
    assert found.warnings == []
    assert {mail.to: mail.file for mail in found.mails} == {
        "Kim Clientqqnorth": "",
        "Ben Roth": "",
        "Ana Providerqqnorth": "taken out of the calendar, SEQUENCE 0 → 1",
    }
    assert all("Ana is ill" in mail.text for mail in found.mails)
    assert (whose(mine, agreed)[0], mails(mine, agreed)) == ("Ana Providerqqnorth", before)


def test_it_is_given_told_and_logged(mine, staff, agreed, ben):
    assert apply(staff, agreed, "reassign", **BEN).status_code == 303
    assert whose(mine, agreed) == ("Ben Roth", "Taxes with Ben")
    assert events(mine, agreed)[-1] == "Reassigned by staff"
    told = [kind for kind in mails(mine, agreed) if "reassigned" in kind]
    assert told == [f"booking_reassigned_{who}" for who in ("client", "former", "provider")]
    assert log(mine).changes == [
        {"field": "state", "old": "Confirmed", "new": "Setting up"},
        {"field": "provider", "old": "Ana Providerqqnorth", "new": "Ben Roth"},
        {"field": "service", "old": "Service qqnorth", "new": "Taxes with Ben"},
        {"why": "Ana is ill"},
    ]
    shown = staff.get(f"/t/north/bookings/{agreed.code}/").text
    assert "gave it to Ben Roth as Taxes with Ben instead of Ana Providerqqnorth." in shown


def test_the_pages_of_the_one_before_close_and_those_of_the_new_one_open(mine, as_, staff, agreed, ben):
    """T2: what Ana did stands under her name, and Ben is not told that it was him."""
    apply(staff, agreed, "reassign", **BEN)
    address = f"/t/north/bookings/{agreed.code}/"
    assert [as_(mine.provider.member).get(address + way).status_code for way in ("", "cancel/", "accept/")] == [404] * 3
    shown = as_(ben.member).get(address)
    assert shown.status_code == 200
    assert "Ana Providerqqnorth</" in shown.text
    assert "You</strong> accepted" not in shown.text
    assert as_(mine.client).get(address).status_code == 200


def test_who_offers_several_things_does_one_of_them(mine, staff, agreed, ben):
    """It is asked once it is clear who it is."""
    with tenant_scope(mine.tenant):
        other = factories.service(ben, "Company taxes", minutes=60, price=45)
    assert "service" not in staff.get(page(agreed, "reassign")).context["form"].fields
    form = form_of(staff, agreed, "reassign", **BEN)
    answer = staff.post(page(agreed, "reassign"), {**form, "preview": "Preview"})
    assert (answer.status_code, answer.context["form"].errors) == (422, {"service": ["Choose what it is with them."]})
    labels = [label for _, label in answer.context["form"].fields["service"].choices]
    assert sorted(labels) == ["Company taxes, 60 minutes, 45 credits", "Taxes with Ben, 30 minutes"]
    sent = {**form, "service": str(other.pk)}
    answer = staff.post(page(agreed, "reassign"), {**sent, "preview": "Preview"})
    assert answer.status_code == 200
    digest = answer.context["preview"].digest
    assert staff.post(page(agreed, "reassign"), {**sent, "previewed": digest, "apply": "Apply"}).status_code == 303
    assert whose(mine, agreed) == ("Ben Roth", "Company taxes")
    assert (fresh(mine, agreed).minutes, fresh(mine, agreed).price) == (agreed.minutes, agreed.price)


NOBODY = "Nobody of this name or mail address takes requests here. Type it as it stands on their page."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Say who takes it over."),
        ("   ", "Say who takes it over."),
        ("Ben", NOBODY),
        ("?!", NOBODY),
        ("ben\0roth", "Null characters are not allowed."),
        ("x" * 300, "Ensure this value has at most 254 characters (it has 300)."),
        ("Ana Providerqqnorth", "It is with Ana Providerqqnorth already. Choose somebody else."),
        ("Ana Providerqqsouth", NOBODY),
    ],
)
def test_who_it_can_t_be_is_said_at_the_field_and_kept(typed, sentence, mine, theirs, staff, agreed, ben):
    """T1: nobody of another marketplace."""
    form = form_of(staff, agreed, "reassign", reason_text="Ana is ill")
    answer = staff.post(page(agreed, "reassign"), {**form, "provider": typed, "preview": "Preview"})
    assert (answer.status_code, answer.context["form"].errors) == (422, {"provider": [sentence]})
    assert "Ana is ill" in answer.text
    assert whose(mine, agreed)[0] == "Ana Providerqqnorth"


def test_two_of_one_name_are_told_apart_by_their_address(mine, staff, agreed, ben):
    with tenant_scope(mine.tenant):
        factories.service(factories.provider("Bén Roth", now=NOW), "Taxes with the other Ben")
    answer, _ = preview(staff, agreed, "reassign", **BEN)
    assert answer.context["form"].errors == {
        "provider": ["Several are called this. Type the mail address of the one you mean."]
    }
    assert apply(staff, agreed, "reassign", **{**BEN, "provider": ben.member.user.email.upper()}).status_code == 303
    assert whose(mine, agreed) == ("Ben Roth", "Taxes with Ben")


def test_what_is_there_already_is_named_and_refuses_or_needs_a_tick(mine, staff, agreed, ben, accept):
    """CK-22: in the words of staff."""
    with tenant_scope(mine.tenant):
        calendars.block(calendar=ben.calendar, start=START.replace(hour=9), end=START.replace(hour=12), note="Dentist")
    shown, form = preview(staff, agreed, "reassign", **BEN)
    assert shown.status_code == 422
    assert list(shown.context["form"].errors) == ["clash_accepted"]
    assert shown.context["warnings"] == ["Ben Roth has time they blocked then: Thu 26 Nov, 10am, 3 hours."]
    assert "Dentist" not in shown.text
    ticked = staff.post(page(agreed, "reassign"), {**form, "clash_accepted": "on", "preview": "Preview"})
    assert ticked.status_code == 200
    with tenant_scope(mine.tenant):
        mine.service = ben.services.get()
        other = accept(ask(mine, NOW, days=4))
        mine.service = agreed.service
        late = ask(mine, NOW, days=4)
    answer, _ = preview(staff, late, "reassign", **BEN)
    assert answer.status_code == 409
    named = f"Taxes with Ben with Kim Clientqqnorth ({other.code})"
    assert answer.context["form"].errors["provider"] == [
        f"Ben Roth has agreed to {named} on Fri 27 Nov, 10am. Choose somebody else."
    ]


def test_a_time_outside_their_hours_is_said(mine, staff, agreed):
    with tenant_scope(mine.tenant):
        factories.service(factories.provider("Kai Mora", zone="Pacific/Honolulu", now=NOW), "Taxes by night")
    shown, _ = preview(staff, agreed, "reassign", **{**BEN, "provider": "Kai Mora"})
    assert shown.context["preview"].warnings == ["This is outside the hours of Kai Mora."]


def test_a_booking_that_changed_since_the_page_was_opened_is_not_touched(mine, staff, agreed, act, ben):
    shown, form = preview(staff, agreed, "reassign", **BEN)
    act(agreed, Action.ASK_SUPPORT, Actor.CLIENT, message="An hour later, please.")
    sent = {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"}
    assert staff.post(page(agreed, "reassign"), sent).status_code == 409
    assert whose(mine, agreed)[0] == "Ana Providerqqnorth"


def test_two_presses_give_it_once(mine, staff, agreed, ben):
    shown, form = preview(staff, agreed, "reassign", **BEN)
    sent = {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"}
    assert [staff.post(page(agreed, "reassign"), sent).status_code for _ in range(2)] == [303, 303]
    assert events(mine, agreed).count("Reassigned by staff") == 1


def test_the_page_says_what_it_does_before_anything_is_typed(staff, agreed):
    shown = staff.get(page(agreed, "reassign"))
    assert shown.context["lines"][0].startswith(
        "Thu 26 Nov, 10am is kept in the calendar of who takes it over, and free"
    )
    assert "Which expert takes it over?" in shown.text
