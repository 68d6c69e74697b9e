"""Each guard of the negotiation with its exact sentence, and each threshold exactly at it (decisions.md 9-14, 35)."""

from datetime import timedelta

import pytest

from accounts.policies import Reason
from bookings import workflow
from bookings.context import Gone, TimeOnTable
from bookings.enums import Action, Actor, Status
from calendars.slots import Reason as WhyNot
from calendars.slots import ReasonCode
from tests.bookings.facts import (
    CLIENT_MUST_ANSWER,
    FIRST,
    MADE,
    NEW,
    NOBODY_MUST_ANSWER,
    OTHER,
    PROVIDER_MUST_ANSWER,
    START,
    agreed_clash,
    context_of,
    soft_clash,
    with_policy,
)

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
A_SECOND = timedelta(seconds=1)
ACCEPT = (Status.PENDING, PROVIDER_MUST_ANSWER, Action.ACCEPT, PROVIDER)
ACCEPT_AS_CLIENT = (Status.PENDING, CLIENT_MUST_ANSWER, Action.ACCEPT, CLIENT)
ACCEPT_AS_STAFF = (Status.PENDING, PROVIDER_MUST_ANSWER, Action.ACCEPT, STAFF)
ACCEPT_MOVE = (Status.CONFIRMED, CLIENT_MUST_ANSWER, Action.ACCEPT, CLIENT)
DECLINE = (Status.PENDING, PROVIDER_MUST_ANSWER, Action.DECLINE, PROVIDER)
SUGGEST = (Status.PENDING, PROVIDER_MUST_ANSWER, Action.SUGGEST, PROVIDER)
SUGGEST_AS_CLIENT = (Status.PENDING, CLIENT_MUST_ANSWER, Action.SUGGEST, CLIENT)
MOVE = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.SUGGEST, PROVIDER)
MOVE_DIRECTLY = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.RESCHEDULE, CLIENT)
AMEND = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.AMEND, STAFF)
CHANGE_PRICE = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.CHANGE_PRICE, STAFF)
INVITE = (None, NOBODY_MUST_ANSWER, Action.INVITE, PROVIDER)
BOOK = (None, NOBODY_MUST_ANSWER, Action.BOOK, PROVIDER)
BOOK_AT_ONCE = (None, NOBODY_MUST_ANSWER, Action.BOOK, CLIENT)


def said(cell, **changed):
    """Code, sentence, field and whether the world moved on; None where the action is legal."""
    return _as_said(workflow.check(context_of(*cell, **changed)))


def said_under(cell, settings, **changed):
    """The same under other rules of the tenant."""
    return _as_said(workflow.check(with_policy(context_of(*cell, **changed), **settings)))


def _as_said(refusal):
    return refusal and (refusal.code, refusal.sentence, refusal.field, refusal.is_conflict)


# --- a time on the table ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [ACCEPT, ACCEPT_AS_CLIENT, ACCEPT_AS_STAFF, ACCEPT_MOVE])
@pytest.mark.parametrize("chosen", [None, NEW])
def test_only_a_time_of_the_table_is_accepted(cell, chosen):
    """S1.8."""
    expected = ("choose_time", "Choose one of the times on the table.", "time", False)
    assert said(cell, chosen=chosen) == expected


@pytest.mark.parametrize("cell", [ACCEPT, ACCEPT_AS_CLIENT, ACCEPT_AS_STAFF])
def test_accepting_closes_at_the_lead(cell):
    """S0.21, decisions 9 and 10: exactly at the lead counts."""
    rules, at_the_lead = {"answer_lead_hours": 24}, START - timedelta(hours=24)
    assert said_under(cell, rules, now=at_the_lead) is None
    who = {PROVIDER: "Kim Okafor", CLIENT: "Ana Nowak", STAFF: "Kim Okafor and Ana Nowak"}[cell[3]]
    assert said_under(cell, rules, now=at_the_lead + A_SECOND) == (
        "too_late", f"Accepting closes 24 hours before the start. Suggest a later time to {who}.", "time", True,
    )  # fmt: skip


