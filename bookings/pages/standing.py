"""A provider's standing: what counts, what was said about it, what is paused and what goes on (PG-49)."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts import formatting
from accounts.policies import Policy, Vocabulary
from accounts.policy_words import HOUR, span
from marketplace.models import Provider

from .. import late_changes, standing_queries
from ..enums import ExplanationState, LateChangeKind, LateChangeState
from ..models import Booking, Explanation, LateChange
from ..standing_mails import before_start, topics_in_words
from ..standing_queries import Standing
from .parts import EffectLine, Viewer

MANY = {LateChangeKind.CANCEL: "late cancellations", LateChangeKind.RESCHEDULE: "late moves"}


@dataclass(frozen=True)
class KindLine:
    """How often one kind happened, beside how often it may: a meter and its words."""

    steps: list[bool]
    label: str
    text: str


@dataclass(frozen=True)
class FileLine:
    """A file that was handed in."""

    href: str
    name: str
    size: str


@dataclass(frozen=True)
class Said:
    """What was explained, and what came of it. `state` is a key of badges."""

    title: str
    text: str
    files: list[FileLine]
    verdict: str
    answer: str
    kind: str


@dataclass(frozen=True)
class Incident:
    """One late change; `explain_href` is empty where there is nothing more to explain."""

    id: str
    title: str
    counts: str
    booking_href: str
    booking: str
    when: str
    rule: str
    said: Said | None
    explain_href: str
    explain_until: str


@dataclass(frozen=True)
class StandingPage:
    """Everything of PG-49."""

    lead: str
    kinds: list[KindLine]
    rule: str
    paused_title: str
    paused: list[EffectLine]
    incidents: list[Incident]


@dataclass(frozen=True)
class ExplainPage:
    """The form to explain one late change."""

    incident: Incident
    action: str
    back_href: str
    effects: list[EffectLine]


def counts_anything(policy: Policy) -> bool:
    """Whether late changes are counted here at all (D8)."""
    return policy.late_change_hours > 0


def short_line(provider: Provider, policy: Policy, viewer: Viewer) -> str:
    """For the page of the day: "Your standing: 1 of 2 late cancellations until Sun 14 Mar 2027"; nothing where nothing counts.

    One or two queries.
    """
    if not counts_anything(policy):
        return ""
    standing = standing_queries.standing_of(provider, policy, viewer.now)
    if standing.paused:
        are = "is" if len(standing.paused) == 1 else "are"
        return f"Your standing: {topics_in_words(standing.paused)} {are} paused"
    parts = [
        f"{standing.number(kind)} of {standing.limit} {MANY[kind]} until {_day(standing.counts_until(kind), viewer)}"
        for kind in LateChangeKind
        if standing.number(kind)
    ]
    return f"Your standing: {', '.join(parts)}" if parts else "Your standing: good"


def standing_page(provider: Provider, policy: Policy, words: Vocabulary, viewer: Viewer) -> StandingPage:
    """The provider's own page, in a fixed number of queries."""
    standing = standing_queries.standing_of(provider, policy, viewer.now)
    incidents = standing_queries.incidents_of(provider)
    return StandingPage(
        lead=_lead(standing),
        kinds=[_kind_line(standing, kind, viewer) for kind in LateChangeKind],
        rule=_rule(policy, words),
        paused_title=_paused_title(standing),
        paused=_paused_lines(standing, words, viewer) if standing.paused else [],
        incidents=[incident_of(change, viewer, words) for change in incidents],
    )


def explain_page(change: LateChange, viewer: Viewer, words: Vocabulary) -> ExplainPage:
    """The form over one late change, and what sending it does."""
    accepted = "If they accept it, this late change does not count any more."
    return ExplainPage(
        incident=incident_of(change, viewer, words),
        action=reverse("explain", args=[change.pk]),
        back_href=reverse("standing"),
        effects=[
            EffectLine("mail", "Our staff are told by mail, read it and answer you by mail."),
            EffectLine("circle-check", f"{accepted} What was paused for it is listed again."),
            EffectLine("lock", f"Nobody else sees it: neither {words.clients} nor other {words.providers}."),
        ],
    )


