"""The life of a booking as one table. Staff, clients and developers read it; nothing else moves a booking.

A cell is a reference to the function or effect that does the work, one click away. The table of requirements.md 3.3
gives the T-numbers. docs/booking-workflow.md is generated from here.

    from_     statuses in which the action exists; empty: it begins a booking
    actors    who may act
    turn      whose move it is, seen from the open proposal: who must ANSWER it, its PROPOSER, whoever while one is OPEN, or ANY
    guards    asked in order; the first refusal is the answer
    target    the status afterwards; STAYS leaves it; where a function decides, `may_lead_to` lists what it can say
    proposal  what becomes of the open proposal, if there is one
    offers    whether the action puts its own times on the table, as a new proposal
    sets      what else changes in the booking's row
    effects   in this order, in the same transaction; each can also foretell itself
    events    the lines of the timeline, by who acts
"""

from .. import changes, credit_flow, guards
from .. import effects as do
from ..context import Context
from ..enums import AGREED, OVER, Action, Actor, ProposalState, Status
from .transition import STAYS, Transition, Turn

CLIENT, PROVIDER, STAFF, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.STAFF, Actor.SYSTEM
BOTH = (CLIENT, PROVIDER)

CAN_BE_ACCEPTED = (
    guards.not_started,
    guards.time_is_on_the_table,
    guards.answered_early_enough,
    guards.no_agreed_clash,
    guards.clash_is_accepted,
    guards.difference_is_covered,
)
OFFERED_TIMES_ARE_GOOD = (
    guards.offered_times_are_possible,
    guards.offer_is_new,
    guards.offered_times_are_free,
    guards.no_agreed_clash,
    guards.clash_is_accepted,
)
OFFER_IS_GOOD = (guards.times_are_offered, *OFFERED_TIMES_ARE_GOOD)
NEW_TIME_IS_GOOD = (guards.one_time_is_offered, *OFFERED_TIMES_ARE_GOOD)
CAN_BE_GIVEN = (
    guards.not_started,
    guards.somebody_takes_it,
    guards.successor_may_take_it,
    guards.successor_is_free,
    guards.clash_is_accepted,
    guards.own_words_given,
)
SET_UP = (do.only_in(do.SET_UP_OR_CONFIRM, *AGREED), do.only_in(do.CLOSE_RIVALS, *AGREED))
ASK = (
    do.only_in(do.TELL_PROVIDER_OF_REQUEST, Status.PENDING),
    do.only_in(do.SEND_CLIENT_RECEIPT, Status.PENDING),
    do.only_in(do.REMIND_TO_ANSWER, Status.PENDING),
)
WAIT = do.only_in(do.ASK_FOR_CREDITS, Status.WAITING)
AGREE = (do.TAKE_CREDITS, do.CLAIM_SESSION, *SET_UP, WAIT)
MAY_AGREE = (*AGREED, Status.WAITING)
OTHER_DATE = {
    CLIENT: ("Alternative date selected by user", "Approved by user"),
    PROVIDER: ("Alternative date selected by expert", "Approved by expert"),
}


def agreed_status(context: Context) -> Status:
    """Where agreeing leads: to setting up where the product makes calendar entry and room, else straight on (D12).

    With too few credits it waits for these first, the time being kept (decisions.md 19).
    """
    if credit_flow.has_to_wait(context):
        return Status.WAITING
    return Status.CONFIRMING if context.policy.logistics == "automatic" else Status.CONFIRMED


def requested_status(context: Context) -> Status:
    """A request waits for its credits before anybody has to answer it (decisions.md 19, S3.7)."""
    return Status.WAITING if credit_flow.has_to_wait(context) else Status.PENDING


def paid_status(context: Context) -> Status:
    """What waited for credits goes on where it would have been: to who has to answer, or agreed (T7c)."""
    return Status.PENDING if context.starts_at is None else agreed_status(context)


def released_status(context: Context) -> Status:
    """What a provider doesn't wait for any more: a request is declined, a time that was agreed is cancelled (T9, C13)."""
    return Status.DECLINED if context.starts_at is None else Status.CANCELLED


def completed_status(context: Context) -> Status:
    """Where both have to say that it took place, the first word leaves the booking agreed (D15, T37)."""
    return Status.CONFIRMED if context.is_first_word else Status.COMPLETED


