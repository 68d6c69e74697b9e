"""Other times: suggested, asked for anew, or moved to at once; for both sides, before and after the agreement (PG-35)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from accounts import formatting
from accounts.formatting import WhenWords
from accounts.ruler import Ruler, two_clocks
from marketplace import cards, whynot

from .. import clashes, deadlines, queries, services, workflow
from ..context import MOST_SUGGESTIONS, Context, Refusal, TimeOnTable
from ..enums import Action, Actor, ProposalState
from ..models import Booking
from . import picking
from .asked import Asked, asked_of, kind_of_table, terms_of, whens_of
from .parts import OUTSIDE_YOUR_HOURS, Button, EffectLine, Viewer, effect_lines, other_zone, side_of, times_of
from .picking import Note, Pick, Picker
from .ways import context_of, href_of

MANY_ROUNDS = 5
AGREES_AT_ONCE = (Action.RESCHEDULE, Action.BOOK)
# What the page itself asks for besides times; while judging times it counts as given.
FILLED = {"reason_text": "-", "message": "-", "clash_accepted": True}


@dataclass(frozen=True)
class Draft:
    """What the form says so far: starts (UTC), length, price in whole credits, the first day of the list.

    `anyway` are those of the starts that a client suggests although they are not offered (D-3).
    """

    starts: tuple[datetime, ...]
    minutes: int
    price: int
    since: date | None = None
    anyway: frozenset[datetime] = frozenset()

    @property
    def offer(self) -> tuple[TimeOnTable, ...]:
        """The times as they would be put on the table."""
        return tuple(TimeOnTable(start, self.minutes, self.price) for start in self.starts)


@dataclass(frozen=True)
class Judged:
    """A chosen time: why it can't be had, or what it overlaps or lies outside of."""

    time: TimeOnTable
    refusal: Refusal | None
    overlap: Refusal | None
    warning: str

    @property
    def note(self) -> Note:
        """The same in words."""
        if self.refusal:
            return Note(self.refusal.sentence, is_gone=True)
        overlap = self.overlap.sentence.partition(". ")[0] + "." if self.overlap else ""
        return Note(" ".join(part for part in (overlap, self.warning) if part))


@dataclass(frozen=True)
class OwnTime:
    """What is said of a time that a client typed and that is not offered; `value` is what suggests it anyway (D-3)."""

    sentence: str
    value: str


@dataclass(frozen=True)
class Chosen:
    """A chosen time in the summary."""

    label: str
    other: str
    warning: str
    gone: bool


@dataclass(frozen=True)
class SoFar:
    """What the form would do as it stands, for the summary beside it."""

    chosen: list[Chosen]
    problem: str
    answer: str
    needs_tick: bool
    effects: list[EffectLine]


@dataclass(frozen=True)
class SuggestPage:
    """Everything of PG-35. `stands` is the banner of an agreed booking (S4.25), `rounds` the hint after many of them."""

    asked: Asked
    title: str
    lead: str
    action: str
    other_name: str
    stands: str
    old: WhenWords | None
    times_title: str
    times: list[WhenWords]
    rounds: str
    ruler: Ruler | None
    zone_note: str
    picker: Picker
    so_far: SoFar
    is_move: bool
    types: bool
    types_hint: str
    own_time: OwnTime | None
    has_length: bool
    button: str
    keep: Button


def draft_of(booking: Booking, starts: Sequence[datetime] = (), *, since: date | None = None) -> Draft:
    """A draft with length and price as they stand. No query for bookings of `queries`."""
    terms = terms_of(booking)
    return Draft(tuple(starts), terms.minutes, terms.price, since)


def most_times(booking: Booking, actor: Actor, action: Action) -> int:
    """How many times may be chosen: one for a move, the tenant's number for a client's own request, else three (S1.8)."""
    if action == Action.RESCHEDULE:
        return 1
    if actor == Actor.CLIENT and _is_own_request(booking, actor):
        return booking.policy.max_times
    return MOST_SUGGESTIONS


def changes_terms(booking: Booking, actor: Actor) -> bool:
    """Whether this side may name another length and price: the provider, until something is agreed (S4.14)."""
    return actor == Actor.PROVIDER and booking.starts_at is None


def types_times(actor: Actor, action: Action) -> bool:
    """Whether this side may type a time: the provider any, a client where the provider answers it (PG-35, D-3)."""
    return actor == Actor.PROVIDER or action == Action.SUGGEST


