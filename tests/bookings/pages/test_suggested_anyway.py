"""A time that is not offered is suggested anyway: by request, by an answer; the provider reads where it lies (T7, D-3, PG-35)."""

from dataclasses import replace

import pytest

from accounts.queries import current_policy
from accounts.services import adopt_policy
from bookings.enums import Action, Actor, ProposalState, Status
from bookings.models import Booking, ProposalTime
from calendars.enums import ClaimKind
from notifications import rendering
from notifications.models import EmailMessage

from .acts import busy
from .conftest import World, iso, prague, values, words

EVENING = prague(26, 21)
NOT_OFFERED = "This time is not offered. Ana Nowak may still accept it."
OUTSIDE = "This is outside your hours."
BUTTON = "Suggest it anyway"


def send(world: World, *starts, anyway=(), **more):
    sent = {"service": str(world.service.pk), "slot": [iso(start) for start in starts], **more}
    return world.post(world.kim, f"/experts/{world.ana.slug}/request/", sent | {"anyway": [iso(at) for at in anyway]})


def times(world: World) -> list[tuple]:
    with world.inside():
        rows = ProposalTime.objects.filter(proposal__state=ProposalState.OPEN).order_by("position")
        return list(rows.values_list("starts_at", "is_outside"))


@pytest.fixture
def suggested(world) -> Booking:
    """Kim asks for Thu 26 Nov, 9pm in Prague."""
    return world.ask(EVENING, anyway=[EVENING])


# --- the request --------------------------------------------------------------------------------------


def test_request_page_says_that_it_is_not_offered_and_keeps_it(world):
    page = world.get(
        world.kim,
        f"/experts/{world.ana.slug}/request/?service={world.service.pk}&slot={iso(EVENING)}&anyway={iso(EVENING)}",
    )
    assert NOT_OFFERED in words(page)
    assert values(page, "anyway") == [iso(EVENING)]


def test_request_is_sent_and_marked(world):
    assert send(world, EVENING, anyway=[EVENING]).status_code == 303
    assert times(world) == [(EVENING, True)]


def test_time_between_the_times_of_a_service_is_not_called_outside(world):
    between = prague(26, 15, 10)
    assert send(world, between, anyway=[between]).status_code == 303
    assert times(world) == [(between, False)]


def test_mark_without_the_press_is_refused(world):
    """A time of somebody's own making without the button is as gone as any other."""
    answer = send(world, EVENING)
    assert answer.status_code == 409
    assert "outside the hours of Ana Nowak" in words(answer)
    assert times(world) == []


@pytest.mark.parametrize("kind", [ClaimKind.SESSION, ClaimKind.ASKED, ClaimKind.EXTERNAL, ClaimKind.BLOCKED])
def test_what_stands_in_the_calendar_is_no_time_to_suggest(world, kind):
    busy(world, EVENING, prague(26, 22), kind=kind)
    assert send(world, EVENING, anyway=[EVENING]).status_code == 409
    assert times(world) == []


def test_off_the_grid_is_refused(world):
    start = prague(26, 21, 3)
    answer = send(world, start, anyway=[start])
    assert answer.status_code == 409
    assert "which begin every 5 minutes." in words(answer)


def test_tenant_that_keeps_to_what_is_offered_refuses(world):
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, takes_other_times=False))
    assert send(world, EVENING, anyway=[EVENING]).status_code == 409


def test_instant_service_refuses(world):
    with world.inside():
        world.service.is_instant = True
        world.service.save()
    assert send(world, EVENING, anyway=[EVENING]).status_code == 409


@pytest.mark.parametrize("anyway", ["", "soon", "0001-01-01T00:00Z", "9" * 300])
def test_garbage_for_the_mark_is_no_error(world, anyway):
    sent = {"service": str(world.service.pk), "slot": [iso(prague(24, 15))], "anyway": [anyway] * 30}
    assert world.post(world.kim, f"/experts/{world.ana.slug}/request/", sent).status_code == 303


def test_going_back_to_the_times_keeps_it(world):
    answer = send(world, EVENING, anyway=[EVENING], go="times")
    assert f"anyway={iso(EVENING).replace(':', '%3A')}" in answer.headers["location"]