def incident_of(change: LateChange, viewer: Viewer, words: Vocabulary) -> Incident:
    """One late change in words. Needs `said`, as `standing_queries.incidents_of` gives it."""
    booking = change.booking
    said = change.said[0] if change.said else None
    until = late_changes.explain_until(change.at)
    # Whose booking it is no more can't open its page, nor is it theirs to know as what it goes on (T34).
    is_theirs = booking.provider_id == change.provider_id
    can_explain = said is None and viewer.now <= until and change.state == LateChangeState.COUNTED
    return Incident(
        id=f"late-{change.pk}",
        title=f"{change.get_kind_display()}, {viewer.at(change.at)}",
        counts=_counts(change, viewer),
        booking_href=reverse("booking", args=[booking.code]) if is_theirs else "",
        booking=f"{booking.service.name} with {booking.client.name}" if is_theirs else _given_on(booking),
        when=viewer.at(change.starts_at),
        rule=(
            f"{before_start(change).capitalize()} before the start. Less than "
            f"{span(booking.policy.late_change_hours * HOUR)} before it counts as late."
        ),
        said=_said(said) if said else None,
        explain_href=reverse("explain", args=[change.pk]) if can_explain else "",
        explain_until=_day(until, viewer) if can_explain else "",
    )


def _given_on(booking: Booking) -> str:
    return f"{booking.tenant.words.session.capitalize()} with {booking.client.name}, given to somebody else"


def _lead(standing: Standing) -> str:
    if standing.paused or standing.is_over:
        return "More late changes than the rules allow. You can explain what happened."
    if any(standing.counted.values()):
        return "Within the rules."
    return "Good: nothing counts against you."


def _kind_line(standing: Standing, kind: LateChangeKind, viewer: Viewer) -> KindLine:
    number, limit, many = standing.number(kind), standing.limit, MANY[kind]
    steps = [place < number for place in range(max(limit, number))]
    if not number:
        return KindLine(steps, f"0 of {limit} {many}", "in the last 12 months.")
    until = f"The next one stops counting on {_day(standing.counts_until(kind), viewer)}."
    if number == 1:
        until = f"It counts until {_day(standing.counts_until(kind), viewer)}."
    if number > limit:
        return KindLine(steps, f"{number} {many}: more than {limit}.", until)
    return KindLine(steps, f"{number} of {limit} {many}.", until)


def _rule(policy: Policy, words: Vocabulary) -> str:
    limit = f"more than {policy.late_change_limit} of one kind in 12 months"
    follows = {
        "never": f"After {limit} our staff look into it.",
        "by_staff": f"After {limit} our staff look into it and may pause your {words.topics}.",
        "at_once": f"After {limit} your {words.topics} are paused at once, and our staff look into it.",
    }[policy.suspends_topics]
    late = f"less than {span(policy.late_change_hours * HOUR)} before its start"
    counts = f"Cancelling or moving an agreed {words.session} {late} counts."
    return f"{counts} Cancellations and moves are counted apart. {follows}"


def _paused_title(standing: Standing) -> str:
    if not standing.paused:
        return ""
    return f"{topics_in_words(standing.paused)} {'is' if len(standing.paused) == 1 else 'are'} paused"


def _paused_lines(standing: Standing, words: Vocabulary, viewer: Viewer) -> list[EffectLine]:
    end = standing.within_limit_from
    is_one = len(standing.paused) == 1
    again = "it is listed again by itself" if is_one else "they are listed again by themselves"
    until = f"At the latest on {_day(end, viewer)} {again}. " if end else ""
    them = "it" if is_one else "them"
    return [
        EffectLine(
            "circle-slash", f"Nobody finds you under {them}, and nobody can ask for {words.sessions} under {them}."
        ),
        EffectLine(
            "calendar-check", f"What is agreed or asked for already goes on: your {words.sessions} are untouched."
        ),
        EffectLine("clock", f"{until}If our staff accept an explanation, it can be sooner."),
    ]


def _counts(change: LateChange, viewer: Viewer) -> str:
    if change.state == LateChangeState.VOIDED:
        return "Does not count: your explanation was accepted."
    if change.state == LateChangeState.UNDONE:
        return "Does not count: it is agreed again."
    until = late_changes.counts_until(change.at)
    return f"{'Counts' if viewer.now < until else 'Counted'} until {_day(until, viewer)}."


def _said(said: Explanation) -> Said:
    verdict, kind = {
        ExplanationState.OPEN: ("Under review. Our staff answer you by mail.", "info"),
        ExplanationState.ACCEPTED: ("Accepted. It does not count any more.", "ok"),
        ExplanationState.REFUSED: ("Not accepted. It still counts.", "warn"),
    }[ExplanationState(said.state)]
    files = [
        FileLine(reverse("evidence", args=[row.pk]), row.name, size_in_words(row.size)) for row in said.files.all()
    ]
    return Said(said.get_reason_code_display(), said.text, files, verdict, said.answer, kind)


def size_in_words(size: int) -> str:
    """Bytes as people say them: "2 KB", "3.4 MB"."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def _day(moment: datetime, viewer: Viewer) -> str:
    return formatting.short_day(moment, viewer.reader.zone, viewer.now)
