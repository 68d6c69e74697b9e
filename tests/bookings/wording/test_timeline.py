"""The timeline: a sentence for each action and actor, with old and new, reason, rule and numbers (D-5, requirements.md 3.8)."""

# A sentence stands on one line, beside what it is said of.
# ruff: noqa: E501

from datetime import UTC, datetime

import pytest

from accounts.policies import Vocabulary
from bookings import wording
from bookings.context import Reader
from bookings.enums import Action, Actor
from bookings.wording.timeline import SENTENCES
from bookings.workflow import TABLE
from tests.factories import NOW

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
HANDOVER = {"was": "Ana Nowak", "was_service": "Tax planning", "now": "Ben Roth", "service": "Tax planning"}
WAS, NEW = datetime(2026, 11, 24, 14, tzinfo=UTC).isoformat(), datetime(2026, 11, 25, 15, tzinfo=UTC).isoformat()
NAMES = {CLIENT: "Kim Okafor", PROVIDER: "Ana Nowak", STAFF: "Sam Doyle", SYSTEM: ""}


def told(action, actor=CLIENT, viewer=STAFF, **more) -> str:
    """The line in one string, as it stands on the page."""
    event = wording.Event(
        action=action,
        actor=actor,
        name=more.pop("name", ""),
        viewer=viewer,
        client_name="Kim Okafor",
        provider_name="Ana Nowak",
        words=Vocabulary(),
        reader=Reader("Europe/Prague"),
        now=NOW,
        by_name=NAMES[actor],
        by_viewer=actor == viewer,
        data=more.pop("data", {}),
        **more,
    )
    return " ".join(part for part in wording.what_happened(event) if part)


def test_every_action_has_a_sentence():
    assert set(SENTENCES) == set(Action)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.ids} {row.action}")
def test_every_row_of_the_workflow_can_be_told_to_everybody(row):
    """Each actor's line, to each of the three who may read it, with all that `event_data` may have kept."""
    data = {"was": WAS, "start": NEW, "times": [NEW], "hours_before": 30.5, "absent": CLIENT, "answer_by": WAS}
    data["handover"] = HANDOVER
    for actor in row.actors:
        for viewer in (CLIENT, PROVIDER, STAFF):
            for kept in (data, {**data, "was": None}):
                if row.action in (Action.RESCHEDULE, Action.AMEND) and not kept["was"]:
                    continue
                line = told(row.action, actor, viewer, data=kept)
                assert line.endswith((".", ":")), line
                assert "None" not in line
                assert "  " not in line


