"""PG-33: accepting; and who may open which page of an answer (S0.11-S0.15, S1.8, S1.9, S4.3-S4.7, S4.42)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.queries import current_policy
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings.enums import Action, Status
from bookings.models import Booking
from calendars.enums import ClaimKind

from .acts import busy, status
from .conftest import World, iso, prague, values, words


@pytest.fixture
def booking(world) -> Booking:
    return world.ask(prague(24, 15), notes="Sole trader?")


@pytest.fixture
def several(world):
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, booking_mode="preferred_dates", max_times=3))


@pytest.fixture
def relaxed(world):
    """Asked times are not hidden, so two people may ask for one time (D11)."""
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, hides_asked_times=False))


# --- accept: showing ----------------------------------------------------------------------------------


def test_accept_page_names_time_commitment_and_effects(world, booking):
    """S0.19: accepting is a commitment; the effect box says all of it beforehand (D-7)."""
    page = words(world.get(world.ana.member, f"/bookings/{booking.code}/accept/"))

    assert "Kim Okafor In Chicago Tax planning, 30 minutes, video, 30 credits Kim Okafor wrote: Sole trader?" in page
    assert "Answer by Tue 24 Nov, 3pm (in 29 hours)" in page
    assert "Tue 24 Nov, 3pm to 3:30pm Prague, your time" in page
    assert "8am to 8:30am Chicago, where Kim Okafor is" in page
    assert "Tue 24 Nov, 3pm is kept for Kim Okafor in your calendar. You commit to being there." in page
    assert "A video room is made, and the link is sent to both of you." in page
    assert "Kim Okafor and you get a confirmation by mail with a calendar file." in page
    assert "Accept Tue 24 Nov, 3pm" in page


def test_accept_page_lists_several_times_and_preselects_the_linked_one(world, several):
    """S1.8: the provider chooses one of the preferred times; a mail's link chooses beforehand, and nothing more."""
    booking = world.ask(prague(24, 15), prague(25, 10))

    page = world.get(world.ana.member, f"/bookings/{booking.code}/accept/?time={iso(prague(25, 10))}")

    assert values(page, "time") == [iso(prague(24, 15)), iso(prague(25, 10))]
    assert f'value="{iso(prague(25, 10))}" checked' in page.content.decode()
    assert "Wed 25 Nov, 10am is kept for Kim Okafor in your calendar." in words(page)
    assert "Accept this time" in words(page)


def test_accept_page_strikes_out_a_time_that_is_lost(world, several):
    """An agreed session at one of the times refuses it; the other one stays (decisions.md 14)."""
    booking = world.ask(prague(24, 15), prague(25, 10))
    busy(world, prague(24, 15), kind=ClaimKind.SESSION)

    html = world.get(world.ana.member, f"/bookings/{booking.code}/accept/").content.decode()

    assert "<s>Tue 24 Nov, 3pm to 3:30pm</s>" in html
    assert f'value="{iso(prague(25, 10))}" checked' in html


def test_outside_clash_is_named_and_asks_for_a_tick(world, booking):
    """CK-22, S4.4: something in the provider's own calendar only warns."""
    busy(world, prague(24, 15))

    page = words(world.get(world.ana.member, f"/bookings/{booking.code}/accept/"))

    assert "This overlaps an appointment in your own calendar on Tue 24 Nov, 3pm" in page
    assert "Accept anyway. I know what else is at this time." in page


# --- accept: acting -----------------------------------------------------------------------------------