def cancellation_by_provider(context: Context) -> str:
    """The source text names the early and the late cancellation differently (S4.21, S4.22)."""
    return "Cancelled by expert" if context.needs_form else "Cancellation by expert"


BEGINNINGS = (
    Transition(
        ids="T7",
        action=Action.REQUEST,
        from_=(),
        actors=(CLIENT,),
        target=requested_status,
        may_lead_to=(Status.PENDING, Status.WAITING),
        offers=True,
        effects=(do.TAKE_CREDITS, do.HOLD_TABLE, *ASK, WAIT),
        events={CLIENT: "Suggested by user"},
    ),
    Transition(
        ids="T7b",
        action=Action.BOOK,
        from_=(),
        actors=(CLIENT,),
        guards=(guards.service_is_instant, *NEW_TIME_IS_GOOD),
        target=agreed_status,
        may_lead_to=MAY_AGREE,
        sets=changes.agreed_time,
        effects=AGREE,
        events={CLIENT: "Booked by client"},
    ),
    Transition(
        ids="T12, D16",
        action=Action.BOOK,
        from_=(),
        actors=(PROVIDER,),
        guards=(guards.provider_makes_bookings, *NEW_TIME_IS_GOOD),
        target=agreed_status,
        may_lead_to=MAY_AGREE,
        sets=changes.agreed_time,
        effects=AGREE,
        events={PROVIDER: "Booked by organizer"},
    ),
    Transition(
        ids="T12",
        action=Action.INVITE,
        from_=(),
        actors=(PROVIDER,),
        guards=(guards.provider_may_invite, *OFFER_IS_GOOD),
        target=Status.PENDING,
        offers=True,
        effects=(do.HOLD_TABLE, do.TELL_CLIENT_OF_INVITATION, do.REMIND_TO_ANSWER),
        events={PROVIDER: "Expert approval"},
    ),
)