@pytest.mark.parametrize(
    ("action", "actor", "viewer", "more", "expected"),
    [
        (Action.REQUEST, CLIENT, CLIENT, {"data": {"times": [WAS]}}, "You asked for Tue 24 Nov, 3pm."),
        (Action.REQUEST, CLIENT, PROVIDER, {"data": {"times": [WAS, NEW]}}, "Kim Okafor asked for 2 times: Tue 24 Nov, 3pm or Wed 25 Nov, 4pm."),
        (Action.BOOK, PROVIDER, CLIENT, {"data": {"start": WAS}}, "Ana Nowak booked Tue 24 Nov, 3pm for you."),
        (Action.INVITE, PROVIDER, PROVIDER, {"data": {"times": [WAS]}}, "You invited Kim Okafor for Tue 24 Nov, 3pm."),
        (Action.ACCEPT, PROVIDER, CLIENT, {"data": {"start": WAS}}, "Ana Nowak accepted Tue 24 Nov, 3pm."),
        (Action.ACCEPT, CLIENT, PROVIDER, {"data": {"was": WAS, "start": NEW}}, "Kim Okafor agreed to Wed 25 Nov, 4pm instead of Tue 24 Nov, 3pm."),
        (Action.DECLINE, PROVIDER, CLIENT, {"reason": "The time does not suit me"}, "Ana Nowak declined. Reason: The time does not suit me."),
        (Action.DECLINE, CLIENT, PROVIDER, {"data": {"was": WAS}}, "Kim Okafor declined another time: Tue 24 Nov, 3pm stays."),
        (Action.SUGGEST, PROVIDER, CLIENT, {"data": {"times": [NEW]}}, "Ana Nowak suggested Wed 25 Nov, 4pm."),
        (Action.SUGGEST, PROVIDER, CLIENT, {"data": {"times": [NEW], "was": WAS}}, "Ana Nowak proposed Wed 25 Nov, 4pm, instead of Tue 24 Nov, 3pm."),
        (Action.SUGGEST, PROVIDER, CLIENT, {"data": {"times": [NEW]}, "status_before": "declined"}, "Ana Nowak took it up again and suggested Wed 25 Nov, 4pm."),
        (Action.SUGGEST, CLIENT, CLIENT, {"data": {"times": [NEW]}, "name": "Changed by user"}, "You changed the request to Wed 25 Nov, 4pm."),
        (Action.WITHDRAW, CLIENT, PROVIDER, {}, "Kim Okafor took back the request."),
        (Action.WITHDRAW, PROVIDER, CLIENT, {}, "Ana Nowak took back what was offered."),
        (Action.WITHDRAW, PROVIDER, CLIENT, {"data": {"was": WAS}}, "Ana Nowak took back the other time: Tue 24 Nov, 3pm stays."),
        (Action.CHANGE_NOTES, CLIENT, PROVIDER, {}, "Kim Okafor changed the notes."),
        (Action.EXPIRE, SYSTEM, CLIENT, {}, "The time to answer ended. Nobody had answered."),
        (Action.EXPIRE, SYSTEM, CLIENT, {"data": {"was": WAS}}, "Nobody answered the other time before it lapsed: Tue 24 Nov, 3pm stays."),
        (Action.CLOSE, SYSTEM, CLIENT, {}, "Another agreement took every time that was asked for, so the request was closed."),
        (Action.CANCEL, CLIENT, CLIENT, {"data": {"was": WAS, "hours_before": 30.5, "price": {"returned": 15, "kept": 15, "to_provider": 7}}}, "You cancelled Tue 24 Nov, 3pm, 30 hours before the start. 15 of 30 credits are kept."),
        (Action.CANCEL, CLIENT, CLIENT, {"data": {"was": WAS, "hours_before": 60, "price": {"returned": 30, "kept": 0, "to_provider": 0}}}, "You cancelled Tue 24 Nov, 3pm, 60 hours before the start. All 30 credits come back."),
        (Action.CANCEL, PROVIDER, PROVIDER, {"data": {"was": WAS, "hours_before": 0.5, "is_late_change": True}, "reason": "I am ill"}, "You cancelled Tue 24 Nov, 3pm, less than an hour before the start. It counts as a late change. Reason: I am ill."),
        (Action.CANCEL, PROVIDER, CLIENT, {"data": {"was": WAS, "hours_before": 1.9, "is_late_change": True}}, "Ana Nowak cancelled Tue 24 Nov, 3pm, 1 hour before the start."),
        (Action.CANCEL, STAFF, CLIENT, {"on_behalf_of": PROVIDER, "reason": "She called us"}, "Sam Doyle, support, cancelled it. Ana Nowak asked for it. Reason: She called us."),
        (Action.ASK_TO_CANCEL, PROVIDER, CLIENT, {}, "Ana Nowak asked you to cancel it."),
        (Action.RESCHEDULE, PROVIDER, CLIENT, {"data": {"was": WAS, "start": NEW}, "reason": "The ferry"}, "Ana Nowak moved it from Tue 24 Nov, 3pm to Wed 25 Nov, 4pm. Reason: The ferry."),
        (Action.AMEND, STAFF, CLIENT, {"data": {"was": WAS, "start": NEW}, "on_behalf_of": CLIENT}, "Sam Doyle, support, moved it from Tue 24 Nov, 3pm to Wed 25 Nov, 4pm. You asked for it."),
        (Action.REASSIGN, STAFF, CLIENT, {"data": {"was": WAS, "handover": HANDOVER}, "on_behalf_of": PROVIDER, "is_handed_on": True}, "Sam Doyle, support, gave it to Ben Roth instead of Ana Nowak. Ana Nowak asked for it."),
        (Action.REASSIGN, STAFF, PROVIDER, {"data": {"handover": {**HANDOVER, "service": "Taxes"}}, "on_behalf_of": PROVIDER, "is_handed_on": True, "reason": "She is ill"}, "Sam Doyle, support, gave it to Ben Roth as Taxes instead of Ana Nowak. Ana Nowak asked for it. Reason: She is ill."),
        (Action.CHANGE_PRICE, STAFF, CLIENT, {"data": {"price_change": {"was": 30, "now": 20}, "credits": {"held": 20, "before": 30}}, "reason": "A promise"}, "Sam Doyle, support, changed the price from 30 to 20 credits. 10 credits came back. Reason: A promise."),
        (Action.REQUEST, CLIENT, PROVIDER, {"data": {"times": [NEW], "credits": {"missing": 23}}}, "Kim Okafor asked for Wed 25 Nov, 4pm. Missing: 23 credits."),
        (Action.CHANGE_PRICE, STAFF, PROVIDER, {"data": {"price_change": {"was": 0, "now": 1}, "credits": {"held": 1, "before": 0}}, "on_behalf_of": PROVIDER}, "Sam Doyle, support, changed the price from 0 to 1 credit. Held: 1 credit. You asked for it."),
        (Action.ASK_SUPPORT, CLIENT, PROVIDER, {"data": {"times": [NEW]}}, "Kim Okafor asked support to change it to Wed 25 Nov, 4pm."),
        (Action.REFUSE_SUPPORT, STAFF, CLIENT, {}, "Sam Doyle, support, left it as it is."),
        (Action.COMPLETE, SYSTEM, CLIENT, {}, "It counts as completed: nobody said otherwise."),
        (Action.COMPLETE, PROVIDER, CLIENT, {}, "Ana Nowak said that it took place."),
        (Action.NO_SHOW, PROVIDER, CLIENT, {"data": {"absent": "client"}}, "Ana Nowak said that you didn't come."),
        (Action.NO_SHOW, STAFF, PROVIDER, {"data": {"absent": "client"}}, "Sam Doyle, support, decided that Kim Okafor didn't come."),
        (Action.UNDO, PROVIDER, PROVIDER, {}, "You took back what was said about it."),
        (Action.CONTEST, CLIENT, PROVIDER, {}, "Kim Okafor disagreed. Support decides."),
        (Action.UPHOLD, STAFF, CLIENT, {}, "Sam Doyle, support, decided that it stays as it was said."),
        (Action.NOTE, STAFF, STAFF, {}, "You noted:"),
    ],
)  # fmt: skip
def test_line_says_who_what_old_new_and_why(action, actor, viewer, more, expected):
    assert told(action, actor, viewer, **more) == expected


@pytest.mark.parametrize(
    ("lead", "stands", "expected"),
    [
        (0, False, "Ana Nowak answers within 48 hours and before the start. Then the request closes by itself."),
        (24, False, "Ana Nowak answers within 48 hours and at the latest 24 hours before the start. Then the request closes by itself."),
        (0, True, "Ana Nowak answers within 48 hours and before the start. Then the new time lapses and the old one stays."),
    ],
)  # fmt: skip
def test_rule_has_its_numbers_of_that_day(lead, stands, expected):
    rule = {"answer_window_hours": 48, "answer_lead_hours": lead}

    assert wording.rule_in_words(rule, answers_name="Ana Nowak", stands=stands) == expected
