"""The Next line and the state in a word: for every state and viewer who must act, by when, and what happens otherwise."""

# A sentence stands on one line, beside what it is said of.
# ruff: noqa: E501

import itertools
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.policies import CancelTier, Policy, Vocabulary
from bookings import wording
from bookings.context import Reader
from bookings.enums import Actor, Status
from bookings.pages.listing import STATES
from tests.factories import NOW

READER = Reader("Europe/Prague")
CLIENT, PROVIDER, STAFF = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF
START = NOW + timedelta(hours=30)  # Tue 24 Nov, 3:14pm in Prague
HOUR = timedelta(hours=1)


def facts(status=Status.PENDING, viewer=CLIENT, **more) -> wording.Facts:
    given = {
        "provider_name": "Ana Nowak",
        "client_name": "Kim Okafor",
        "session": "session",
        "starts_at": None if status == Status.PENDING else START,
        "minutes": 30,
        "answer_by": NOW + 20 * HOUR,
        "closes_at": NOW + 20 * HOUR,
    }
    return wording.Facts(status=status, viewer=viewer, **{**given, **more})


def line(*args, now=NOW, **more) -> str:
    return wording.next_line(facts(*args, **more), READER, now)


ASKED = {"awaits": PROVIDER, "asked_by": CLIENT}
INVITED = {"awaits": CLIENT, "asked_by": PROVIDER}
SUGGESTED = {**INVITED, "is_first": False, "times": 2}
SAID = {"said_by": PROVIDER, "said_at": NOW}
EVERYTHING = [
    (Status.PENDING, ASKED), (Status.PENDING, INVITED), (Status.PENDING, SUGGESTED), (Status.WAITING, {}),
    (Status.CONFIRMING, {}), (Status.CONFIRMED, {}), (Status.CONFIRMED, {**SUGGESTED}), (Status.CONFIRMED, {"cancel_asked": True}),
    (Status.CONFIRMED, {"starts_at": NOW}), (Status.CONFIRMED, {"starts_at": NOW - 2 * HOUR}), (Status.DECLINED, ASKED),
    (Status.DECLINED, {"is_taken": True}), (Status.CANCELLED, {}), (Status.EXPIRED, ASKED), (Status.EXPIRED, INVITED),
    (Status.COMPLETED, SAID), (Status.NOSHOW, {**SAID, "absent": CLIENT}), (Status.NOSHOW, {**SAID, "is_contested": True}),
]  # fmt: skip


@pytest.mark.parametrize("viewer", [CLIENT, PROVIDER, STAFF])
@pytest.mark.parametrize(("status", "more"), EVERYTHING)
def test_next_line_is_one_or_two_whole_sentences(status, more, viewer):
    """ux.md Appendix D: at most two, for everybody, in every state."""
    said = line(status, viewer, **more)

    assert 1 <= len(re.findall(r"[.?](?= [A-Z]|$)", said)) <= 2
    assert said[0].isupper()
    assert "None" not in said