NEGOTIATION = (
    Transition(
        ids="T8",
        action=Action.ACCEPT,
        from_=(Status.PENDING,),
        actors=(PROVIDER,),
        turn=Turn.ANSWER,
        guards=CAN_BE_ACCEPTED,
        target=agreed_status,
        may_lead_to=MAY_AGREE,
        proposal=ProposalState.ACCEPTED,
        sets=changes.agreed_time,
        effects=AGREE,
        events={PROVIDER: "Expert approval"},
    ),
    Transition(
        ids="T13",
        action=Action.ACCEPT,
        from_=(Status.PENDING,),
        actors=(CLIENT,),
        turn=Turn.ANSWER,
        guards=CAN_BE_ACCEPTED,
        target=agreed_status,
        may_lead_to=MAY_AGREE,
        proposal=ProposalState.ACCEPTED,
        sets=changes.agreed_time,
        effects=AGREE,
        events={CLIENT: "User approval"},
    ),
    Transition(
        ids="T34",
        action=Action.ACCEPT,
        from_=(Status.PENDING,),
        actors=(STAFF,),
        turn=Turn.OPEN,
        guards=(*CAN_BE_ACCEPTED, guards.own_words_given),
        target=agreed_status,
        may_lead_to=MAY_AGREE,
        proposal=ProposalState.ACCEPTED,
        sets=changes.agreed_time,
        effects=AGREE,
        events={STAFF: "Confirmed by staff"},
    ),
    Transition(
        ids="T9",
        action=Action.DECLINE,
        from_=(Status.PENDING,),
        actors=(PROVIDER,),
        turn=Turn.ANSWER,
        guards=(guards.not_started, guards.decline_reason_given),
        target=Status.DECLINED,
        proposal=ProposalState.DECLINED,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.TELL_CLIENT_OF_DECLINE),
        events={PROVIDER: "Rejected by expert"},
    ),
    Transition(
        ids="T14",
        action=Action.DECLINE,
        from_=(Status.PENDING,),
        actors=(CLIENT,),
        turn=Turn.ANSWER,
        guards=(guards.not_started,),
        target=Status.DECLINED,
        proposal=ProposalState.DECLINED,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.TELL_PROVIDER_OF_DECLINE),
        events={CLIENT: "Rejected by user"},
    ),
    Transition(
        ids="T34",
        action=Action.DECLINE,
        from_=(Status.PENDING,),
        actors=(STAFF,),
        turn=Turn.OPEN,
        guards=(guards.not_started, guards.own_words_given),
        target=Status.DECLINED,
        proposal=ProposalState.DECLINED,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.TELL_CLIENT_OF_DECLINE, do.TELL_PROVIDER_OF_DECLINE),
        events={STAFF: "Rejected by staff"},
    ),
    Transition(
        ids="T10",
        action=Action.SUGGEST,
        from_=(Status.PENDING,),
        actors=(PROVIDER,),
        guards=(guards.not_started, *OFFER_IS_GOOD),
        target=STAYS,
        proposal=ProposalState.SUPERSEDED,
        offers=True,
        effects=(do.HOLD_TABLE, do.TELL_CLIENT_OF_SUGGESTION, do.REMIND_TO_ANSWER),
        events={PROVIDER: OTHER_DATE[PROVIDER]},
    ),
    Transition(
        ids="T11",
        action=Action.SUGGEST,
        from_=(Status.PENDING,),
        actors=(CLIENT,),
        turn=Turn.PROPOSER,
        guards=(guards.not_started, *OFFER_IS_GOOD, guards.credits_suffice),
        target=STAYS,
        proposal=ProposalState.SUPERSEDED,
        offers=True,
        effects=(do.TAKE_CREDITS, do.HOLD_TABLE, do.TELL_PROVIDER_OF_SUGGESTION, do.REMIND_TO_ANSWER),
        events={CLIENT: "Changed by user"},
    ),
    Transition(
        ids="T10, T31",
        action=Action.SUGGEST,
        from_=(Status.PENDING,),
        actors=(CLIENT,),
        turn=Turn.ANSWER,
        guards=(guards.not_started, *OFFER_IS_GOOD, guards.credits_suffice),
        target=STAYS,
        proposal=ProposalState.SUPERSEDED,
        offers=True,
        effects=(do.TAKE_CREDITS, do.HOLD_TABLE, do.TELL_PROVIDER_OF_SUGGESTION, do.REMIND_TO_ANSWER),
        events={CLIENT: OTHER_DATE[CLIENT]},
    ),
    Transition(
        ids="T29",
        action=Action.SUGGEST,
        from_=(Status.DECLINED,),
        actors=(PROVIDER,),
        guards=(guards.not_started, *OFFER_IS_GOOD),
        target=Status.PENDING,
        offers=True,
        effects=(do.HOLD_TABLE, do.TELL_CLIENT_OF_REVIVAL, do.REMIND_TO_ANSWER),
        events={PROVIDER: OTHER_DATE[PROVIDER]},
    ),
    Transition(
        ids="T11",
        action=Action.CHANGE_NOTES,
        from_=(Status.PENDING,),
        actors=(CLIENT,),
        turn=Turn.PROPOSER,
        guards=(guards.not_started,),
        target=STAYS,
        sets=changes.notes,
        events={CLIENT: "Changed by user"},
    ),
    Transition(
        ids="T11, C17",
        action=Action.WITHDRAW,
        from_=(Status.PENDING,),
        actors=(CLIENT,),
        turn=Turn.PROPOSER,
        guards=(guards.not_started,),
        target=Status.CANCELLED,
        proposal=ProposalState.WITHDRAWN,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.TELL_PROVIDER_OF_WITHDRAWAL),
        events={CLIENT: "Cancelled by user"},
    ),
    Transition(
        ids="T15",
        action=Action.WITHDRAW,
        from_=(Status.PENDING,),
        actors=(PROVIDER,),
        turn=Turn.PROPOSER,
        guards=(guards.not_started,),
        target=Status.CANCELLED,
        proposal=ProposalState.WITHDRAWN,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.TELL_CLIENT_OF_WITHDRAWAL),
        events={PROVIDER: "Cancelled by expert"},
    ),
    Transition(
        ids="T16",
        action=Action.EXPIRE,
        from_=(Status.PENDING,),
        actors=(SYSTEM,),
        turn=Turn.OPEN,
        guards=(guards.time_is_up,),
        target=Status.EXPIRED,
        proposal=ProposalState.EXPIRED,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.TELL_BOTH_OF_EXPIRY),
        events={SYSTEM: "Expired"},
    ),
    Transition(
        ids="D11",
        action=Action.CLOSE,
        from_=(Status.PENDING,),
        actors=(SYSTEM,),
        turn=Turn.OPEN,
        guards=(guards.all_times_are_taken,),
        target=Status.DECLINED,
        proposal=ProposalState.VOID,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.TELL_CLIENT_OF_TAKEN_TIMES),
        events={SYSTEM: "Times taken"},
    ),
    Transition(
        ids="T17",
        action=Action.FINISH_SETUP,
        from_=(Status.CONFIRMING,),
        actors=(SYSTEM,),
        guards=(guards.setup_is_done,),
        target=Status.CONFIRMED,
        effects=(do.CONFIRM_TO_BOTH,),
        events={SYSTEM: "Video created"},
    ),
)