def test_accepting_agrees_and_leads_to_the_booking(world, booking):
    """S0.12-S0.15, T8: agreed, set up by a worker, both told."""
    client = world.client(world.ana.member)

    done = client.post(world.url(f"/bookings/{booking.code}/accept/"), {"time": iso(prague(24, 15))})

    assert (done.status_code, done.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert status(world, booking) == Status.CONFIRMING
    assert "You accepted Tue 24 Nov, 3pm. Kim Okafor is told by mail." in words(client.get(done.url))


def test_accepting_on_today_leads_back_to_today(world, booking):
    done = world.post(
        world.ana.member, f"/bookings/{booking.code}/accept/", {"time": iso(prague(24, 15)), "back": "today"}
    )

    assert done.url == world.url("/portal/")


def test_second_press_of_accept_is_no_error(world, booking):
    """R-HX-5: the same person and the same time: the booking's page, and one acceptance."""
    client, sent = world.client(world.ana.member), {"time": iso(prague(24, 15))}
    client.post(world.url(f"/bookings/{booking.code}/accept/"), sent)
    before = world.state()

    again = client.post(world.url(f"/bookings/{booking.code}/accept/"), sent)

    assert (again.status_code, again.url) == (303, world.url(f"/bookings/{booking.code}/"))
    assert "You have accepted Tue 24 Nov, 3pm already." in words(client.get(again.url))
    assert world.state() == before


def test_accepting_another_time_afterwards_is_a_conflict(world, several):
    booking = world.ask(prague(24, 15), prague(25, 10))
    path = f"/bookings/{booking.code}/accept/"
    world.post(world.ana.member, path, {"time": iso(prague(24, 15))})

    again = world.post(world.ana.member, path, {"time": iso(prague(25, 10))})

    assert again.status_code == 409
    assert "You accepted on Mon 23 Nov, 9:14am. Nothing was changed." in words(again)


@pytest.mark.parametrize("sent", [{}, {"time": ""}, {"time": "soon"}, {"time": "2026-11-25T14:00Z"}, {"time": "\0"}])
def test_time_that_is_not_on_the_table_is_refused_at_its_field(world, booking, sent):
    before = world.state()

    page = world.post(world.ana.member, f"/bookings/{booking.code}/accept/", sent)

    assert page.status_code == 422
    assert "There is a problem Choose one of the times on the table." in words(page)
    assert 'href="#id_time"' in page.content.decode()
    assert page.content.decode().count('id="id_time"') == 1
    assert world.state() == before


def test_clash_needs_the_tick_and_then_works(world, booking):
    """CK-22: named, ticked, accepted."""
    busy(world, prague(24, 15))
    path, sent = f"/bookings/{booking.code}/accept/", {"time": iso(prague(24, 15))}

    refused = world.post(world.ana.member, path, sent)
    accepted = world.post(world.ana.member, path, {**sent, "clash_accepted": "on"})

    assert refused.status_code == 422
    assert (
        "There is a problem This overlaps an appointment in your own calendar on Tue 24 Nov, 3pm. "
        "Tick the box to accept anyway."
    ) in words(refused)
    assert accepted.status_code == 303
    assert status(world, booking) == Status.CONFIRMING


def test_loser_of_a_race_gets_free_times(world, relaxed):
    """CK-15, PG-33: two requests for one time; the second acceptance is a 409 that names free alternatives."""
    first, second = world.ask(prague(24, 15)), world.ask(prague(24, 15), client=world.lena)
    world.act(first, Action.ACCEPT, start=prague(24, 15), clash_accepted=True)
    before = world.state()

    page = world.post(world.ana.member, f"/bookings/{second.code}/accept/", {"time": iso(prague(24, 15))})

    assert page.status_code == 409
    assert (
        f"You have agreed to Tax planning with Kim Okafor ({first.code}) on Tue 24 Nov, 3pm. Choose another time."
        in words(page)
    )
    assert "Free in your calendar" in words(page)
    for label in ("2pm to 2:30pm", "2:30pm to 3pm", "3:30pm to 4pm"):
        assert f"Suggest it, Tue 24 Nov, {label}" in words(page)
    assert world.url(f"/bookings/{second.code}/suggest/?time=2026-11-24T13%3A00Z") in page.content.decode()
    assert 'type="submit"' not in page.content.decode()
    assert "Accept Tue 24 Nov, 3pm</button>" not in page.content.decode()
    assert world.state() == before


def test_time_inside_the_answer_lead_is_refused_with_the_rule(south, now, clock):
    """S0.21, decisions.md 9: in `consult` an answer comes 24 hours before the start; the refusal says so."""
    world = World(south, now)
    booking = world.ask(prague(24, 15))
    clock.shift(timedelta(hours=5, minutes=47))

    page = world.post(world.ana.member, f"/bookings/{booking.code}/accept/", {"time": iso(prague(24, 15))})

    assert page.status_code == 409
    assert "Accepting closes 24 hours before the start. Suggest a later time to Kim Okafor." in words(page)
    assert status(world, booking) == Status.PENDING


def test_accepting_exactly_at_the_lead_is_early_enough(south, now, clock):
    """decisions.md 10."""
    world = World(south, now)
    booking = world.ask(prague(24, 15))
    clock.shift(prague(23, 15) - now)

    page = world.post(world.ana.member, f"/bookings/{booking.code}/accept/", {"time": iso(prague(24, 15))})

    assert page.status_code == 303


def test_answer_to_a_withdrawn_request_says_what_happened(world, booking):
    """ux.md 2.0: a conflict names what changed and shows the current state."""
    world.act(booking, Action.WITHDRAW)

    page = world.post(world.ana.member, f"/bookings/{booking.code}/accept/", {"time": iso(prague(24, 15))})

    assert page.status_code == 409
    assert "Kim Okafor took back the request on Mon 23 Nov, 9:14am. Nothing was changed." in words(page)
    assert "Cancelled" in words(page)
    assert "See the booking" in words(page)


def test_accept_page_of_a_withdrawn_request_shows_the_current_truth(world, booking):
    world.act(booking, Action.WITHDRAW)

    page = world.get(world.ana.member, f"/bookings/{booking.code}/accept/")

    assert page.status_code == 200
    assert "Kim Okafor took back the request on Mon 23 Nov, 9:14am." in words(page)


def test_every_action_closes_at_the_start(world, booking, later):
    """S4.42: at the start neither accepting nor declining is possible, nor withdrawing."""
    later(days=1, hours=5, minutes=46)

    answers = [
        world.post(world.ana.member, f"/bookings/{booking.code}/accept/", {"time": iso(prague(24, 15))}),
        world.post(world.ana.member, f"/bookings/{booking.code}/decline/", {"reason_code": "time"}),
        world.post(world.kim, f"/bookings/{booking.code}/withdraw/"),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert all("The time of this meeting has come. Ask for a new time instead." in words(page) for page in answers)


# --- who may, and GET ---------------------------------------------------------------------------------


PAGES = ("accept", "decline", "withdraw", "suggest", "reschedule", "cancel", "ask-to-cancel", "notes")


@pytest.mark.parametrize("page", PAGES)
def test_opening_an_answer_page_changes_nothing(world, booking, page):
    """CK-20, decisions.md 30: for nobody, however often."""
    before = world.state()

    for who in (world.kim, world.ana.member, world.sam, world.lena, None):
        for _ in range(2):
            world.get(who, f"/bookings/{booking.code}/{page}/?time={iso(prague(24, 15))}&suggest=yes")

    assert world.state() == before


@pytest.mark.parametrize(
    ("who", "page", "status", "sentence", "instead"),
    [
        ("kim", "accept", 422, "Ana Nowak has to answer. You can take it back until then.", "withdraw"),
        ("kim", "decline", 422, "Ana Nowak has to answer. You can take it back until then.", "withdraw"),
        ("ana", "withdraw", 403, "Only Kim Okafor can take this back. You can decline it.", "decline"),
        ("ana", "notes", 403, "Only Kim Okafor can do this.", ""),
        ("kim", "ask-to-cancel", 403, "Only Ana Nowak can do this.", ""),
    ],
)
def test_action_out_of_turn_is_refused_with_the_way_to_what_is_possible(
    world, booking, who, page, status, sentence, instead
):
    """CK-21: whose turn it is decides, and the page leads on."""
    member = {"kim": world.kim, "ana": world.ana.member}[who]
    before = world.state()

    shown = world.get(member, f"/bookings/{booking.code}/{page}/")
    sent = world.post(member, f"/bookings/{booking.code}/{page}/", {"time": iso(prague(24, 15)), "reason_code": "time"})

    assert (shown.status_code, sent.status_code) == (403 if status == 403 else 200, status)
    for answer in (shown, sent):
        assert sentence in words(answer)
        assert (f'href="{world.url(f"/bookings/{booking.code}/{instead}/")}"' in answer.content.decode()) == bool(
            instead
        )
    assert world.state() == before


@pytest.mark.parametrize("page", PAGES)
def test_staff_are_sent_to_the_administration(world, booking, page):
    """decisions.md 17: staff act there, with a reason and a preview, never here."""
    path, before = f"/bookings/{booking.code}/{page}/", world.state()

    shown, sent = world.get(world.sam, path), world.post(world.sam, path, {"time": iso(prague(24, 15))})

    assert (shown.status_code, sent.status_code) == (403, 403)
    for answer in (shown, sent):
        assert "Staff act in the administration, where each step asks for a reason and shows what it does." in words(
            answer
        )
        assert f"/admin/bookings/booking/{booking.pk}/change/" in answer.content.decode()
    assert world.state() == before


@pytest.mark.parametrize("page", PAGES)
def test_strangers_find_no_booking(world, booking, rui, page):
    """T2: another member, and somebody of another tenant at either address, see that there is nothing."""
    paths = [world.url(f"/bookings/{booking.code}/{page}/"), f"/t/south/bookings/{booking.code}/{page}/"]

    answers = [world.client(who).get(path) for who in (world.lena, rui) for path in paths]
    answers += [world.client(who).post(path, {"reason_code": "time"}) for who in (world.lena, rui) for path in paths]

    assert {answer.status_code for answer in answers} == {404}
    assert not any(b"Kim Okafor" in answer.content for answer in answers)


@pytest.mark.parametrize("page", PAGES)
def test_guests_sign_in_first_and_come_back_to_the_same_choice(world, booking, page):
    response = world.get(None, f"/bookings/{booking.code}/{page}/?time=x")

    assert (response.status_code, response.url) == (
        302,
        world.url(f"/signin/?next={world.url(f'/bookings/{booking.code}/{page}/')}%3Ftime%3Dx"),
    )


def test_code_is_found_in_any_case(world, booking):
    assert world.get(world.ana.member, f"/bookings/{booking.code.lower()}/accept/").status_code == 200


def test_suspended_member_finds_nothing(world, booking):
    from accounts.models import Membership

    with tenant_scope(world.tenant):
        Membership.objects.filter(pk=world.kim.pk).update(suspended_at=world.now)

    assert world.get(world.kim, f"/bookings/{booking.code}/withdraw/").status_code == 404
