"""PG-05 for people whom nobody knows yet: name and address on the form itself, a code by mail, and it is sent (T-C1c, CK-10)."""

import re

import pytest

from accounts.enums import Role
from accounts.models import Affiliation, Membership, User
from accounts.presets import PRESETS
from accounts.tenancy import tenant_scope
from bookings.models import Booking
from marketplace.services import update_provider
from notifications.models import EmailMessage
from tests import factories

from .conftest import World, iso, prague, values, words

PRIYA = {"name": "Priya Raman", "email": "Priya@Example.org"}


class Guest:
    """Somebody nobody knows, at the form of one provider."""

    def __init__(self, world: World) -> None:
        self.world, self.client = world, world.client()
        self.path = world.url(f"/experts/{world.ana.slug}/request/")
        self.sent = {"service": str(world.service.pk), "slot": [iso(prague(24, 15))], "notes": "Sole trader?", **PRIYA}

    def send(self, **change):
        return self.client.post(self.path, {**self.sent, **change})

    def enter(self, code: str):
        return self.client.post(f"{self.path}code/", {"code": code})

    def code_page(self):
        return self.client.get(f"{self.path}code/")

    def mails(self) -> list[EmailMessage]:
        with self.world.inside():
            return list(EmailMessage.objects.filter(kind__startswith="account").order_by("created_at", "id"))

    def code(self) -> str:
        return self.mails()[-1].context["code"]

    @property
    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.client.session


@pytest.fixture
def guest(world) -> Guest:
    return Guest(world)


def bookings(world) -> list[Booking]:
    with world.inside():
        return list(Booking.objects.select_related("client__user", "policy_version"))


@pytest.mark.parametrize("preset", PRESETS)
def test_guest_sends_a_request_with_one_form_and_one_code(db, now, clock, preset):
    """T-C1c in the words and rules of all five presets: three presses, three fields, nothing typed twice."""
    world = World(factories.tenant(preset, preset=preset), now)
    guest = Guest(world)

    asked = guest.send()
    assert (asked.status_code, asked.headers["Location"]) == (303, f"{guest.path}code/")
    assert bookings(world) == []
    assert not User.objects.filter(email="priya@example.org").exists()
    done = guest.enter(guest.code())

    [booking] = bookings(world)
    assert (done.status_code, done.headers["Location"]) == (303, world.url(f"/bookings/{booking.code}/sent/"))
    client = booking.client
    assert (client.name, client.roles, client.user.email) == ("Priya Raman", [Role.CLIENT], "priya@example.org")
    assert (booking.notes, booking.service_id) == ("Sole trader?", world.service.pk)
    assert Affiliation.objects.get(user=client.user).tenant == world.tenant
    assert guest.is_signed_in
    page = words(guest.client.get(done.headers["Location"], follow=True))
    # Who has just come has no credits yet: where sessions cost some, the time is kept until they are there.
    waits = booking.policy.price_unit == "credits"
    assert booking.status == ("waiting" if waits else "pending")
    assert ("Add what is missing, and it goes on by itself" if waits else "We sent your request to Ana Nowak") in page


def test_page_says_to_a_guest_whose_credits_are_held(world, guest):
    page = words(guest.client.get(guest.path, {"service": str(world.service.pk), "slot": iso(prague(24, 15))}))

    assert "30 credits are held of what you have. With too few, the time is kept for you while you add some." in page


def test_code_arrives_with_the_address_of_the_page_that_takes_it(world, guest):
    guest.send()

    [mail] = guest.mails()
    assert (mail.kind, mail.to_address, mail.recipient_id) == ("account_guest", "priya@example.org", None)
    assert re.fullmatch(r"\d{4}-\d{4}", mail.context["code"])
    assert mail.context["url"] == f"http://localhost:8000{guest.path}code/"


def test_page_of_the_code_says_where_it_went_and_what_happens_then(guest):
    guest.send()

    page = guest.code_page()

    assert "We sent an email to priya@example.org. The code in it works for 15 minutes." in words(page)
    assert "Your request goes to Ana Nowak as soon as you enter it." in words(page)
    assert "Confirm and send" in words(page)
    assert 'autocomplete="one-time-code"' in page.content.decode()