def own_time(booking: Booking, viewer: Viewer, start: datetime) -> OwnTime | None:
    """What to say of a start (UTC) that a client typed; None where it is offered (D-3)."""
    offer = draft_of(booking, [start]).offer
    gone = context_of(booking, viewer, Action.SUGGEST, offer=offer).gone
    if not gone:
        return None
    against = context_of(booking, viewer, Action.SUGGEST, offer=offer, anyway=[start]).gone
    provider, reader = booking.provider, viewer.reader
    clock = cards.Reader(reader.zone, reader.hour_cycle, viewer.now, booking.tenant.words, priced=False)
    when = viewer.when(start, offer[0].minutes).label
    reason = (against or gone)[0].reason
    sentence = whynot.why_not(when, start, reason, name=provider.name, zone=provider.calendar.time_zone, reader=clock)
    return OwnTime(sentence, "" if against else formatting.iso(start))


def _is_own_request(booking: Booking, actor: Actor) -> bool:
    newest = queries.proposals_of(booking)[0]
    return newest.made_by == actor and newest.state == ProposalState.OPEN and booking.starts_at is None


def suggest_page(
    booking: Booking,
    viewer: Viewer,
    action: Action,
    draft: Draft,
    *,
    refusal: Refusal | None = None,
    own: OwnTime | None = None,
) -> SuggestPage:
    """The page as the draft stands; `refusal` is why it was not sent, `own` what is said of a time just typed."""
    actor, session = side_of(booking, viewer), booking.tenant.words.session
    context = context_of(booking, viewer, action, offer=draft.offer, anyway=draft.anyway, **FILLED)
    judged = judge(booking, context)
    zone, asked = other_zone(booking, actor), asked_of(booking, viewer)
    is_move = action == Action.RESCHEDULE
    name = context.other_name
    return SuggestPage(
        asked=asked,
        title=_title(booking, actor, is_move=is_move),
        lead=_lead(booking, name, most_times(booking, actor, action), is_move=is_move),
        action=href_of(booking, action),
        other_name=name,
        stands=f"{viewer.at(booking.starts_at)} stays until {name} accepts."
        if booking.starts_at and not is_move
        else "",
        old=viewer.when(booking.starts_at, booking.minutes, zone) if booking.starts_at else None,
        times_title=_times_title(booking, actor, name),
        times=whens_of(booking, viewer, _table(booking)),
        rounds=_rounds(booking, name),
        ruler=two_clocks(viewer.now, viewer.reader.zone, zone, viewer.reader.hour_cycle),
        zone_note=f"Times are shown in {formatting.city_name(viewer.reader.zone)} time.",
        picker=picking.picker(booking, viewer, _pick(booking, draft, judged, actor, action, name)),
        so_far=summary_of(booking, viewer, context, judged, refusal),
        is_move=is_move,
        types=types_times(actor, action),
        types_hint=_types_hint(actor, name),
        own_time=own,
        has_length=changes_terms(booking, actor),
        button=f"Move the {session}" if is_move else "Send these times" if len(draft.starts) > 1 else "Send suggestion",
        keep=Button("Not now", href=asked.href),
    )


def so_far(booking: Booking, viewer: Viewer, action: Action, draft: Draft) -> SoFar:
    """The summary alone, while somebody chooses."""
    context = context_of(booking, viewer, action, offer=draft.offer, anyway=draft.anyway, **FILLED)
    return summary_of(booking, viewer, context, judge(booking, context), None)


# --- words ------------------------------------------------------------------------------------------


def _title(booking: Booking, actor: Actor, *, is_move: bool) -> str:
    if is_move:
        return f"Move this {booking.tenant.words.session}"
    if booking.starts_at is not None:
        return "Suggest another time"
    if _is_own_request(booking, actor):
        return "Change your times" if kind_of_table(booking) == "request" else "Change your suggestion"
    return "Suggest other times"


def _lead(booking: Booking, name: str, most: int, *, is_move: bool) -> str:
    if is_move:
        return f"It moves at once, and {name} is told by mail with your reason."
    if most == 1:
        return f"Choose a time. {name} accepts it or not."
    return f"Choose up to {most} times. {name} picks one of them."


def _types_hint(actor: Actor, name: str) -> str:
    if actor == Actor.PROVIDER:
        return "Also outside your hours. We show how we read it before anything is sent."
    return f"Also outside the hours of {name}. We show how we read it before anything is sent."


