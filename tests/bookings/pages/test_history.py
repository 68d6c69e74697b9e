"""What has happened, on the page: for the two in sentences, for staff with the names of the source texts (D-5, 3.8)."""

import re

import pytest
from django.utils import timezone

from bookings import services
from bookings.enums import Action, Actor
from bookings.models import Booking

from .conftest import words
from .stories import Stories


@pytest.fixture
def stories(world, later) -> Stories:
    return Stories(world, later)


def history(world, who, booking) -> str:
    page = words(world.get(who, f"/bookings/{booking.code}/"))
    return page.split("What has happened", 1)[1].split("What we sent", 1)[0].strip()


def by_staff(world, booking, action, **details) -> Booking:
    with world.inside():
        return services.perform(
            booking=booking, action=action, actor=Actor.STAFF, by=world.sam, now=timezone.now(), **details
        )


def test_the_two_read_one_line_for_each_change(world, stories):
    """S4.26: the source texts note another date twice; people read it once."""
    booking = stories.moved_by_ana()

    kim = history(world, world.kim, booking)

    assert len(re.findall(r"Mon 23 Nov, 2:14am", kim)) >= 4
    assert kim.count("Ana Nowak proposed Wed 25 Nov, 8am, instead of Tue 24 Nov, 8am.") == 1
    assert "Noted together" not in kim
    assert "Alternative date selected by expert" not in kim


def test_staff_read_the_names_of_the_source_texts_and_both_lines(world, stories):
    """requirements.md 3.8, S4.26."""
    sam = history(world, world.sam, stories.moved_by_ana())

    for name in (
        "Alternative date selected by expert", "Approved by expert", "Video created", "Expert approval", "Suggested by user",
    ):  # fmt: skip
        assert name in sam
    assert sam.startswith("Noted together with the line below. Approved by expert")


def test_notes_of_staff_are_theirs_alone(world, stories):
    """T34: neither the words nor that there are any."""
    booking = by_staff(world, stories.confirmed(), Action.NOTE, message="Kim phoned about the fee.")

    assert "Sam Doyle" not in history(world, world.kim, booking)
    assert "phoned" not in history(world, world.ana.member, booking)
    assert "You noted: Staff only Note by staff Mon 23 Nov, 8:14am Kim phoned about the fee." in history(
        world, world.sam, booking
    )


def test_staff_act_on_somebodys_behalf_with_a_reason(world, stories):
    """T34, decisions.md 17: who did it, for whom, and why."""
    booking = by_staff(
        world,
        stories.confirmed(),
        Action.CANCEL,
        on_behalf_of=Actor.CLIENT,
        reason_text="Kim is in hospital",
        consequences_accepted=True,
    )

    assert (
        "Sam Doyle, support, cancelled Tue 24 Nov, 8am, 29 hours before the start. Came back: 30 credits. "
        "You asked for it. "
        "Reason: Kim is in hospital."
    ) in history(world, world.kim, booking)


def test_rule_is_of_the_side_that_answers(world, stories):
    """D-5: with the numbers of that day; of another date what stands is said, too."""
    kim = history(world, world.kim, stories.moved_by_ana())

    assert (
        "Kim Okafor answers within 72 hours and before the start. Then the new time lapses and the old one stays."
        in kim
    )
    assert "Ana Nowak answers within 72 hours and before the start. Then the request closes by itself." in kim


def test_late_change_is_between_provider_and_staff(world, stories):
    """S1.16: what stands against a provider is none of the client's business."""
    booking = stories.do(
        stories.confirmed(), Action.CANCEL, Actor.PROVIDER, reason_code="ill", consequences_accepted=True
    )

    kim, ana, sam = (history(world, who, booking) for who in (world.kim, world.ana.member, world.sam))

    assert "It counts as a late change." in ana
    assert "It counts as a late change." in sam
    assert "late change" not in kim
    assert (
        "Ana Nowak cancelled Tue 24 Nov, 8am, 29 hours before the start. Came back: 30 credits. Reason: I am ill."
        in kim
    )


def test_price_of_a_late_cancellation_is_told_with_its_numbers(world, stories):
    """T22, D6."""
    booking = stories.do(
        stories.confirmed(), Action.CANCEL, Actor.CLIENT, reason_text="Ill", consequences_accepted=True
    )

    for who in (world.kim, world.ana.member):
        assert "15 of 30 credits are kept. Reason: Ill." in history(world, who, booking)