def test_device_zone_of_a_guest_becomes_theirs(world, guest):
    guest.client.cookies["tz"] = "Asia%2FCalcutta"
    guest.send()
    guest.enter(guest.code())

    assert User.objects.get(email="priya@example.org").time_zone == "Asia/Kolkata"


# --- nobody learns who has an account ---------------------------------------------------------------------


def test_known_and_unknown_addresses_get_the_same_answers(world, rui):
    """PG-20: members here, people of another tenant, closed accounts and strangers can't be told apart."""
    rui.user.is_active = False
    rui.user.save()
    answers = []
    for email in ("priya@example.org", world.kim.user.email, world.kim.user.email.upper(), rui.user.email):
        guest = Guest(world)
        asked = guest.send(email=email)
        shown = re.sub(r'value="[A-Za-z0-9]{64}"', "", guest.code_page().content.decode()).replace(email.lower(), "X")
        [mail] = [mail for mail in guest.mails() if mail.to_address == email.lower()][-1:]
        answers.append((asked.status_code, asked.headers["Location"], shown, mail.kind, sorted(mail.context)))

    assert answers[0] == answers[1] == answers[2] == answers[3]


def test_first_step_asks_the_database_the_same_for_everybody(
    world, django_assert_num_queries, django_assert_max_num_queries
):
    """What takes as many statements takes as long (T2)."""
    with django_assert_max_num_queries(60) as unknown:
        Guest(world).send()
    with django_assert_num_queries(len(unknown)):
        Guest(world).send(email=world.kim.user.email)


def test_member_who_was_not_signed_in_asks_as_who_they_are(world, guest):
    guest.send(name="kim", email=world.kim.user.email)
    guest.enter(guest.code())

    [booking] = bookings(world)
    assert (booking.client_id, booking.client.name) == (world.kim.pk, "Kim Okafor")
    assert User.objects.filter(email__iexact=world.kim.user.email).count() == 1


def test_person_of_another_tenant_joins_under_the_name_of_the_account(world, guest, rui):
    guest.send(name="R", email=rui.user.email)
    guest.enter(guest.code())

    [booking] = bookings(world)
    assert (booking.client.user_id, booking.client.name) == (rui.user_id, rui.user.name)
    assert booking.client.tenant_id == world.tenant.pk


def test_closed_account_is_told_to_the_owner_of_the_address_alone(world, guest, rui):
    User.objects.filter(pk=rui.user_id).update(is_active=False)
    guest.send(email=rui.user.email)

    answer = guest.enter(guest.code())

    assert answer.headers["Location"] == world.url("/signin/closed/")
    assert not guest.is_signed_in
    assert bookings(world) == []


# --- the code ----------------------------------------------------------------------------------------------


def test_wrong_code_sends_nothing_and_the_third_one_ends_it(world, guest):
    guest.send()
    right = guest.code()
    wrong = "0000-0000" if right != "0000-0000" else "1111-1111"

    page = guest.enter(wrong)
    assert "This is not the code from our latest email." in words(page)
    guest.enter(wrong)
    third = guest.enter(wrong)
    late = guest.enter(right)

    assert (
        third.headers["Location"]
        == late.headers["Location"]
        == f"{guest.path}?service={world.service.pk}&slot=2026-11-24T14%3A00Z"
    )
    back = guest.client.get(third.headers["Location"])
    assert "That code no longer works. Send the request again, and we email you a new one." in words(back)
    assert values(back, "email") == ["Priya@Example.org"]
    assert bookings(world) == []
    assert not guest.is_signed_in


def test_code_can_be_sent_again_twice_and_the_latest_holds(world, guest, later):
    guest.send()
    first = guest.code()

    for _ in range(2):
        later(seconds=30)
        again = guest.client.post(f"{guest.path}code/", {"action": "resend"})
        assert (again.status_code, again.headers["Location"]) == (303, f"{guest.path}code/")
    assert len(guest.mails()) == 3
    assert "Send it again" not in words(guest.code_page())
    guest.enter(first)
    assert bookings(world) == []
    guest.enter(guest.code())
    assert len(bookings(world)) == 1