def _times_title(booking: Booking, actor: Actor, name: str) -> str:
    if not _table(booking):
        return ""
    made_by = queries.proposals_of(booking)[0].made_by
    return "On the table now, from you" if made_by == actor else f"On the table now, from {name}"


def _table(booking: Booking) -> list[TimeOnTable]:
    if booking.starts_at is not None and queries.open_proposal_of(booking) is None:
        return []
    return [TimeOnTable.of(time) for time in times_of(booking)]


def _rounds(booking: Booking, name: str) -> str:
    rounds = 0
    for proposal in queries.proposals_of(booking):
        if proposal.state == ProposalState.ACCEPTED:
            break
        rounds += 1
    if rounds < MANY_ROUNDS:
        return ""
    return f"Times went back and forth {rounds} times already. Tell {name} below which days suit you in general."


# --- what was chosen --------------------------------------------------------------------------------


def judge(booking: Booking, context: Context) -> list[Judged]:
    """Each chosen time alone, judged by the workflow as if it were the only one."""
    taken = clashes.at_many([(booking, time) for time in context.offer])
    found = []
    for time in context.offer:
        alone = replace(
            context,
            offer=(time,),
            chosen=time if context.action in AGREES_AT_ONCE else context.chosen,
            gone=tuple(gone for gone in context.gone if gone.start == time.starts_at),
            clashes=taken[booking.pk, time.starts_at],
        )
        refusal = workflow.check(alone)
        overlap = None if refusal else workflow.check(replace(alone, clash_accepted=False))
        found.append(Judged(time, refusal, overlap, _outside(booking, time, context)))
    return found


def _outside(booking: Booking, time: TimeOnTable, context: Context) -> str:
    if context.actor == Actor.CLIENT:
        return whynot.not_offered(booking.provider.name) if time.is_outside else ""
    return OUTSIDE_YOUR_HOURS if services.is_outside_hours(booking, time, context.now) else ""


def _pick(booking: Booking, draft: Draft, judged: Sequence[Judged], actor: Actor, action: Action, name: str) -> Pick:
    lost = [one.time.starts_at for one in judged if one.refusal]
    wanted = lost[0] if lost else _table_start(booking)
    whose = "you" if actor == Actor.PROVIDER else name
    return Pick(
        minutes=draft.minutes,
        wanted=wanted,
        near_title=f"Free for {whose} near that time" if lost else f"Free for {whose} near the time {_which(booking)}",
        chosen=draft.starts,
        notes={one.time.starts_at: one.note for one in judged},
        since=draft.since,
        is_single=most_times(booking, actor, action) == 1,
        anyway=draft.anyway,
    )


def _which(booking: Booking) -> str:
    if booking.starts_at is not None:
        return "agreed"
    return "asked for" if kind_of_table(booking) == "request" else "suggested"


def _table_start(booking: Booking) -> datetime:
    return booking.starts_at or times_of(booking)[0].starts_at


def summary_of(
    booking: Booking, viewer: Viewer, context: Context, judged: Sequence[Judged], refusal: Refusal | None
) -> SoFar:
    """What is chosen and what sending would do; `refusal` is said elsewhere on the page already."""
    zone = other_zone(booking, context.actor)
    chosen = []
    for one in judged:
        when = viewer.when(one.time.starts_at, one.time.minutes, zone)
        chosen.append(Chosen(when.label, when.other, one.note.text, one.note.is_gone))
    against = workflow.check(context) if judged and not any(one.refusal for one in judged) else None
    return SoFar(
        chosen=chosen,
        problem=against.sentence if against and against != refusal else "",
        answer=_answer(viewer, context),
        needs_tick=any(one.overlap for one in judged),
        effects=effect_lines(workflow.preview(context)),
    )


def _answer(viewer: Viewer, context: Context) -> str:
    """Until when the other side answers what would be sent, and what happens otherwise; nothing where it is agreed at once."""
    if context.action in AGREES_AT_ONCE:
        return ""
    starts = [
        time.starts_at for time in context.offer if deadlines.is_possible(time.starts_at, context.policy, context.now)
    ]
    name, window = context.other_name, formatting.plural(context.policy.answer_window_hours, "hour")
    if not starts:
        return f"{name} has {window} to answer, or less if your times are sooner."
    closes = deadlines.closes_at(context.now, starts, context.policy)
    until = viewer.deadline(min(closes, context.starts_at) if context.starts_at else closes)
    stands = f"{context.when(context.starts_at)} stays" if context.starts_at else "the request closes"
    return f"{name} answers by {until.label} ({until.distance}). If not, {stands} and you are told."