WAITING_FOR_CREDITS = (
    Transition(
        ids="T7c, C13",
        action=Action.PAY,
        from_=(Status.WAITING,),
        actors=(SYSTEM,),
        guards=(guards.pay_by_is_not_over, guards.credits_suffice),
        target=paid_status,
        may_lead_to=(Status.PENDING, *AGREED),
        effects=(do.TAKE_CREDITS, *SET_UP, *ASK),
        events={SYSTEM: "Paid"},
    ),
    Transition(
        ids="T7c, F89",
        action=Action.EXPIRE,
        from_=(Status.WAITING,),
        actors=(SYSTEM,),
        guards=(guards.pay_by_is_over,),
        target=Status.EXPIRED,
        proposal=ProposalState.EXPIRED,
        effects=(do.RELEASE_TIME, do.TELL_OF_LAPSE),
        events={SYSTEM: "Payment expired"},
    ),
    Transition(
        ids="T11",
        action=Action.WITHDRAW,
        from_=(Status.WAITING,),
        actors=(CLIENT,),
        guards=(guards.not_started,),
        target=Status.CANCELLED,
        proposal=ProposalState.WITHDRAWN,
        effects=(do.RELEASE_TIME, do.TELL_PROVIDER_WHO_AGREED),
        events={CLIENT: "Cancelled by user"},
    ),
    Transition(
        ids="T9, T7c",
        action=Action.DECLINE,
        from_=(Status.WAITING,),
        actors=(PROVIDER,),
        guards=(guards.not_started, guards.decline_reason_given),
        target=released_status,
        may_lead_to=(Status.DECLINED, Status.CANCELLED),
        proposal=ProposalState.DECLINED,
        effects=(do.RELEASE_TIME, do.TELL_CLIENT_OF_DECLINE),
        events={PROVIDER: "Rejected by expert"},
    ),
)