def test_code_ends_after_fifteen_minutes_and_what_was_typed_is_kept(world, guest, later):
    guest.send()
    later(minutes=15, seconds=1)

    back = guest.enter(guest.code())

    page = guest.client.get(back.headers["Location"])
    assert values(page, "name") == ["Priya Raman"]
    assert "Sole trader?</textarea>" in page.content.decode()
    assert bookings(world) == []


def test_code_opens_no_other_browser_and_no_other_marketplace(world, guest, south):
    guest.send()
    code = guest.code()
    with tenant_scope(south):
        factories.service(factories.provider("Ana Nowak"))

    Guest(world).enter(code)
    guest.client.post(f"/t/south/experts/{world.ana.slug}/request/code/", {"code": code})

    assert not guest.is_signed_in
    assert bookings(world) == []


def test_fourth_code_to_one_address_in_a_minute_is_not_sent(world, guest):
    answers = [guest.send() for _ in range(4)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 422]
    assert "We have just sent you several emails." in words(answers[3])
    assert values(answers[3], "email") == ["Priya@Example.org"]
    assert len(guest.mails()) == 3


def test_page_of_the_code_without_a_code_leads_to_the_form(world, guest):
    form = f"{guest.path}?service={world.service.pk}"
    assert guest.code_page().headers["Location"] == form
    assert guest.enter("1234-5678").headers["Location"] == form


def test_pressing_confirm_twice_makes_one_request(world, guest):
    """The second press finds somebody signed in, and nothing left to send."""
    guest.send(request_key="page-1")
    code = guest.code()

    guest.enter(code)
    second = guest.enter(code)

    assert second.status_code == 303
    assert len(bookings(world)) == 1


def test_session_key_is_new_after_the_code(guest):
    guest.send()
    before = guest.client.session.session_key

    guest.enter(guest.code())

    assert guest.client.session.session_key != before


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence", "at"),
    [
        ({"name": " "}, "Enter your name as others should see it.", "id_name_error"),
        ({"name": "x" * 81}, "This is too long: 80 characters fit, these are 81.", "id_name_error"),
        ({"email": ""}, "Enter your email address.", "id_email_error"),
        ({"email": "priya"}, "Enter an email address with an @, like kim@example.org.", "id_email_error"),
        ({"notes": "x" * 2001}, "Your notes are 1 character too long: 2000 fit.", "id_notes_error"),
        ({"slot": []}, "Choose a time first.", "id_slot_error"),
    ],
)
def test_what_is_missing_is_said_before_any_mail(world, guest, change, sentence, at):
    page = guest.send(**change)

    assert page.status_code == 422
    assert sentence in page.content.decode().split(f'id="{at}"', 1)[1]
    assert guest.mails() == []
    kept = {**guest.sent, **change}
    assert values(page, "name") == [kept["name"]]
    assert values(page, "email") == ([kept["email"]] if kept["email"] else [])


def test_time_that_is_gone_is_said_before_any_mail(world, guest):
    world.ask(prague(24, 15), client=world.lena)

    page = guest.send()

    assert page.status_code == 409
    assert "Taken a moment ago" in words(page)
    assert values(page, "add") == [iso(prague(24, 14)), iso(prague(24, 14, 30)), iso(prague(24, 15, 30))]
    assert guest.mails() == []


def test_time_that_goes_while_the_code_is_on_its_way_is_struck_through(world, guest):
    """CK-15: signed in by now, no member yet, everything kept; the next press sends another time."""
    guest.send()
    world.ask(prague(24, 15), client=world.lena)

    page = guest.enter(guest.code())

    assert page.status_code == 409
    assert "<s>Tue 24 Nov, 3pm to 3:30pm</s>" in page.content.decode()
    assert "Sole trader?</textarea>" in page.content.decode()
    assert "About you" not in words(page)
    with world.inside():
        assert not Membership.objects.filter(user__email="priya@example.org").exists()
    done = guest.client.post(guest.path, {**guest.sent, "slot": [iso(prague(24, 14))]})
    assert done.status_code == 303
    assert sorted(booking.client.name for booking in bookings(world)) == ["Lena Hartmann", "Priya Raman"]


