"""docs/booking-workflow.md, written from the table itself so that the two can't differ."""

from collections.abc import Callable

from .context import Context
from .enums import Action, Status
from .workflow import TABLE, Stays, Transition, Turn
from .workflow.transition import Words

HEAD = """# The life of a booking

Written by `manage.py workflow_document` from `bookings/workflow/table.py`; a test fails when it is stale. Don't edit it by hand.
The T-numbers are those of the requirements; guards and effects are the names of the functions that do the work.

```mermaid
stateDiagram-v2
"""
TURNS = {
    Turn.ANY: "any of them",
    Turn.ANSWER: "who must answer",
    Turn.PROPOSER: "who proposed",
    Turn.OPEN: "while times are on the table",
}


def render() -> str:
    """The whole document as Markdown."""
    arrows = "".join(f"    {arrow}\n" for row in TABLE for arrow in _arrows(row))
    rows = "".join(_line(row) for row in TABLE)
    return (
        f"{HEAD}{arrows}```\n\n"
        "| | Action | From | Who | Guards, in order | To | Proposal | Sets | Effects, in order | Timeline |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n"
        f"{rows}"
    )


def _targets(row: Transition) -> list[Status]:
    return [row.target] if isinstance(row.target, Status) else list(row.may_lead_to)


def _arrows(row: Transition) -> list[str]:
    if isinstance(row.target, Stays):
        return [f"{status} --> {status}: {row.action}" for status in row.from_ if row.action != Action.NOTE]
    return [f"{start} --> {target}: {row.action}" for start in row.from_ or ("[*]",) for target in _targets(row)]


def _line(row: Transition) -> str:
    cells = [
        row.ids,
        f"**{row.action}**",
        ", ".join(row.from_) or "(new)",
        f"{', '.join(row.actors)} ({TURNS[row.turn]})",
        "<br>".join(guard.__name__ for guard in row.guards) or "-",
        "stays" if isinstance(row.target, Stays) else " or ".join(_targets(row)),
        " then ".join(part for part in (row.proposal, "a new one" if row.offers else None) if part) or "-",
        row.sets.__name__ if row.sets else "-",
        "<br>".join(effect.apply.__name__ for effect in row.effects) or "-",
        "<br>".join(f"{actor}: {_words(words)}" for actor, words in row.events.items()),
    ]
    return f"| {' | '.join(cells)} |\n"


def _words(words: Words | Callable[[Context], Words]) -> str:
    if callable(words):
        return f"({words.__name__})"
    return words if isinstance(words, str) else ", ".join(words)
