"""One row of the workflow table, and what its columns may hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from ..context import Context, Guard
from ..effects import Effect
from ..enums import Action, Actor, ProposalState, Status
from ..models import Booking

Words = str | tuple[str, ...]


class Turn(Enum):
    """Whose move it is, seen from the open proposal (decisions.md 5). All but ANY need one."""

    ANY = auto()
    ANSWER = auto()
    PROPOSER = auto()
    OPEN = auto()


class Stays:
    """Target of the rows that leave the status as it is."""


STAYS = Stays()


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One row of the table; its legend stands in table.py."""

    ids: str
    action: Action
    from_: tuple[Status, ...]
    actors: tuple[Actor, ...]
    turn: Turn = Turn.ANY
    guards: tuple[Guard, ...] = ()
    target: Status | Stays | Callable[[Context], Status]
    may_lead_to: tuple[Status, ...] = ()
    proposal: ProposalState | None = None
    offers: bool = False
    sets: Callable[[Booking, Context], None] | None = None
    effects: tuple[Effect, ...] = ()
    events: Mapping[Actor, Words | Callable[[Context], Words]]

    def target_for(self, context: Context) -> Status:
        """The status this row leads to for these facts."""
        if isinstance(self.target, Stays):
            if context.status is None:
                raise LookupError(f"{self.action} needs a booking.")
            return context.status
        return self.target(context) if callable(self.target) else self.target

    def event_names(self, context: Context) -> tuple[str, ...]:
        """The lines it writes on the timeline, by the names of the source texts (requirements.md 3.8)."""
        words = self.events[context.actor]
        words = words(context) if callable(words) else words
        return (words,) if isinstance(words, str) else words


__all__ = ["STAYS", "Stays", "Transition", "Turn"]