@pytest.mark.parametrize(
    ("status", "viewer", "more", "expected"),
    [
        (Status.PENDING, PROVIDER, ASKED, "Accept or decline by Tue 24 Nov, 5:14am (in 20 hours). If you don't answer, the request closes and Kim Okafor is told."),
        (Status.PENDING, CLIENT, ASKED, "Ana Nowak answers by Tue 24 Nov, 5:14am (in 20 hours). If not, the request closes and you are told."),
        (Status.PENDING, STAFF, ASKED, "Ana Nowak answers by Tue 24 Nov, 5:14am (in 20 hours). If not, the request closes and both are told."),
        (Status.PENDING, CLIENT, INVITED, "Accept or decline Ana Nowak's invitation by Tue 24 Nov, 5:14am (in 20 hours). If you don't answer, the invitation closes and Ana Nowak is told."),
        (Status.PENDING, CLIENT, SUGGESTED, "Choose one of Ana Nowak's 2 times by Tue 24 Nov, 5:14am (in 20 hours). If you don't answer, the booking closes and Ana Nowak is told."),
        (Status.CONFIRMED, CLIENT, SUGGESTED, "Choose one of Ana Nowak's 2 new times by Tue 24 Nov, 5:14am (in 20 hours). Until then Tue 24 Nov, 3:14pm stays as it is."),
        (Status.CONFIRMED, PROVIDER, SUGGESTED, "Kim Okafor answers by Tue 24 Nov, 5:14am (in 20 hours). Until then Tue 24 Nov, 3:14pm stays as it is."),
        (Status.CONFIRMED, PROVIDER, {"cancel_asked": True}, "You asked Kim Okafor to cancel. Until then Tue 24 Nov, 3:14pm stays as it is."),
        (Status.CONFIRMED, STAFF, {}, "Kim Okafor meets Ana Nowak on Tue 24 Nov, 3:14pm (in 30 hours)."),
        (Status.CONFIRMED, CLIENT, {"place": "phone"}, "You meet Ana Nowak on Tue 24 Nov, 3:14pm (in 30 hours). You talk by phone."),
        (Status.CONFIRMED, PROVIDER, {"starts_at": NOW - 2 * HOUR, "completion": "provider"}, "Say whether it took place. It stays open until then."),
        (Status.CONFIRMED, PROVIDER, {"starts_at": NOW - 2 * HOUR, "completes_at": NOW + HOUR}, "Say whether it took place. If nobody says otherwise, it counts as completed on Mon 23 Nov, 10:14am."),
        (Status.CONFIRMED, PROVIDER, {"starts_at": NOW - 2 * HOUR, "held_by": PROVIDER, "completes_at": NOW + HOUR}, "You said that it took place; Kim Okafor confirms it. If nobody says otherwise, it counts as completed on Mon 23 Nov, 10:14am."),
        (Status.CONFIRMED, CLIENT, {"starts_at": NOW - 2 * HOUR, "held_by": PROVIDER, "completes_at": NOW + HOUR}, "Ana Nowak says that it took place: confirm it, or say if not. If nobody says otherwise, it counts as completed on Mon 23 Nov, 10:14am."),
        (Status.CONFIRMED, CLIENT, {"starts_at": NOW - 2 * HOUR, "completes_at": NOW - HOUR}, "Did it happen? If nobody says otherwise, it counts as completed in a moment."),
        (Status.COMPLETED, PROVIDER, {"said_by": Actor.SYSTEM, "said_at": NOW}, "Nobody said otherwise: it took place. If that is wrong, you can take it back until Tue 24 Nov, 9:14am."),
        (Status.COMPLETED, CLIENT, SAID, "Ana Nowak said that it took place. If that is wrong, tell us until Wed 25 Nov, 9:14am."),
        (Status.COMPLETED, CLIENT, {"said_by": STAFF, "said_at": NOW}, "Support decided: it took place. Nothing more to do."),
        (Status.NOSHOW, CLIENT, {**SAID, "absent": CLIENT}, "Ana Nowak said that you didn't come. If that is wrong, tell us until Wed 25 Nov, 9:14am."),
        (Status.NOSHOW, STAFF, {**SAID, "absent": CLIENT}, "Ana Nowak said that Kim Okafor didn't come. Nothing more to do."),
        (Status.DECLINED, CLIENT, {**INVITED, "awaits": None}, "You declined. Ask for another time, or ask somebody else."),
        (Status.DECLINED, PROVIDER, {**INVITED, "awaits": None}, "Kim Okafor declined. You can still suggest another time."),
        (Status.DECLINED, PROVIDER, {"closed_by": STAFF}, "Support declined this. You can still suggest another time."),
        (Status.DECLINED, PROVIDER, {"is_past": True}, "You declined. Nothing more to do."),
        (Status.EXPIRED, CLIENT, {"asked_by": PROVIDER}, "You didn't answer in time. Ask for another time, or ask somebody else."),
        (Status.EXPIRED, PROVIDER, {"asked_by": PROVIDER}, "Kim Okafor didn't answer in time. Nothing more to do."),
        (Status.CANCELLED, PROVIDER, {}, "Nothing more to do."),
    ],
)  # fmt: skip
def test_next_line_says_who_by_when_and_what_otherwise(status, viewer, more, expected):
    assert line(status, viewer, **more) == expected


def test_next_line_of_several_times_names_the_first_deadline_and_the_last():
    """PG-40: times drop out one by one."""
    more = {**SUGGESTED, "closes_at": NOW + 40 * HOUR}

    assert line(viewer=CLIENT, **more) == (
        "Choose one of Ana Nowak's 2 times by Tue 24 Nov, 5:14am (in 20 hours). "
        "After that one time is gone; the booking closes on Wed 25 Nov, 1:14am."
    )


def test_nobody_is_asked_for_an_answer_when_its_time_is_over():
    """PG-32: badge and Next line say the same from the end of the time on, until the clock closes it."""
    asked = facts(viewer=PROVIDER, **ASKED)
    end = NOW + 20 * HOUR

    assert wording.state_key(asked, end - timedelta(seconds=1)) == "needs_you"
    assert wording.state_key(asked, end) == "requested"
    assert wording.next_line(asked, READER, end) == "The time to answer is over. The request closes in a moment."