@pytest.mark.parametrize("cell", [ACCEPT, ACCEPT_AS_CLIENT, ACCEPT_MOVE])
def test_own_agreed_session_then_is_named(cell):
    """Decisions 14: what one has agreed to oneself."""
    when = "Fri 27 Nov, 9:14am" if cell == ACCEPT_MOVE else "Thu 26 Nov, 9:14am"
    clash = agreed_clash(of=cell[3], at=OTHER if cell == ACCEPT_MOVE else FIRST)
    sentence = f"You have agreed to NW-7K4Q on {when}. Choose another time."
    assert said(cell, clashes=(clash,), clash_accepted=True) == ("taken", sentence, "time", True)


@pytest.mark.parametrize(
    ("cell", "of", "name"),
    [
        (ACCEPT, CLIENT, "Kim Okafor"),
        (ACCEPT_AS_CLIENT, PROVIDER, "Ana Nowak"),
        (ACCEPT_AS_STAFF, CLIENT, "Kim Okafor"),
    ],
)
def test_what_the_other_has_agreed_to_stays_private(cell, of, name):
    sentence = f"{name} has agreed to something else at that time. Choose another time."
    assert said(cell, clashes=(agreed_clash(of=of),)) == ("other_busy", sentence, "time", True)


@pytest.mark.parametrize(("cell", "go_on"), [(ACCEPT, "accept"), (SUGGEST, "go on"), (BOOK, "go on"), (AMEND, "go on")])
def test_anything_else_only_warns_and_needs_a_tick(cell, go_on):
    """S4.4, decisions 14."""
    sentence = f"This overlaps time you blocked on Thu 26 Nov, 9:14am. Tick the box to {go_on} anyway."
    assert said(cell, clashes=(soft_clash(),)) == ("clash", sentence, "clash_accepted", False)
    assert said(cell, clashes=(soft_clash(),), clash_accepted=True) is None


@pytest.mark.parametrize("cell", [ACCEPT_AS_CLIENT, SUGGEST_AS_CLIENT, BOOK_AT_ONCE, MOVE_DIRECTLY])
def test_a_client_is_not_asked_about_the_providers_calendar(cell):
    """Privacy: what only warns is the owner's to weigh."""
    assert said(cell, clashes=(soft_clash(of=PROVIDER),)) is None


# --- times put forward -----------------------------------------------------------------------------------------------

SUGGESTING = [SUGGEST, SUGGEST_AS_CLIENT, MOVE, INVITE, (Status.DECLINED, NOBODY_MUST_ANSWER, Action.SUGGEST, PROVIDER)]
ONE_TIME = [BOOK, BOOK_AT_ONCE, MOVE_DIRECTLY, AMEND]


def at(hours, minutes=30):
    return TimeOnTable(NEW.starts_at + timedelta(hours=hours), minutes, 30)


@pytest.mark.parametrize("cell", SUGGESTING)
@pytest.mark.parametrize(
    ("code", "offer", "sentence"),
    [
        ("no_time", (), "Choose a time first."),
        ("same_time", (NEW, NEW), "You chose one time twice. Remove one of them."),
        ("too_many", tuple(at(n) for n in range(4)), "You can suggest 3 times at most. Remove the others."),
        ("overlap", (at(1), at(0, 61)), "Two of your times overlap each other. Move one of them."),
    ],
)
def test_one_to_three_times_of_their_own_are_suggested(cell, code, offer, sentence):
    """S1.8, S1.13, PG-35."""
    assert said(cell, offer=offer) == (code, sentence, "time", False)


@pytest.mark.parametrize("cell", SUGGESTING)
def test_three_times_that_touch_are_fine(cell):
    assert said(cell, offer=(at(1), at(0, 60), at(2))) is None


@pytest.mark.parametrize("cell", ONE_TIME)
def test_one_time_is_agreed_directly(cell):
    one_only = "Only one time is possible here. Remove the others."
    assert said(cell, offer=()) == ("no_time", "Choose a time first.", "time", False)
    assert said(cell, offer=(NEW, at(1))) == ("too_many", one_only, "time", False)


@pytest.mark.parametrize("cell", [*SUGGESTING, *ONE_TIME])
def test_nothing_in_the_past_is_put_forward(cell):
    """S4.42: exactly now has come."""
    now = MADE + timedelta(hours=1)
    past = TimeOnTable(now, 30, 30)
    assert said(cell, offer=(past,), chosen=past) == (
        "past", "Mon 23 Nov, 10:14am has passed. Choose a later time.", "time", True,
    )  # fmt: skip


