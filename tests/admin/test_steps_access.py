"""Who may open the pages of staff's steps, and what opening them does (PG-81, decisions.md 17 and 27)."""

import re
from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.services import join
from accounts.tenancy import tenant_scope
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor

from .steps import BASE, START, events, fresh, page

STEPS = (
    "amend", "reassign", "price", "accept", "decline", "cancel", "reopen", "complete", "no-show", "uphold", "refuse-support",
    "note", "resend", "set-up",
)  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_foreign_booking_is_not_there(step, mine, theirs, staff):
    """T1, T2: 404 like one that never was, for looking and for acting."""
    url = page(theirs.booking, step)

    assert [staff.get(url).status_code, staff.post(url, {"reason_text": "x", "apply": "Apply"}).status_code] == [
        404,
        404,
    ]
    assert fresh(theirs, theirs.booking).last_sequence == theirs.booking.last_sequence


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("who", ["client", "provider"])
def test_members_without_the_role_get_403(who, step, mine, as_):
    member = mine.client if who == "client" else mine.provider.member

    assert as_(member).post(page(mine.booking, step), {"reason_text": "x"}).status_code == 403


@pytest.mark.parametrize("who", ["client", "provider"])
def test_staff_who_take_part_leave_it_to_others(who, mine, as_):
    """PG-81: nobody decides about a booking of their own as staff; its page says who can."""
    member = mine.client if who == "client" else mine.provider.member
    with tenant_scope(mine.tenant):
        join(user=member.user, roles=[Role.STAFF])
    visitor, sentence = as_(member), "You take part in this booking yourself, so you can't act on it as staff."

    shown = visitor.get(f"{BASE}{mine.booking.pk}/change/").context
    assert shown["links"] == []
    assert shown["blocked"] == [f"{sentence} Ask somebody else of the staff."]
    for step in STEPS:
        answer = visitor.post(page(mine.booking, step), {"reason_text": "x", "seen": "1", "apply": ""})
        assert answer.status_code == 422
        assert answer.context["sentence"] == shown["blocked"][0]
    assert events(mine, mine.booking) == ["Suggested by user"]


@pytest.mark.parametrize("step", STEPS)
def test_looking_changes_nothing_and_carries_no_inline_code(step, mine, staff, agreed):
    answer = staff.get(page(agreed, step))

    assert answer.status_code == 200
    assert re.findall(r"<style|<script(?![^>]*\ssrc=)|<[^>]+\sstyle=|<[^>]+\son[a-z]+=", answer.text) == []
    assert fresh(mine, agreed).last_sequence == agreed.last_sequence


@pytest.mark.parametrize("step", ["amend", "cancel"])
def test_a_step_takes_as_many_queries_for_a_long_story_as_for_a_short_one(
    step, mine, staff, agreed, act, django_assert_max_num_queries
):
    staff.get(page(agreed, step))
    with django_assert_max_num_queries(26) as short:
        staff.get(page(agreed, step))
    for number in range(3):
        other = START + timedelta(days=1, minutes=30 * number)
        act(agreed, Action.SUGGEST, Actor.PROVIDER, offer=[TimeOnTable(other, 30, 30)])

    with django_assert_max_num_queries(len(short) + 1):
        staff.get(page(agreed, step))
