"""The workflow: the table, and the four questions that can be asked of it. Nothing here queries."""

from collections.abc import Iterable

from .. import guards
from ..context import Consequence, Context, Refusal
from ..enums import Action, Actor
from .table import TABLE
from .transition import STAYS, Stays, Transition, Turn

__all__ = ["STAYS", "TABLE", "Stays", "Transition", "Turn", "check", "exists_for", "preview", "row_for"]


def row_for(context: Context) -> Transition | None:
    """The row of the table that these facts meet: action, status, actor and turn. None when there is none."""
    return next((row for row in _rows_of(context) if _check_turn(row, context) is None), None)


def check(context: Context) -> Refusal | None:
    """None when the action is legal now; otherwise the first refusal, which never depends on who asks from where."""
    rows = [row for row in TABLE if row.action == context.action]
    if not any(context.actor in row.actors for row in rows):
        return Refusal("not_yours", f"Only {_who(rows, context)} can do this.")
    mine = list(_rows_of(context))
    if not mine:
        return guards.still_open(context)
    row = row_for(context)
    if row is None:
        return _check_turn(mine[0], context)
    return next((refusal for guard in row.guards if (refusal := guard(context))), None)


def exists_for(context: Context) -> bool:
    """Whether the action has a place on this person's page at all: right status, right side, right turn."""
    return context.status is not None and row_for(context) is not None


def preview(context: Context) -> list[Consequence]:
    """What the action would do to this booking, from the very effects that do it (D-7)."""
    row = row_for(context)
    return [line for effect in row.effects for line in effect.foretell(context)] if row else []


def _rows_of(context: Context) -> Iterable[Transition]:
    return (
        row
        for row in TABLE
        if row.action == context.action
        and context.actor in row.actors
        and (context.status in row.from_ if row.from_ else context.status is None)
    )


def _check_turn(row: Transition, context: Context) -> Refusal | None:
    if row.turn is Turn.ANY:
        return None
    if context.proposal is None:
        return guards.something_is_on_the_table(context)
    if row.turn is Turn.OPEN:
        return None
    is_proposer = context.proposal.made_by == context.actor
    if row.turn is Turn.PROPOSER and not is_proposer and row.action == Action.CHANGE_NOTES:
        return Refusal("your_turn", f"It is your turn: write it to {context.other_name} with your answer.")
    if row.turn is Turn.PROPOSER and not is_proposer:
        sentence = f"Only {context.other_name} can take this back. You can decline it."
        return Refusal("not_yours", sentence, instead=Action.DECLINE)
    if row.turn is Turn.ANSWER and is_proposer:
        sentence = f"{context.other_name} has to answer. You can take it back until then."
        return Refusal("not_your_turn", sentence, instead=Action.WITHDRAW)
    return None


def _who(rows: Iterable[Transition], context: Context) -> str:
    names = {
        Actor.CLIENT: context.client_name,
        Actor.PROVIDER: context.provider_name,
        Actor.SYSTEM: "the system",
        Actor.STAFF: "staff",
    }
    actors = dict.fromkeys(actor for row in rows for actor in row.actors)
    return " or ".join(names[actor] for actor in actors)