ANOTHER_DATE = (
    Transition(
        ids="T23",
        action=Action.SUGGEST,
        from_=AGREED,
        actors=BOTH,
        guards=(guards.not_started, guards.move_is_proposed, *OFFER_IS_GOOD),
        target=STAYS,
        proposal=ProposalState.SUPERSEDED,
        offers=True,
        effects=(do.HOLD_TABLE, do.COUNT_LATE_CHANGE, do.TELL_OTHER_OF_MOVE_PROPOSAL, do.REMIND_TO_ANSWER),
        events=OTHER_DATE,
    ),
    Transition(
        ids="T24, T25",
        action=Action.ACCEPT,
        from_=AGREED,
        actors=BOTH,
        turn=Turn.ANSWER,
        guards=(*CAN_BE_ACCEPTED, guards.credits_suffice),
        target=STAYS,
        proposal=ProposalState.ACCEPTED,
        sets=changes.agreed_time,
        effects=(do.TAKE_CREDITS, do.CLAIM_SESSION, do.TELL_BOTH_OF_NEW_TIME, do.CLOSE_RIVALS),
        events={
            CLIENT: "Approval of alternative date by user",
            PROVIDER: "Approval of alternative date by expert",
        },
    ),
    Transition(
        ids="T26",
        action=Action.DECLINE,
        from_=AGREED,
        actors=(PROVIDER,),
        turn=Turn.ANSWER,
        guards=(guards.not_started, guards.decline_reason_given),
        target=STAYS,
        proposal=ProposalState.DECLINED,
        effects=(do.RELEASE_OFFER, do.TELL_OTHER_OF_DECLINED_MOVE),
        events={PROVIDER: "Expert rejection of alternate appointment"},
    ),
    Transition(
        ids="T26",
        action=Action.DECLINE,
        from_=AGREED,
        actors=(CLIENT,),
        turn=Turn.ANSWER,
        guards=(guards.not_started,),
        target=STAYS,
        proposal=ProposalState.DECLINED,
        effects=(do.RELEASE_OFFER, do.TELL_OTHER_OF_DECLINED_MOVE),
        events={CLIENT: "User rejection of alternate appointment"},
    ),
    Transition(
        ids="T27",
        action=Action.WITHDRAW,
        from_=AGREED,
        actors=BOTH,
        turn=Turn.PROPOSER,
        guards=(guards.not_started,),
        target=STAYS,
        proposal=ProposalState.WITHDRAWN,
        effects=(do.RELEASE_OFFER, do.TELL_OTHER_OF_WITHDRAWN_MOVE),
        events={CLIENT: "User canceled alternate date", PROVIDER: "Expert canceled alternate date"},
    ),
    Transition(
        ids="T28",
        action=Action.EXPIRE,
        from_=AGREED,
        actors=(SYSTEM,),
        turn=Turn.OPEN,
        guards=(guards.time_is_up,),
        target=STAYS,
        proposal=ProposalState.EXPIRED,
        effects=(do.RELEASE_OFFER, do.TELL_BOTH_OF_LAPSED_MOVE),
        events={SYSTEM: "Alternative date lapsed"},
    ),
    Transition(
        ids="T32",
        action=Action.RESCHEDULE,
        from_=AGREED,
        actors=BOTH,
        guards=(
            guards.not_started,
            guards.move_is_direct,
            *NEW_TIME_IS_GOOD,
            guards.credits_suffice,
            guards.own_words_given,
        ),
        target=STAYS,
        proposal=ProposalState.VOID,
        sets=changes.agreed_time,
        effects=(do.TAKE_CREDITS, do.CLAIM_SESSION, do.COUNT_LATE_CHANGE, do.TELL_BOTH_OF_NEW_TIME, do.CLOSE_RIVALS),
        events={CLIENT: "Rescheduled by user", PROVIDER: "Rescheduled by expert"},
    ),
    Transition(
        ids="T33",
        action=Action.AMEND,
        from_=AGREED,
        actors=(STAFF,),
        guards=(*NEW_TIME_IS_GOOD, guards.credits_suffice, guards.own_words_given),
        target=STAYS,
        proposal=ProposalState.VOID,
        sets=changes.agreed_time,
        effects=(
            do.TAKE_CREDITS,
            do.CLAIM_SESSION,
            do.COUNT_LATE_CHANGE,
            do.ANSWER_SUPPORT_REQUEST,
            do.TELL_BOTH_OF_AMENDMENT,
            do.CLOSE_RIVALS,
        ),
        events={STAFF: "Amended by staff"},
    ),
    Transition(
        ids="T34",
        action=Action.CHANGE_PRICE,
        from_=(Status.PENDING, Status.WAITING, *AGREED),
        actors=(STAFF,),
        guards=(
            guards.costs_credits,
            guards.price_is_new,
            guards.one_person_may_decide,
            guards.new_price_is_covered,
            guards.own_words_given,
        ),
        target=STAYS,
        sets=changes.price,
        effects=(do.PRICE_THE_TABLE, do.TAKE_CREDITS, do.TELL_BOTH_OF_PRICE),
        events={STAFF: "Price changed by staff"},
    ),
    Transition(
        ids="T34",
        action=Action.REASSIGN,
        from_=(Status.PENDING, Status.WAITING),
        actors=(STAFF,),
        guards=CAN_BE_GIVEN,
        target=STAYS,
        sets=changes.reassigned,
        effects=(do.MOVE_TIME, do.TELL_OF_HANDOVER),
        events={STAFF: "Reassigned by staff"},
    ),
    Transition(
        ids="T34, T17",
        action=Action.REASSIGN,
        from_=AGREED,
        actors=(STAFF,),
        guards=CAN_BE_GIVEN,
        target=agreed_status,
        may_lead_to=AGREED,
        proposal=ProposalState.VOID,
        sets=changes.reassigned,
        effects=(
            do.MOVE_TIME,
            do.FORGET_ROOM,
            do.COUNT_LATE_CHANGE,
            do.ANSWER_SUPPORT_REQUEST,
            do.TELL_OF_HANDOVER,
            do.only_in(do.SET_UP_ANEW, Status.CONFIRMING),
            do.CLOSE_RIVALS,
        ),
        events={STAFF: "Reassigned by staff"},
    ),
    Transition(
        ids="PG-35b, S1.18",
        action=Action.ASK_SUPPORT,
        from_=AGREED,
        actors=BOTH,
        guards=(guards.not_started, guards.support_was_not_asked_yet, guards.wish_is_explained),
        target=STAYS,
        effects=(do.OPEN_SUPPORT_REQUEST, do.TELL_STAFF_OF_SUPPORT_REQUEST),
        events={CLIENT: "Change asked for by user", PROVIDER: "Change asked for by expert"},
    ),
    Transition(
        ids="PG-35b",
        action=Action.REFUSE_SUPPORT,
        from_=(*AGREED, Status.CANCELLED, *OVER),
        actors=(STAFF,),
        guards=(guards.support_is_asked, guards.own_words_given),
        target=STAYS,
        effects=(do.ANSWER_SUPPORT_REQUEST, do.TELL_ASKER_OF_SUPPORT_ANSWER),
        events={STAFF: "Left as it is by staff"},
    ),
)

