"""Time that a provider keeps for themselves (PG-42, F44)."""

from datetime import UTC, datetime

import pytest

from accounts.tenancy import tenant_scope
from calendars.enums import ClaimKind
from calendars.models import Block, Claim

from .reading import BASE, prague, values, words


def blocked(day, opens, closes, **more):
    return {"day": day, "opens-block": opens, "closes-block": closes, "note": "Dentist", **more}


def test_blocked_time_is_not_offered_and_its_note_is_for_its_owner_alone(scene, client):
    scene.client.post(f"{BASE}blocks/", blocked("2026-11-24", "10am", "11:30"))

    text = words(scene.client.get(f"{BASE}blocks/"))
    assert "Blocked: Tue 24 Nov, 10am to 11:30am. Nobody is offered this time." in text
    assert "Tue 24 Nov, 10am to 11:30am Dentist Remove" in text
    assert "Tue 24 Nov 9am, 9:30am and 11:30am to 4:30pm" in text
    with tenant_scope(scene.tenant):
        claim = Claim.objects.get()
        assert (claim.kind, claim.reference) == (ClaimKind.BLOCKED, Block.objects.get().reference)
        assert "Dentist" not in claim.reference
    client.force_login(scene.kim.user)
    public = client.get("/t/north/experts/ana-nowak/").content.decode()
    assert "Dentist" not in public
    assert "2026-11-24T08:30Z" in public
    assert "2026-11-24T09:00Z" not in public


def test_a_block_is_removed_once(scene):
    scene.client.post(f"{BASE}blocks/", blocked("2026-11-24", "10am", "11am"))
    with tenant_scope(scene.tenant):
        key = Block.objects.get().pk

    first = scene.client.post(f"{BASE}blocks/", {"do": "clear", "block": key}, follow=True)
    second = scene.client.post(f"{BASE}blocks/", {"do": "clear", "block": key}, follow=True)

    assert "The time can be booked again." in words(first)
    assert "This time is not blocked any more." in words(second)
    assert scene.client.post(f"{BASE}blocks/", {"do": "clear", "block": "x"}).status_code == 303
    with tenant_scope(scene.tenant):
        assert not Claim.objects.exists()


def test_sessions_within_a_block_stay_and_are_named(scene):
    booking = scene.agree(prague(24, 10))

    scene.client.post(f"{BASE}blocks/", blocked("2026-11-24", "9am", "midnight"))

    page = scene.client.get(f"{BASE}blocks/")
    assert "1 agreed meeting lies within: it stays as it is." in words(page)
    assert "Tue 24 Nov, 9am to midnight" in words(page)
    assert f"/t/north/bookings/{booking.code}/" in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (blocked("", "9am", "10am"), "Enter the day."),
        (blocked("2026-11-20", "9am", "10am"), "That day has passed. Enter today or a later day."),
        (blocked("2026-11-23", "8am", "9am"), "That time has passed. Enter a later one."),
        (blocked("2026-11-24", "", ""), "Enter from when to when."),
        (blocked("2026-11-24", "5pm", "9am"), "The end must be later than the start."),
        (blocked("2027-03-28", "2:30", "4am"), "The clocks go forward on Sun 28 Mar 2027"),
        (blocked("2026-11-24", "9am", "10am", note="x" * 121), "This is too long: 120 characters fit, these are 121."),
    ],
)
def test_blocks_that_cannot_be_are_kept_as_typed_and_change_nothing(scene, sent, sentence):
    page = scene.client.post(f"{BASE}blocks/", sent)

    assert page.status_code == 422
    assert words(page).count(sentence) == 2
    assert (values(page, "opens-block"), values(page, "note")) == ([sent["opens-block"]], [sent["note"]])
    with tenant_scope(scene.tenant):
        assert not Block.objects.exists()


def test_a_block_over_a_repeated_hour_takes_both(scene):
    scene.client.post(f"{BASE}blocks/", blocked("2027-10-31", "2:30", "2:45"))

    with tenant_scope(scene.tenant):
        block = Block.objects.get()
    assert (block.starts_at, block.ends_at) == (
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 45, tzinfo=UTC),
    )  # fmt: skip