def test_state_key_is_one_of_the_words_and_of_the_filter():
    keys = {
        wording.state_key(facts(status, viewer, **more), NOW)
        for (status, more), viewer in itertools.product(EVERYTHING, [CLIENT, PROVIDER, STAFF])
    }

    assert keys == set(wording.WORDS) == set(STATES)


@pytest.mark.parametrize(
    ("status", "viewer", "more", "labels"),
    [
        (Status.PENDING, PROVIDER, ASKED, ["Your answer needed"]),
        (Status.PENDING, CLIENT, ASKED, ["Pending"]),
        (Status.PENDING, CLIENT, INVITED, ["Your answer needed", "Invited"]),
        (Status.PENDING, PROVIDER, INVITED, ["Invited"]),
        (Status.PENDING, STAFF, SUGGESTED, ["Times suggested"]),
        (Status.CONFIRMED, CLIENT, SUGGESTED, ["Confirmed", "Change proposed"]),
        (Status.CONFIRMED, CLIENT, {"starts_at": NOW}, ["In progress"]),
        (Status.CONFIRMED, CLIENT, {"starts_at": NOW - timedelta(minutes=30)}, ["Ended, no outcome yet"]),
    ],
)
def test_badges_are_in_the_tenants_words(status, viewer, more, labels):
    """requirements.md 3.2: `requested` is called Pending here."""
    policy = Policy(status_words={"requested": "Pending"})

    assert [state.label for state in wording.states_of(facts(status, viewer, **more), policy, NOW)] == labels


@pytest.mark.parametrize(
    ("more", "viewer", "tiers", "expected"),
    [
        ({}, CLIENT, ((48, 100, 0), (0, 50, 25)), "Now 15 of 30 credits are kept if you cancel."),
        ({}, PROVIDER, ((48, 100, 0), (0, 50, 25)), "Now 15 of 30 credits are kept if Kim Okafor cancels."),
        ({}, CLIENT, ((24, 100, 0), (0, 0, 0)), "Free for you until Mon 23 Nov, 3:14pm. After that 30 of 30 credits are kept."),
        ({}, CLIENT, ((0, 100, 0),), "Free for you until the start."),
        ({"cancel_asked": True}, CLIENT, ((48, 0, 0),), "Free for you, since Ana Nowak asked for it: all 30 credits come back."),
        ({"starts_at": NOW}, CLIENT, ((48, 100, 0),), ""),
    ],
)  # fmt: skip
def test_terms_of_cancelling_are_those_that_are_applied(more, viewer, tiers, expected):
    """D6, T21, T22."""
    policy = Policy(client_cancel_tiers=tuple(CancelTier(*tier) for tier in tiers))
    about = facts(Status.CONFIRMED, viewer, **more)

    assert wording.cancel_terms(about, 30, policy, Vocabulary(), READER, NOW) == expected


def test_terms_need_a_price():
    assert wording.cancel_terms(facts(Status.CONFIRMED), 0, Policy(), Vocabulary(), READER, NOW) == ""


@pytest.mark.parametrize(
    ("status", "viewer", "more", "expected"),
    [
        (Status.CONFIRMED, CLIENT, SUGGESTED, "Answer by Tue 24 Nov, 5:14am"),
        (Status.CONFIRMED, PROVIDER, SUGGESTED, "Kim Okafor answers by Tue 24 Nov, 5:14am"),
        (Status.CONFIRMED, PROVIDER, {"starts_at": NOW - HOUR, "completion": "both"}, "Say whether it took place"),
        (Status.CONFIRMED, PROVIDER, {"starts_at": NOW - HOUR}, "It is over"),
        (Status.CONFIRMED, CLIENT, {"starts_at": NOW}, "On now"),
        (Status.CONFIRMED, CLIENT, {"cancel_asked": True}, "You are asked to cancel"),
        (Status.CONFIRMING, CLIENT, {}, "We are setting it up"),
        (Status.WAITING, CLIENT, {}, "The time is kept"),
        (Status.NOSHOW, CLIENT, {"absent": CLIENT}, "You didn't come"),
        (Status.NOSHOW, PROVIDER, {"absent": CLIENT}, "Kim Okafor didn't come"),
        (Status.NOSHOW, CLIENT, {"absent": CLIENT, "is_contested": True}, "Support decides"),
        (Status.COMPLETED, CLIENT, {}, ""),
        (Status.CANCELLED, CLIENT, {}, "You can ask for another time"),
        (Status.CANCELLED, PROVIDER, {}, ""),
    ],
)
def test_rows_say_it_in_short(status, viewer, more, expected):
    """PG-31."""
    assert wording.next_in_short(facts(status, viewer, **more), READER, NOW) == expected


def test_facts_without_an_agreement_have_no_end():
    with pytest.raises(LookupError):
        _ = replace(facts(), starts_at=None).ends_at
