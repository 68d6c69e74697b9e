"""Facts for the workflow without a database: one Monday in November, one client, one provider, and everything in order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from accounts.policies import Policy, Vocabulary
from bookings.context import Clash, Context, LastEvent, OpenProposal, Outcome, Reader, Successor, TimeOnTable
from bookings.enums import AGREED_ONCE, Action, Actor, Status

MADE = datetime(2026, 11, 23, 8, 14, tzinfo=UTC)
ANSWER_BY = MADE + timedelta(hours=48)
START = MADE + timedelta(hours=72)
END = START + timedelta(minutes=30)

FIRST = TimeOnTable(START, 30, 30)
OTHER = TimeOnTable(START + timedelta(days=1), 30, 30)
NEW = TimeOnTable(START + timedelta(days=2), 30, 30)

PROVIDER_MUST_ANSWER, CLIENT_MUST_ANSWER, NOBODY_MUST_ANSWER = "provider", "client", "nobody"
PROPOSER = {PROVIDER_MUST_ANSWER: Actor.CLIENT, CLIENT_MUST_ANSWER: Actor.PROVIDER, NOBODY_MUST_ANSWER: None}
AWAITED = tuple(PROPOSER)
SIDES = (Actor.CLIENT, Actor.PROVIDER)
RIVAL_OF = {Actor.CLIENT: Actor.PROVIDER, Actor.PROVIDER: Actor.CLIENT}

BENS = SimpleNamespace(name="Tax planning", place="video", provider=SimpleNamespace(name="Ben Roth"))

PUTS_TIMES_FORWARD = (Action.REQUEST, Action.BOOK, Action.INVITE, Action.SUGGEST, Action.RESCHEDULE, Action.AMEND)
AFTER_THE_END = (Action.COMPLETE, Action.NO_SHOW, Action.UNDO, Action.CONTEST, Action.UPHOLD)


def policy_for(action: Action) -> Policy:
    """A policy under which this action is the tenant's way."""
    return {
        Action.INVITE: Policy(provider_made="needs_client"),
        Action.BOOK: Policy(provider_made="confirmed"),
        Action.RESCHEDULE: Policy(reschedule="direct"),
        Action.CHANGE_PRICE: Policy(price_unit="credits"),
        Action.ASK_TO_CANCEL: Policy(provider_cancel="ask_client"),
    }.get(action, Policy())


def context_of(status, awaited, action, actor, **changed) -> Context:
    """Facts under which every guard of the action passes, so that the cell alone decides; `changed` spoils some."""
    is_agreed = status in AGREED_ONCE or action == Action.REOPEN
    on_table = OTHER if is_agreed else FIRST
    offer = (NEW,) if action in PUTS_TIMES_FORWARD else ()
    proposal = OpenProposal(PROPOSER[awaited], MADE, ANSWER_BY, (on_table,)) if PROPOSER[awaited] else None
    facts = {
        "now": _moment_for(action),
        "policy": policy_for(action),
        "words": Vocabulary(),
        "reader": Reader("Europe/Prague"),
        "provider_name": "Ana Nowak",
        "client_name": "Kim Okafor",
        "proposal": proposal,
        "newest_times": (on_table,) if status else (),
        "starts_at": START if is_agreed else None,
        "minutes": 30,
        "price": 30,
        "chosen": _chosen_for(action, offer, on_table),
        "offer": offer,
        "taken": (on_table.starts_at,) if action == Action.CLOSE else (),
        "reason_text": "I am ill",
        "message": "Could we talk about it?",
        "consequences_accepted": True,
        "support_asked": action == Action.REFUSE_SUPPORT,
        "pay_by": ANSWER_BY if status == Status.WAITING else None,
        "outcome": _outcome_for(action, actor) if status in (Status.NOSHOW, Status.COMPLETED) else None,
        "absent": Actor.CLIENT if action == Action.NO_SHOW and actor == Actor.STAFF else None,
        "new_price": 20 if action == Action.CHANGE_PRICE else None,
        "successor": Successor(BENS) if action == Action.REASSIGN else None,
        "is_instant": True,
        "last": LastEvent(Action.REQUEST, Actor.CLIENT, "Kim Okafor", MADE) if status else None,
        "setup_done": True,
    }
    return Context(status=status, action=action, actor=actor, **{**facts, **changed})


def _chosen_for(action: Action, offer: tuple[TimeOnTable, ...], on_table: TimeOnTable) -> TimeOnTable:
    if action in (Action.REOPEN, Action.REASSIGN):
        return FIRST
    return offer[0] if action in (Action.BOOK, Action.RESCHEDULE, Action.AMEND) else on_table


def _moment_for(action: Action) -> datetime:
    if action == Action.EXPIRE:
        return ANSWER_BY + timedelta(minutes=1)
    return END + timedelta(hours=24) if action in AFTER_THE_END else MADE + timedelta(hours=1)


def _outcome_for(action: Action, actor: Actor) -> Outcome:
    by = RIVAL_OF.get(actor, Actor.PROVIDER) if action == Action.CONTEST else actor
    return Outcome(by, END + timedelta(hours=1), is_contested=action == Action.UPHOLD)


def agreed_clash(of=Actor.PROVIDER, at=FIRST) -> Clash:
    """Another agreed session at that time."""
    return Clash("NW-7K4Q", at.starts_at, at.ends_at, is_agreed=True, of=of)


def soft_clash(of=Actor.PROVIDER, at=FIRST) -> Clash:
    """Something that only warns at that time."""
    return Clash("time you blocked", at.starts_at, at.ends_at, is_agreed=False, of=of)


def with_policy(context: Context, **settings) -> Context:
    """The same facts under another policy."""
    return replace(context, policy=replace(context.policy, **settings))
