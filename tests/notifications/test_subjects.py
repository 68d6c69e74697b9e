"""Subjects: the fact, who, day and time in the reader's zone with the city (R-MAIL-4, ux.md 2.10)."""

from datetime import UTC, datetime, timedelta

import pytest

from .mails import THURSDAY, TUESDAY, WEDNESDAY
from .test_rendering import KINDS, write_any

TUE, WED = "Tue 24 Nov, 8am (Chicago)", "Wed 25 Nov, 8am (Chicago)"
ANAS_TUE, ANAS_WED = "Tue 24 Nov, 3pm (Prague)", "Wed 25 Nov, 3pm (Prague)"
BY, ANAS_BY = "Mon 23 Nov, 8am (Chicago)", "Mon 23 Nov, 3pm (Prague)"
SUBJECTS = {
    "account_code": "Your sign-in code is 482 913",
    "account_confirm": "Confirm your email: your code is 482 913",
    "account_exists": "You already have an account at Northwind Mentors",
    "account_guest": "Your code to send your request is 482 913",
    "account_reset": "Set a new password",
    "account_unknown": "There is no account for this address at Northwind Mentors",
    "booking_amended_client": f"Support moved your meeting with Ana Nowak to {WED}",  # EM-C16
    "booking_amended_provider": f"Support moved Kim Okafor to {ANAS_WED}",  # EM-E16
    "booking_answer_reminder_client": f"3 hours left to answer Ana Nowak: by {BY}",
    "booking_answer_reminder_provider": f"3 hours left to answer Kim Okafor: by {ANAS_BY}",  # EM-E2
    "booking_cancel_asked_client": f"Ana Nowak asks you to cancel {TUE}",  # EM-E19
    "booking_cancel_asked_provider": f"You asked Kim Okafor to cancel {ANAS_TUE}",
    "booking_cancelled_client": f"Cancelled by Ana Nowak: {TUE}",  # EM-C11
    "booking_cancelled_provider": f"Cancelled by Kim Okafor: {ANAS_TUE}",  # EM-E8
    "booking_completed_client": f"Done: Tax planning with Ana Nowak, {TUE}",  # EM-C19
    "booking_confirmed_client": f"Confirmed: Tax planning with Ana Nowak, {TUE}",  # EM-C2
    "booking_confirmed_provider": f"You accepted Kim Okafor: {ANAS_TUE}",  # EM-E3
    "booking_contested_client": f"Ana Nowak disagrees about {TUE}",
    "booking_contested_provider": f"Kim Okafor disagrees about {ANAS_TUE}",
    "booking_contested_staff": f"To decide: Kim Okafor disagrees about NW-7K4Q, {TUE}",  # EM-S1
    "booking_decided_client": f"Support decided about {TUE} with Ana Nowak",
    "booking_decided_provider": f"Support decided about {ANAS_TUE} with Kim Okafor",
    "booking_declined_client": f"Ana Nowak can't do {TUE}",  # EM-C3
    "booking_declined_provider": f"Kim Okafor can't do {ANAS_TUE}",  # EM-E7
    "booking_expired_client": f"Ana Nowak didn't answer in time: {TUE}",  # EM-C4
    "booking_expired_provider": f"You didn't answer Kim Okafor in time: {ANAS_TUE}",  # EM-E9
    "booking_invited_client": f"Ana Nowak invites you to a meeting: {TUE}",  # EM-C6
    "booking_move_declined_client": f"Ana Nowak can't do the new time. {TUE} still stands",  # EM-C9
    "booking_move_declined_provider": f"Kim Okafor can't do the new time. {ANAS_TUE} still stands",
    "booking_move_lapsed_client": f"Ana Nowak didn't answer. {TUE} still stands",  # T28
    "booking_move_lapsed_provider": f"You didn't answer Kim Okafor. {ANAS_TUE} still stands",
    "booking_move_proposed_client": f"Ana Nowak asks to move {TUE}. It stays until you agree",  # EM-C7
    "booking_move_proposed_provider": f"Kim Okafor asks to move {ANAS_TUE}. It stays until you agree",  # EM-E6
    "booking_move_withdrawn_client": f"Ana Nowak took back the new time. {TUE} still stands",  # EM-C10
    "booking_move_withdrawn_provider": f"Kim Okafor took back the new time. {ANAS_TUE} still stands",
    "booking_moved_client": f"New time confirmed with Ana Nowak: {WED}",  # EM-C8
    "booking_moved_provider": f"Kim Okafor accepted {ANAS_WED}",  # EM-E5
    "booking_noshow_client": f"Ana Nowak missed you on {TUE}. What happened?",  # EM-C18
    "booking_noshow_provider": f"Kim Okafor missed you on {ANAS_TUE}. What happened?",
    "booking_reassigned_client": f"Now with Ana Nowak: {TUE}",
    "booking_reassigned_former": f"Given to somebody else: {ANAS_TUE} with Kim Okafor",
    "booking_reassigned_provider": f"You take over Kim Okafor: {ANAS_TUE}",
    "booking_repriced_client": f"New price, 20 credits: {TUE} with Ana Nowak",
    "booking_repriced_provider": f"New price, 20 credits: {ANAS_TUE} with Kim Okafor",
    "booking_requested_client": f"We asked Ana Nowak for {TUE}",  # EM-C1
    "booking_requested_provider": f"Kim Okafor asks for Tax planning. Answer by {ANAS_BY}",  # EM-E1
    "booking_revived_client": f"Ana Nowak suggests another time after all. Answer by {BY}",
    "booking_suggested_client": f"Ana Nowak suggests another time. Answer by {BY}",  # EM-C5
    "booking_suggested_provider": f"Kim Okafor suggests another time. Answer by {ANAS_BY}",
    "booking_support_asked_staff": f"Kim Okafor asks support to change NW-7K4Q: {TUE}",  # EM-S2
    "booking_support_refused_client": f"Support changed nothing: {TUE} with Ana Nowak",
    "booking_support_refused_provider": f"Support changed nothing: {ANAS_TUE} with Kim Okafor",
    "booking_taken_client": f"Taken: {TUE} with Ana Nowak",  # decisions.md 15
    "booking_unpaid_client": f"The time is free again: {TUE}",
    "booking_unpaid_provider": f"Kim Okafor did not add the credits in time: {ANAS_TUE}",
    "booking_waiting_client": f"Add 20 credits to keep {TUE}",  # EM-C13
    "booking_undone_client": f"Ana Nowak took back the no-show of {TUE}",
    "booking_undone_provider": f"Kim Okafor took back the no-show of {ANAS_TUE}",
    "booking_withdrawn_client": f"Ana Nowak took back the offer of {TUE}",  # T15
    "booking_withdrawn_provider": f"Kim Okafor took back the request for {ANAS_TUE}",  # EM-E4
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_subject_is_the_fact_with_day_time_and_city(kind):
    """R-MAIL-4."""
    assert write_any(kind).subject == SUBJECTS[kind]


STAFF = {"by": "staff", "by_name": "", "own": False}
OWN = {"own": True}
THREE = {"times": [TUESDAY, WEDNESDAY, THURSDAY]}


@pytest.mark.parametrize(
    ("kind", "changes", "subject"),
    [
        ("booking_requested_client", THREE, f"We asked Ana Nowak for {TUE} and 2 more times"),
        ("booking_declined_client", THREE, "Ana Nowak can't do your times"),
        ("booking_declined_provider", THREE, "Kim Okafor can't do your suggested times"),
        ("booking_withdrawn_provider", THREE, f"Kim Okafor took back the request for {ANAS_TUE} and 2 more times"),
        ("booking_suggested_client", THREE, f"Ana Nowak suggests 3 other times. Answer by {BY}"),
        ("booking_revived_client", THREE, f"Ana Nowak suggests 3 other times after all. Answer by {BY}"),
        ("booking_invited_client", THREE, f"Ana Nowak invites you to a meeting: {TUE} and 2 more times"),
        ("booking_taken_client", THREE, f"Taken: {TUE} and 2 more times with Ana Nowak"),
        ("booking_move_declined_client", THREE, f"Ana Nowak can't do the new times. {TUE} still stands"),
    ],
)
def test_the_subject_counts_several_times(kind, changes, subject):
    assert write_any(kind, **changes).subject == subject


@pytest.mark.parametrize(
    ("kind", "changes", "subject"),
    [
        ("booking_declined_client", STAFF, f"Support declined {TUE} with Ana Nowak"),
        ("booking_declined_provider", STAFF, f"Support declined {ANAS_TUE} with Kim Okafor"),
        ("booking_confirmed_provider", STAFF, f"Support accepted Kim Okafor: {ANAS_TUE}"),
        ("booking_confirmed_provider", {"own": False}, f"Kim Okafor accepted {ANAS_TUE}"),
        ("booking_confirmed_provider", {"action": "book"}, f"You booked Kim Okafor: {ANAS_TUE}"),
        ("booking_confirmed_provider", {"action": "book", "own": False}, f"Kim Okafor booked {ANAS_TUE}"),
        (
            "booking_confirmed_provider",
            {**STAFF, "action": "reassign"},
            f"Confirmed: Tax planning with Kim Okafor, {ANAS_TUE}",
        ),
        ("booking_expired_client", {"awaits": "client"}, f"You didn't answer Ana Nowak in time: {TUE}"),
        ("booking_expired_provider", {"awaits": "client"}, f"Kim Okafor didn't answer in time: {ANAS_TUE}"),
        ("booking_move_lapsed_client", {"awaits": "client"}, f"You didn't answer Ana Nowak. {TUE} still stands"),
        ("booking_moved_client", OWN, f"New time confirmed with Ana Nowak: {WED}"),
        ("booking_moved_provider", OWN, f"New time confirmed with Kim Okafor: {ANAS_WED}"),
        ("booking_moved_client", {"action": "reschedule"}, f"Ana Nowak moved your meeting to {WED}"),
        ("booking_moved_provider", {"action": "reschedule"}, f"Kim Okafor moved your meeting to {ANAS_WED}"),
        ("booking_moved_client", {"action": "reschedule", **OWN}, f"You moved Ana Nowak to {WED}"),
        ("booking_moved_provider", {"action": "reschedule", **OWN}, f"You moved Kim Okafor to {ANAS_WED}"),
        ("booking_cancelled_client", OWN, f"You cancelled {TUE} with Ana Nowak"),  # EM-C12
        ("booking_cancelled_provider", OWN, f"You cancelled {ANAS_TUE} with Kim Okafor"),
        ("booking_cancelled_client", STAFF, f"Cancelled by support: {TUE} with Ana Nowak"),
        ("booking_cancelled_provider", STAFF, f"Cancelled by support: {ANAS_TUE} with Kim Okafor"),
        ("booking_completed_client", {"status": "confirmed"}, f"Ana Nowak says that it took place: {TUE}"),
        ("booking_undone_client", {"was_status": "completed"}, f"Ana Nowak took back the end of {TUE}"),
    ],
)
def test_the_subject_says_who_did_it(kind, changes, subject):
    """The reader, the other side, or support: one kind of mail, three truths."""
    assert write_any(kind, **changes).subject == subject


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("booking_")])
@pytest.mark.parametrize("changes", [{}, STAFF, OWN, {"awaits": "client"}, {"action": "reschedule"}])
def test_long_names_never_push_the_time_out(kind, changes):
    """R-MAIL-4: at most 90 characters, the city still there."""
    long = {"client_name": "Kim " * 20, "provider_name": "Ana " * 20, "service_name": "Tax planning " * 6}
    other = long["client_name" if kind.endswith(("_provider", "_former")) else "provider_name"]
    subject = write_any(kind, **{**changes, **long, "other_name": other, "by_name": other}).subject
    assert len(subject) <= 90
    assert subject.count("(Prague)" if kind.endswith(("_provider", "_former")) else "(Chicago)") == 1


MIDNIGHT = datetime(2026, 11, 27, 6, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Ana Nowak", "Yuki Morita", "Ana " * 20])
def test_a_session_at_midnight_leaves_the_end_of_the_sentence_in_place(name):
    """R-TZ-9, R-MAIL-4: the longest way to say a time still fits behind a name, and begins a sentence as one."""
    times = {"was_starts_at": MIDNIGHT, "was_ends_at": MIDNIGHT + timedelta(minutes=30)}
    subject = write_any("booking_move_declined_client", other_name=name, **times).subject
    assert subject.endswith(" can't do the new time. Midnight at the start of Fri 27 Nov (Chicago) still stands")
    assert len(subject) <= 90
