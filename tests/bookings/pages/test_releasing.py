"""A provider who does not wait for the client's credits declines on a page of their own (T9, PG-34)."""

from dataclasses import replace

import pytest

from accounts.policies import Reason
from accounts.queries import current_policy
from accounts.services import adopt_policy
from bookings.enums import Status
from bookings.models import Booking

from .conftest import words
from .stories import Stories


@pytest.fixture
def waiting(world, later) -> Booking:
    return Stories(world, later).waiting()


def path(booking: Booking, page: str = "decline/") -> str:
    return f"/bookings/{booking.code}/{page}"


def test_page_says_what_waits_and_what_follows(world, waiting):
    page = words(world.get(world.ana.member, path(waiting)))
    assert "Decline this request" in page
    assert "Kim Okafor has too few credits for it yet." in page
    assert "Tue 24 Nov, 3pm to 3:30pm" in page
    assert "The time is free again for others." in page
    assert "stays" not in page.split("Decline this request")[1]


def test_declining_frees_the_time_and_tells_the_client(world, waiting):
    seen = world.again(waiting).last_sequence
    answer = world.post(world.ana.member, path(waiting), {"reason_code": "time", "message": "Next week?", "seen": seen})
    assert answer.status_code == 303
    assert world.again(waiting).status == Status.DECLINED
    assert "declined: the credits for it were not there yet." in words(world.get(world.kim, path(waiting, "")))


def test_button_leads_there_and_the_client_has_none(world, waiting):
    assert path(waiting) in world.get(world.ana.member, path(waiting, "")).content.decode()
    assert path(waiting) not in world.get(world.kim, path(waiting, "")).content.decode()
    assert world.get(world.lena, path(waiting)).status_code == 404


def test_without_a_reason_nothing_happens_where_one_is_wanted(world, later):
    with world.inside():
        reasons = (Reason("time", "I need the time for something else"),)
        policy = current_policy().policy
        adopt_policy(policy=replace(policy, decline_reason="required", decline_reasons=reasons))
    waiting = Stories(world, later).waiting()
    answer = world.post(world.ana.member, path(waiting), {"message": "Next week?"})
    assert answer.status_code == 422
    assert "Next week?" in words(answer)
    assert world.again(waiting).status == Status.WAITING


def test_client_who_takes_back_what_waits_reads_that_nothing_stays(world, waiting):
    seen = world.again(waiting).last_sequence
    client = world.client(world.kim)
    answer = client.post(world.url(path(waiting, "withdraw/")), {"seen": seen}, follow=True)
    assert "You took back your request. Ana Nowak is told by mail." in words(answer)