# --- what the provider reads --------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/bookings/{}/accept/", "/portal/", "/bookings/{}/"])
def test_provider_reads_that_it_is_outside_their_hours(world, suggested, page):
    assert OUTSIDE in words(world.get(world.ana.member, page.format(suggested.code)))


def test_client_does_not_read_it_as_theirs(world, suggested):
    assert OUTSIDE not in words(world.get(world.kim, f"/bookings/{suggested.code}/"))


def test_mail_to_the_provider_says_it_and_the_receipt_does_not(world, suggested):
    with world.inside():
        told, receipt = (
            rendering.render(EmailMessage.objects.get(kind=kind), now=world.now).text
            for kind in ("booking_requested_provider", "booking_requested_client")
        )
    assert "Hours: Outside your hours." in told
    assert "Hours:" not in receipt


def test_provider_accepts_it_like_any_other(world, suggested):
    assert world.confirm(suggested).status == Status.CONFIRMED
    with world.inside():
        assert suggested.provider.calendar.claims.filter(kind=ClaimKind.SESSION).count() == 1


# --- an answer ----------------------------------------------------------------------------------------


@pytest.fixture
def answering(world) -> Booking:
    """Ana has put another time on the table; Kim answers."""
    return world.suggest(world.ask(prague(24, 15)), prague(25, 10))


def answer_with(world: World, booking: Booking, *starts, page="suggest", **more):
    seen = world.again(booking).last_sequence
    sent = {"time": [iso(start) for start in starts], "seen": seen, **more}
    return world.post(world.kim, f"/bookings/{booking.code}/{page}/", sent)


def test_client_types_a_time_outside_and_may_suggest_it(world, answering):
    asked = answer_with(world, answering, day="26 Nov", at="2pm", message="Evenings are best")
    assert "Thu 26 Nov, 2pm to 2:30pm is 9pm in Prague, outside the hours of Ana Nowak." in words(asked)
    assert values(asked, "insist") == [iso(EVENING)]
    assert "Evenings are best" in words(asked)

    shown = answer_with(world, answering, insist=iso(EVENING), day="26 Nov", at="2pm")
    assert values(shown, "anyway") == [iso(EVENING)]
    assert NOT_OFFERED in words(shown)

    assert answer_with(world, answering, EVENING, anyway=iso(EVENING)).status_code == 303
    assert times(world) == [(EVENING, True)]


def test_client_types_a_free_time(world, answering):
    asked = answer_with(world, answering, day="26 Nov", at="8am")
    assert values(asked, "insist") == []
    assert "This is how we read the time you typed." in words(asked)


def test_client_types_a_taken_time_and_reads_nothing_about_it(world, answering):
    busy(world, EVENING, prague(26, 22))
    asked = answer_with(world, answering, day="26 Nov", at="2pm")
    assert "Ana Nowak is not available on Thu 26 Nov, 2pm to 2:30pm." in words(asked)
    assert values(asked, "insist") == []
    assert answer_with(world, answering, EVENING, anyway=iso(EVENING)).status_code == 409


def test_client_suggests_another_date_outside_the_hours(world):
    agreed = world.confirm(world.ask(prague(25, 15)))
    assert answer_with(world, agreed, EVENING, anyway=iso(EVENING)).status_code == 303
    assert times(world) == [(EVENING, True)]


def test_move_at_once_keeps_to_what_is_offered(world):
    """Nobody answers a direct move (T32)."""
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, reschedule="direct"))
    agreed = world.confirm(world.ask(prague(25, 15)))
    moved = answer_with(world, agreed, EVENING, page="reschedule", anyway=iso(EVENING), reason_text="Work")
    assert moved.status_code == 409
    assert world.again(agreed).starts_at == prague(25, 15)


def test_provider_needs_no_such_press(world):
    """Their own time is theirs to give (PG-35)."""
    booking = world.suggest(world.ask(prague(24, 15)), EVENING)
    assert world.act(booking, Action.ACCEPT, Actor.CLIENT, start=EVENING).starts_at == EVENING