CANCELLING = (
    Transition(
        ids="T18, T19",
        action=Action.CANCEL,
        from_=AGREED,
        actors=(PROVIDER,),
        guards=(
            guards.not_started,
            guards.provider_may_cancel,
            guards.cancel_reason_given,
            guards.consequences_are_accepted,
        ),
        target=Status.CANCELLED,
        proposal=ProposalState.VOID,
        sets=changes.cancellation,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.COUNT_LATE_CHANGE, do.TELL_BOTH_OF_CANCELLATION),
        events={PROVIDER: cancellation_by_provider},
    ),
    Transition(
        ids="T21, T22",
        action=Action.CANCEL,
        from_=AGREED,
        actors=(CLIENT,),
        guards=(guards.not_started, guards.cancel_reason_given, guards.consequences_are_accepted),
        target=Status.CANCELLED,
        proposal=ProposalState.VOID,
        sets=changes.cancellation,
        effects=(do.RELEASE_TIME, do.SETTLE_CREDITS, do.COUNT_LATE_CHANGE, do.TELL_BOTH_OF_CANCELLATION),
        events={CLIENT: "Cancelled by user"},
    ),
    Transition(
        ids="T34",
        action=Action.CANCEL,
        from_=(Status.PENDING, Status.WAITING, *AGREED),
        actors=(STAFF,),
        guards=(guards.what_comes_back_is_possible, guards.one_person_may_decide, guards.own_words_given),
        target=Status.CANCELLED,
        proposal=ProposalState.VOID,
        sets=changes.cancellation,
        effects=(
            do.RELEASE_TIME,
            do.SETTLE_CREDITS,
            do.COUNT_LATE_CHANGE,
            do.ANSWER_SUPPORT_REQUEST,
            do.TELL_BOTH_OF_CANCELLATION,
        ),
        events={STAFF: "Cancelled by staff"},
    ),
    Transition(
        ids="T34, 3.4",
        action=Action.REOPEN,
        from_=(Status.CANCELLED, Status.EXPIRED),
        actors=(STAFF,),
        guards=(
            guards.was_agreed,
            guards.credits_can_be_held_again,
            guards.no_agreed_clash,
            guards.clash_is_accepted,
            guards.what_began_is_covered,
            guards.own_words_given,
        ),
        target=agreed_status,
        may_lead_to=MAY_AGREE,
        sets=changes.reopened,
        effects=(do.TAKE_CREDITS, do.REOPEN_CREDITS, do.CLAIM_SESSION, do.UNDO_LATE_CHANGE, *SET_UP, WAIT),
        events={STAFF: "Reopened by staff"},
    ),
    Transition(
        ids="T20",
        action=Action.ASK_TO_CANCEL,
        from_=AGREED,
        actors=(PROVIDER,),
        guards=(
            guards.not_started,
            guards.provider_must_ask,
            guards.client_was_not_asked_yet,
            guards.wish_is_explained,
        ),
        target=STAYS,
        sets=changes.cancel_wish,
        effects=(do.TELL_BOTH_OF_CANCEL_WISH,),
        events={PROVIDER: "Expert asks to cancel"},
    ),
)