@pytest.mark.parametrize("cell", [*SUGGESTING, *ONE_TIME])
def test_nothing_inside_the_lead_is_put_forward(cell):
    """Decisions 9: nobody could accept it. Exactly at the lead somebody can."""
    now = MADE + timedelta(hours=1)
    soon, just = (
        TimeOnTable(now + timedelta(hours=24) - A_SECOND, 30, 30),
        TimeOnTable(now + timedelta(hours=24), 30, 30),
    )
    code, sentence, field, is_conflict = said_under(cell, {"answer_lead_hours": 24}, offer=(soon,), chosen=soon)
    assert (code, field, is_conflict) == ("too_soon", "time", True)
    assert sentence == (
        "Tue 24 Nov, 10:13am is too soon: a session is agreed at least 24 hours before it starts. Choose a later time."
    )
    assert said_under(cell, {"answer_lead_hours": 24}, offer=(just,), chosen=just) is None


@pytest.mark.parametrize("cell", [MOVE, MOVE_DIRECTLY, AMEND])
def test_a_move_moves(cell):
    sentence = "This is the time that stands already. Choose another one."
    assert said(cell, offer=(FIRST,)) == ("no_change", sentence, "time", False)
    assert said(cell, offer=(TimeOnTable(START, 60, 30),)) is None


def test_suggesting_the_same_again_is_refused():
    cell = (Status.PENDING, CLIENT_MUST_ANSWER, Action.SUGGEST, PROVIDER)
    sentence = "These times are on the table already. Choose another one."
    assert said(cell, offer=(FIRST,)) == ("no_change", sentence, "time", False)
    assert said(SUGGEST, offer=(FIRST,)) is None


@pytest.mark.parametrize("cell", [SUGGEST_AS_CLIENT, BOOK_AT_ONCE, MOVE_DIRECTLY])
def test_a_client_chooses_free_times(cell):
    """PG-35, T32 "into an open slot"."""
    gone = (Gone(NEW.starts_at, WhyNot(ReasonCode.OUTSIDE_HOURS)),)
    assert said(cell, gone=gone) == ("gone", "Sat 28 Nov, 9:14am is not free. Choose another time.", "time", True)


@pytest.mark.parametrize("cell", [SUGGEST, MOVE, INVITE, BOOK, AMEND])
def test_who_owns_the_calendar_offers_any_time(cell):
    """T23."""
    assert said(cell, gone=(Gone(NEW.starts_at, WhyNot(ReasonCode.OUTSIDE_HOURS)),)) is None


@pytest.mark.parametrize(
    ("provider_made", "invite", "book"),
    [
        ("needs_client", None, ("needs_client", "Kim Okafor has to agree first. Send an invitation.", Action.INVITE)),
        ("confirmed", ("books_directly", "You book sessions directly here.", Action.BOOK), None),
        ("off", *[("client_asks", "Here clients ask for a session themselves.", None)] * 2),
    ],
)
def test_who_may_begin_for_the_other_side(provider_made, invite, book):
    """D16, S4.14, S3.12."""
    for cell, expected in ((INVITE, invite), (BOOK, book)):
        refusal = workflow.check(with_policy(context_of(*cell), provider_made=provider_made))
        assert (refusal and (refusal.code, refusal.sentence, refusal.instead)) == expected


def test_a_client_books_at_once_only_what_is_offered_so():
    """T7b, S3.3."""
    refusal = workflow.check(context_of(*BOOK_AT_ONCE, is_instant=False))
    assert refusal.sentence == "Ana Nowak answers each request. Send one."
    assert refusal.instead == Action.REQUEST


# --- reasons ---------------------------------------------------------------------------------------------------------

LISTED = (Reason("ill", "I am ill"), Reason("other", "Something else", asks_text=True))
NONE_GIVEN = {"reason_text": "", "reason_code": ""}
MISSING = ("reason_missing", "Choose a reason, so that Kim Okafor knows why.", "reason_code", False)
NO_WORDS = ("reason_text_missing", "Say the reason in a few words.", "reason_text", False)
UNKNOWN = ("unknown_reason", "Choose a reason from the list.", "reason_code", False)
DECLINE_MOVE = (Status.CONFIRMED, PROVIDER_MUST_ANSWER, Action.DECLINE, PROVIDER)
CANCEL = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.CANCEL, PROVIDER)
CANCEL_AS_CLIENT = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.CANCEL, CLIENT)