def test_provider_who_was_taken_down_meanwhile_is_not_found(world, guest):
    guest.send()
    with world.inside():
        update_provider(provider=world.ana, is_published=False)

    assert guest.enter(guest.code()).status_code == 404
    assert not guest.is_signed_in


def test_suspended_member_is_signed_in_and_refused(world, guest):
    with world.inside():
        Membership.objects.filter(pk=world.kim.pk).update(suspended_at=world.now)
    guest.send(email=world.kim.user.email)

    page = guest.enter(guest.code())

    assert page.status_code == 422
    assert "Your account is paused here. Write to help@north.example." in words(page)
    assert bookings(world) == []


def test_looking_at_the_page_of_the_code_changes_nothing(world, guest):
    guest.send()
    before = world.state(), User.objects.count()

    guest.code_page()

    assert (world.state(), User.objects.count()) == before


# --- everything typed is kept (WCAG 3.3.7) ------------------------------------------------------------------


@pytest.mark.parametrize("press", [{"go": "times"}, {"go": "signin"}])
def test_going_elsewhere_keeps_everything(world, guest, press):
    away = guest.send(**press)
    page = guest.client.get(guest.path)

    assert away.status_code == 303
    assert values(page, "name") == ["Priya Raman"]
    assert values(page, "email") == ["Priya@Example.org"]
    assert "Sole trader?</textarea>" in page.content.decode()
    assert guest.mails() == []


def test_signing_in_instead_comes_back_to_the_same_choice(world, guest):
    away = guest.send(go="signin")

    there = f"{guest.path}%3Fservice%3D{world.service.pk}%26slot%3D2026-11-24T14%253A00Z"
    assert away.headers["Location"] == world.url(f"/signin/?next={there.replace('/', '%2F')}")
    guest.client.force_login(world.kim.user)
    page = guest.client.get(f"{guest.path}?service={world.service.pk}&slot={iso(prague(24, 15))}")
    assert "Sole trader?</textarea>" in page.content.decode()
    assert "About you" not in words(page)


@pytest.mark.parametrize("press", [{"drop": "1"}, {"add": "2026-11-25T14:00Z"}, {"change": "service"}])
def test_buttons_beside_the_times_keep_name_and_address(guest, press):
    page = guest.send(**press)

    assert values(page, "name") == ["Priya Raman"]
    assert values(page, "email") == ["Priya@Example.org"]


def test_another_address_is_typed_on_the_same_form(world, guest, later):
    guest.send(email="prya@example.org")
    [back] = re.findall(r'<a href="([^"]+)">use another address', guest.code_page().content.decode())
    form = guest.client.get(back.replace("&amp;", "&"))
    assert values(form, "slot") == [iso(prague(24, 15))]
    later(minutes=1)
    guest.send()

    guest.enter(guest.code())

    assert bookings(world)[0].client.user.email == "priya@example.org"


def test_draft_is_forgotten_once_sent(guest):
    guest.send()
    guest.enter(guest.code())

    assert "Sole trader?" not in guest.client.get(guest.path).content.decode()
    assert "request_drafts" not in guest.client.session or guest.client.session["request_drafts"] == {}


def test_draft_is_kept_for_a_day(guest, later):
    guest.send()
    later(hours=24, minutes=1)

    page = guest.client.get(guest.path)

    assert "Sole trader?" not in page.content.decode()
    assert values(page, "email") == []


def test_draft_stays_in_its_tenant(world, guest, south):
    """One session serves several tenants of a host: a namesake elsewhere shows nothing."""
    guest.send()
    with tenant_scope(south):
        namesake = factories.provider("Ana Nowak")
        factories.service(namesake)

    page = guest.client.get(f"/t/south/experts/{world.ana.slug}/request/")

    assert namesake.slug == world.ana.slug
    assert "Sole trader?" not in page.content.decode()
    assert values(page, "email") == []