AFTERWARDS = (
    Transition(
        ids="T37",
        action=Action.COMPLETE,
        from_=(Status.CONFIRMED,),
        actors=BOTH,
        guards=(guards.has_ended, guards.outcome_is_theirs_to_say, guards.outcome_is_not_said_yet),
        target=completed_status,
        may_lead_to=(Status.CONFIRMED, Status.COMPLETED),
        proposal=ProposalState.VOID,
        sets=changes.held,
        effects=(do.RELEASE_OFFER, do.SETTLE_CREDITS, do.TELL_CLIENT_OF_COMPLETION),
        events={CLIENT: "Meeting progress confirmed by user", PROVIDER: "Meeting progress recorded by expert"},
    ),
    Transition(
        ids="T40",
        action=Action.COMPLETE,
        from_=(Status.CONFIRMED,),
        actors=(SYSTEM,),
        guards=(guards.has_ended, guards.is_time_to_complete),
        target=Status.COMPLETED,
        proposal=ProposalState.VOID,
        sets=changes.held,
        effects=(do.RELEASE_OFFER, do.SETTLE_CREDITS, do.TELL_CLIENT_OF_COMPLETION),
        events={SYSTEM: "Completed automatically"},
    ),
    Transition(
        ids="T34, T41",
        action=Action.COMPLETE,
        from_=(Status.CONFIRMED, Status.NOSHOW),
        actors=(STAFF,),
        guards=(guards.has_ended, guards.credits_can_be_held_again, guards.own_words_given),
        target=Status.COMPLETED,
        proposal=ProposalState.VOID,
        sets=changes.held,
        effects=(do.RELEASE_OFFER, do.SETTLE_CREDITS, do.TELL_BOTH_OF_DECISION),
        events={STAFF: "Completed by staff"},
    ),
    Transition(
        ids="T38, T39",
        action=Action.NO_SHOW,
        from_=(Status.CONFIRMED,),
        actors=BOTH,
        guards=(guards.waited_long_enough,),
        target=Status.NOSHOW,
        proposal=ProposalState.VOID,
        sets=changes.no_show,
        effects=(do.RELEASE_OFFER, do.SETTLE_CREDITS, do.TELL_OTHER_OF_NO_SHOW),
        events={CLIENT: "No-show recorded", PROVIDER: "No-show recorded"},
    ),
    Transition(
        ids="T34, T41",
        action=Action.NO_SHOW,
        from_=(Status.CONFIRMED, Status.COMPLETED),
        actors=(STAFF,),
        guards=(
            guards.waited_long_enough,
            guards.credits_can_be_held_again,
            guards.names_who_was_absent,
            guards.own_words_given,
        ),
        target=Status.NOSHOW,
        proposal=ProposalState.VOID,
        sets=changes.no_show,
        effects=(do.RELEASE_OFFER, do.SETTLE_CREDITS, do.TELL_BOTH_OF_DECISION),
        events={STAFF: "No-show recorded by staff"},
    ),
    Transition(
        ids="PG-32",
        action=Action.UNDO,
        from_=OVER,
        actors=BOTH,
        guards=(guards.can_be_undone, guards.credits_can_be_held_again),
        target=Status.CONFIRMED,
        sets=changes.outcome_taken_back,
        effects=(do.REOPEN_CREDITS, do.TELL_OTHER_OF_UNDO),
        events={CLIENT: "Outcome taken back", PROVIDER: "Outcome taken back"},
    ),
    Transition(
        ids="T41, D15",
        action=Action.CONTEST,
        from_=OVER,
        actors=BOTH,
        guards=(guards.can_be_contested, guards.wish_is_explained),
        target=STAYS,
        sets=changes.contest,
        effects=(do.TELL_OTHER_OF_CONTEST, do.TELL_STAFF_OF_CONTEST),
        events={CLIENT: "Dispute opened", PROVIDER: "Dispute opened"},
    ),
    Transition(
        ids="T41",
        action=Action.UPHOLD,
        from_=OVER,
        actors=(STAFF,),
        guards=(guards.is_contested, guards.own_words_given),
        target=STAYS,
        sets=changes.contest_closed,
        effects=(do.TELL_BOTH_OF_DECISION,),
        events={STAFF: "Dispute closed"},
    ),
    Transition(
        ids="T34",
        action=Action.NOTE,
        from_=tuple(Status),
        actors=(STAFF,),
        guards=(guards.note_is_written,),
        target=STAYS,
        events={STAFF: "Note by staff"},
    ),
)

TABLE: tuple[Transition, ...] = (
    *BEGINNINGS,
    *NEGOTIATION,
    *WAITING_FOR_CREDITS,
    *ANOTHER_DATE,
    *CANCELLING,
    *AFTERWARDS,
)