@pytest.mark.parametrize(("cell", "of"), [(DECLINE, "decline"), (DECLINE_MOVE, "decline"), (CANCEL, "cancel")])
@pytest.mark.parametrize(
    ("mode", "given", "expected"),
    [
        ("required", NONE_GIVEN, MISSING),
        ("required", {**NONE_GIVEN, "reason_code": "other"}, NO_WORDS),
        ("required", {"reason_code": "other", "reason_text": "  "}, NO_WORDS),
        ("required", {"reason_code": "other", "reason_text": "My child is ill"}, None),
        ("required", {**NONE_GIVEN, "reason_code": "ill"}, None),
        ("required", {**NONE_GIVEN, "reason_code": "zz"}, UNKNOWN),
        ("optional", {**NONE_GIVEN, "reason_code": "zz"}, UNKNOWN),
        ("optional", NONE_GIVEN, None),
        ("optional", {**NONE_GIVEN, "reason_code": "other"}, None),
    ],
)
def test_a_provider_chooses_a_reason_of_the_tenants_list(cell, of, mode, given, expected):
    """S4.9, S4.20, S4.34, D9: declining and cancelling have lists of their own."""
    rules = {f"{of}_reason": mode, f"{of}_reasons": LISTED}
    assert said_under(cell, rules, **given) == expected


@pytest.mark.parametrize("cell", [DECLINE, CANCEL])
def test_without_a_list_own_words_are_the_reason(cell):
    """S3.15: "text"."""
    rules = {"decline_reason": "required", "cancel_reason": "required"}
    assert said_under(cell, rules, **NONE_GIVEN) == NO_WORDS
    assert said_under(cell, rules, reason_text="I am ill") is None


def test_a_client_who_cancels_has_own_words_and_no_list():
    rules = {"cancel_reason": "required", "cancel_reasons": LISTED}
    assert said_under(CANCEL_AS_CLIENT, rules, **NONE_GIVEN) == NO_WORDS
    assert said_under(CANCEL_AS_CLIENT, rules, reason_code="ill", reason_text="Ill") == UNKNOWN
    assert said_under(CANCEL_AS_CLIENT, rules, reason_text="I am ill") is None


@pytest.mark.parametrize("status", [Status.PENDING, Status.CONFIRMED])
def test_a_client_declines_without_a_reason(status):
    """T14, T26."""
    cell = (status, CLIENT_MUST_ANSWER, Action.DECLINE, CLIENT)
    assert said_under(cell, {"decline_reason": "required", "decline_reasons": LISTED}, **NONE_GIVEN) is None


STAFF_ACTS = [
    ACCEPT_AS_STAFF,
    AMEND,
    CHANGE_PRICE,
    (Status.PENDING, PROVIDER_MUST_ANSWER, Action.DECLINE, STAFF),
    (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.CANCEL, STAFF),
    (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.REFUSE_SUPPORT, STAFF),
    (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.COMPLETE, STAFF),
    (Status.COMPLETED, NOBODY_MUST_ANSWER, Action.NO_SHOW, STAFF),
    (Status.NOSHOW, NOBODY_MUST_ANSWER, Action.UPHOLD, STAFF),
]


@pytest.mark.parametrize("cell", [*STAFF_ACTS, MOVE_DIRECTLY])
def test_staff_and_direct_moves_always_say_why(cell):
    """Decisions 17; S3.14."""
    assert said(cell, reason_text=" ") == NO_WORDS


def test_a_note_of_staff_has_words():
    cell = (Status.EXPIRED, NOBODY_MUST_ANSWER, Action.NOTE, STAFF)
    assert said(cell, message=" ") == ("note_missing", "Write the note first.", "message", False)


# --- changing what is agreed -----------------------------------------------------------------------------------------

ASK_TO_CANCEL = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.ASK_TO_CANCEL, PROVIDER)
ASK_SUPPORT = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.ASK_SUPPORT, CLIENT)


