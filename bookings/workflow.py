"""The life of a booking as one table. Staff, clients and developers read it; nothing else moves a booking.

A cell is a reference to the function or effect that does the work, one click away. The table of requirements.md 3.3
gives the T-numbers. docs/booking-workflow.md is generated from here.

    from_     statuses in which the action exists; empty: it begins a booking
    turn      who may act: any of `actors`, only who must ANSWER the open proposal, or only its PROPOSER
    guards    asked in order; the first refusal is the answer
    target    the status afterwards; where a function decides, `may_lead_to` lists what it can say
    proposal  what becomes of the open proposal
    effects   in this order, in the same transaction; each can also foretell itself
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from . import effects as do
from . import guards
from .context import Consequence, Context, Guard, Refusal
from .effects import Effect
from .enums import Action, Actor, ProposalState, Status


class Turn(Enum):
    """Whose move it is, seen from the open proposal (decisions.md 5)."""

    ANY = auto()
    ANSWER = auto()
    PROPOSER = auto()


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One row of the table."""

    ids: str
    action: Action
    from_: tuple[Status, ...]
    actors: tuple[Actor, ...]
    turn: Turn = Turn.ANY
    guards: tuple[Guard, ...] = ()
    target: Status | Callable[[Context], Status]
    may_lead_to: tuple[Status, ...] = ()
    proposal: ProposalState | None = None
    effects: tuple[Effect, ...] = ()
    events: dict[Actor, str]

    def target_for(self, context: Context) -> Status:
        """The status this row leads to for these facts."""
        return self.target(context) if callable(self.target) else self.target


CLIENT, PROVIDER, SYSTEM = Actor.CLIENT, Actor.PROVIDER, Actor.SYSTEM

TABLE: tuple[Transition, ...] = (
    Transition(
        ids="T7",
        action=Action.REQUEST,
        from_=(),
        actors=(CLIENT,),
        target=Status.PENDING,
        effects=(do.HOLD_ASKED_TIMES, do.TELL_PROVIDER_OF_REQUEST, do.SEND_CLIENT_RECEIPT),
        events={CLIENT: "Suggested by user"},
    ),
    Transition(
        ids="T8",
        action=Action.ACCEPT,
        from_=(Status.PENDING,),
        actors=(PROVIDER,),
        turn=Turn.ANSWER,
        guards=(
            guards.not_started,
            guards.time_is_on_the_table,
            guards.answered_early_enough,
            guards.no_agreed_clash,
            guards.clash_is_accepted,
        ),
        target=guards.agreed_status,
        may_lead_to=(Status.CONFIRMING, Status.CONFIRMED),
        proposal=ProposalState.ACCEPTED,
        effects=(do.CLAIM_SESSION, do.SET_UP_OR_CONFIRM),
        events={PROVIDER: "Expert approval"},
    ),
    Transition(
        ids="T9",
        action=Action.DECLINE,
        from_=(Status.PENDING,),
        actors=(PROVIDER,),
        turn=Turn.ANSWER,
        guards=(guards.not_started, guards.reason_given),
        target=Status.DECLINED,
        proposal=ProposalState.DECLINED,
        effects=(do.RELEASE_TIME, do.TELL_CLIENT_OF_DECLINE),
        events={PROVIDER: "Rejected by expert"},
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
        effects=(do.RELEASE_TIME, do.TELL_PROVIDER_OF_WITHDRAWAL),
        events={CLIENT: "Cancelled by user"},
    ),
    Transition(
        ids="T16",
        action=Action.EXPIRE,
        from_=(Status.PENDING,),
        actors=(SYSTEM,),
        guards=(guards.time_is_up,),
        target=Status.EXPIRED,
        proposal=ProposalState.EXPIRED,
        effects=(do.RELEASE_TIME, do.TELL_BOTH_OF_EXPIRY),
        events={SYSTEM: "Expired"},
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

ROWS = {row.action: row for row in TABLE}


def check(context: Context) -> Refusal | None:
    """None when the action is legal now; otherwise the first refusal, which never depends on who asks from where."""
    row = ROWS[context.action]
    if context.actor not in row.actors:
        return Refusal("not_yours", f"Only {_who(row, context)} can do this.")
    if context.status not in (row.from_ or (None,)):
        return guards.still_open(context)
    if refusal := _check_turn(row, context):
        return refusal
    return next((refusal for guard in row.guards if (refusal := guard(context))), None)


def exists_for(context: Context) -> bool:
    """Whether the action has a place on this person's page at all: right status, right side, right turn."""
    row = ROWS[context.action]
    return context.actor in row.actors and context.status in row.from_ and _check_turn(row, context) is None


def preview(context: Context) -> list[Consequence]:
    """What the action would do to this booking, from the very effects that do it (D-7)."""
    return [line for effect in ROWS[context.action].effects for line in effect.foretell(context)]


def _check_turn(row: Transition, context: Context) -> Refusal | None:
    if row.turn is Turn.ANY or context.proposal is None:
        return None
    is_proposer = context.proposal.made_by == context.actor
    if row.turn is Turn.PROPOSER and not is_proposer:
        return Refusal("not_yours", f"Only {context.other_name} can take this back. You can decline it.")
    if row.turn is Turn.ANSWER and is_proposer:
        return Refusal("not_your_turn", f"{context.other_name} has to answer. You can take it back until then.")
    return None


def _who(row: Transition, context: Context) -> str:
    names = {CLIENT: context.client_name, PROVIDER: context.provider_name, SYSTEM: "the system", Actor.STAFF: "staff"}
    return " or ".join(names[actor] for actor in row.actors)