@pytest.mark.parametrize(
    ("provider_cancel", "may"), [("ask_client", False), ("direct", True), ("direct_with_form_under", True)]
)
def test_a_provider_cancels_or_asks_by_policy(provider_cancel, may):
    """S1.14, D5: one of the two, never both; the refusal names the other."""
    cancel = workflow.check(with_policy(context_of(*CANCEL), provider_cancel=provider_cancel))
    ask = workflow.check(with_policy(context_of(*ASK_TO_CANCEL), provider_cancel=provider_cancel))
    if may:
        assert cancel is None
        assert (ask.sentence, ask.instead) == ("You can cancel this session yourself.", Action.CANCEL)
    else:
        sentence = "You can't cancel an agreed session here. Ask Kim Okafor to cancel it."
        assert (cancel.sentence, cancel.instead) == (sentence, Action.ASK_TO_CANCEL)
        assert ask is None


def test_a_client_is_asked_to_cancel_once_and_told_why():
    """T20."""
    sentence = "You have asked Kim Okafor to cancel already. The answer comes by mail."
    assert said(ASK_TO_CANCEL, cancel_asked=True) == ("asked_already", sentence, "", False)
    sentence = "Say in a few words what you ask for and why."
    assert said(ASK_TO_CANCEL, message=" ") == ("message_missing", sentence, "message", False)


@pytest.mark.parametrize(
    ("before", "left"),
    [
        (timedelta(hours=48) - A_SECOND, "47 hours are left"),
        (timedelta(hours=2), "2 hours are left"),
        (timedelta(hours=1), "1 hour is left"),
        (timedelta(minutes=59), "Less than an hour is left"),
    ],
)
def test_a_late_cancellation_has_a_form_that_names_the_hours(before, left):
    """S4.22, T19, T22."""
    late = {"now": START - before, "consequences_accepted": False}
    sentence = f"{left} until the start. Tick the box to say that you know what follows."
    for cell in (CANCEL, CANCEL_AS_CLIENT):
        assert said(cell, **late) == ("confirm_late", sentence, "consequences_accepted", False)
        assert said(cell, **{**late, "consequences_accepted": True}) is None


def test_exactly_at_the_threshold_needs_no_form():
    """S4.21, decisions 10."""
    for cell in (CANCEL, CANCEL_AS_CLIENT):
        assert said(cell, now=START - timedelta(hours=48), consequences_accepted=False) is None


def test_direct_means_no_form_for_the_provider():
    """D5."""
    late = {"now": START - timedelta(hours=1), "consequences_accepted": False}
    assert said_under(CANCEL, {"provider_cancel": "direct"}, **late) is None


def test_who_was_asked_to_cancel_loses_nothing_and_needs_no_form():
    """S1.15, T20: "keeps full refund"."""
    context = context_of(
        *CANCEL_AS_CLIENT, now=START - timedelta(hours=1), cancel_asked=True, consequences_accepted=False
    )
    assert workflow.check(context) is None
    assert (context.fee.returned, context.fee.kept) == (30, 0)


@pytest.mark.parametrize(
    ("policy", "suggest", "directly"),
    [
        ("proposal", None, ("propose_instead", "Ana Nowak has to agree to a new time. Propose one.", Action.SUGGEST)),
        ("direct", ("move_directly", "You can move this session yourself.", Action.RESCHEDULE), None),
        (
            "via_staff",
            *[("via_staff", "Agree on a new time with Ana Nowak; then ask support to change it.", Action.ASK_SUPPORT)]
            * 2,
        ),
    ],
)
def test_a_move_has_one_way_by_policy(policy, suggest, directly):
    """D7, decisions 12, S1.18, S3.13, S4.24: the refusal names it."""
    cell = (Status.CONFIRMED, NOBODY_MUST_ANSWER)
    for action, expected in ((Action.SUGGEST, suggest), (Action.RESCHEDULE, directly)):
        refusal = workflow.check(with_policy(context_of(*cell, action, CLIENT), reschedule=policy))
        assert (refusal and (refusal.code, refusal.sentence, refusal.instead)) == expected


def test_support_is_asked_once_and_answers_what_was_asked():
    """PG-35b."""
    sentence = "Support has been asked already and answers by mail."
    assert said(ASK_SUPPORT, support_asked=True) == ("asked_already", sentence, "", False)
    assert said(ASK_SUPPORT, message="")[0] == "message_missing"
    answer = (Status.CONFIRMED, NOBODY_MUST_ANSWER, Action.REFUSE_SUPPORT, STAFF)
    sentence = "Nobody has asked support to change this."
    assert said(answer, support_asked=False) == ("nothing_asked", sentence, "", False)
