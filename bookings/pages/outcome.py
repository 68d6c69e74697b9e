"""What is said once a session's time has come: it took place, somebody did not come, that is not so (PG-36)."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.urls import reverse

from accounts import formatting
from accounts.formatting import WhenWords

from .. import workflow
from ..context import CONTEST_WINDOW, UNDO_WINDOW, WAIT_BEFORE_NO_SHOW
from ..enums import Action, Actor
from ..models import Booking
from .asked import Asked, asked_of
from .parts import Button, EffectLine, Viewer, effect_lines, other_zone, side_of
from .ways import context_of, rule_against

SAID = {"completed": Action.COMPLETE, "no_show": Action.NO_SHOW}


@dataclass(frozen=True)
class OutcomePage:
    """One thing to say about a session, with what follows from it. `other` is the other thing that could be said."""

    asked: Asked
    title: str
    lead: str
    action: str
    said: str
    when: WhenWords
    other_name: str
    effects: list[EffectLine]
    button: str
    is_grave: bool
    other: Button | None
    keep: Button


@dataclass(frozen=True)
class ChoicePage:
    """The question what happened, where the address does not answer it. `blocked` says why something can't be said."""

    asked: Asked
    when: WhenWords
    other_name: str
    choices: list[Button]
    blocked: list[str]


def outcome_page(booking: Booking, viewer: Viewer, action: Action) -> OutcomePage:
    """Saying that it took place, or that the other one did not come (S3.16, T37-T39). Two queries and more."""
    context = context_of(booking, viewer, action)
    other = context.other_name
    lines = [*effect_lines(workflow.preview(context)), *_what_follows(booking, viewer, action, other)]
    waited = formatting.clock(booking.starts_at + WAIT_BEFORE_NO_SHOW, viewer.reader.zone, viewer.reader.hour_cycle)
    is_no_show = action == Action.NO_SHOW
    return OutcomePage(
        asked=asked_of(booking, viewer, with_deadline=False),
        title=f"{other} didn't come" if is_no_show else "It took place",
        lead=f"With this you say that you waited until {waited} or longer." if is_no_show else "",
        action=reverse("booking_outcome", args=[booking.code]),
        said=next(name for name, meant in SAID.items() if meant == action),
        when=_when(booking, viewer),
        other_name=other,
        effects=lines,
        button=f"{other} didn't come" if is_no_show else _completed_button(viewer, booking),
        is_grave=is_no_show,
        other=_other_choice(booking, viewer, action),
        keep=Button("Not now", href=reverse("booking", args=[booking.code]), kind="quiet"),
    )


def _completed_button(viewer: Viewer, booking: Booking) -> str:
    return "Mark completed" if side_of(booking, viewer) == Actor.PROVIDER else "Yes, it took place"


def _what_follows(booking: Booking, viewer: Viewer, action: Action, other: str) -> list[EffectLine]:
    """What the other one may answer, and until when (D15, T41)."""
    if action == Action.COMPLETE and booking.policy.completion == "both" and not booking.held_by:
        due = viewer.at(booking.ends_at + timedelta(hours=booking.policy.complete_after_hours))
        return [EffectLine("check-check", f"{other} confirms it. If nobody says otherwise, it is completed on {due}.")]
    undo, contest = (viewer.at(viewer.now + window) for window in (UNDO_WINDOW, CONTEST_WINDOW))
    return [
        EffectLine("undo-2", f"You can take it back until {undo}."),
        EffectLine("flag", f"{other} can disagree until {contest}. Then support decides."),
    ]


def _other_choice(booking: Booking, viewer: Viewer, action: Action) -> Button | None:
    other = Action.NO_SHOW if action == Action.COMPLETE else Action.COMPLETE
    return next((choice for choice in _choices(booking, viewer)[0] if choice.value == other), None)


def choice_page(booking: Booking, viewer: Viewer) -> ChoicePage:
    """Both things that can be said, as far as they can be said now."""
    choices, blocked = _choices(booking, viewer)
    other = context_of(booking, viewer, Action.COMPLETE).other_name
    asked = asked_of(booking, viewer, with_deadline=False)
    return ChoicePage(asked, _when(booking, viewer), other, choices, blocked)


def _choices(booking: Booking, viewer: Viewer) -> tuple[list[Button], list[str]]:
    context = context_of(booking, viewer, Action.COMPLETE)
    labels = {
        Action.COMPLETE: _completed_button(viewer, booking),
        Action.NO_SHOW: f"{context.other_name} didn't come",
    }
    choices, blocked = [], []
    for name, action in SAID.items():
        refusal = rule_against(replace(context, action=action))
        href = f"{reverse('booking_outcome', args=[booking.code])}?said={name}"
        if refusal:
            blocked.append(refusal.sentence)
        else:
            choices.append(Button(labels[action], href=href, value=action, id=name.replace("_", "-")))
    return choices, blocked


def _when(booking: Booking, viewer: Viewer) -> WhenWords:
    return viewer.when(booking.starts_at, booking.minutes, other_zone(booking, side_of(booking, viewer)))


@dataclass(frozen=True)
class WordsPage:
    """A press with an explanation: taking back, disagreeing, asking support."""

    asked: Asked
    title: str
    lead: str
    action: str
    when: WhenWords
    other_name: str
    effects: list[EffectLine]
    button: str
    keep: Button


def words_page(booking: Booking, viewer: Viewer, action: Action, *, title: str, lead: str, button: str) -> WordsPage:
    """The page of an action that needs a look at what follows, and perhaps words (T41, PG-35b)."""
    context = context_of(booking, viewer, action)
    return WordsPage(
        asked=asked_of(booking, viewer, with_deadline=False),
        title=title,
        lead=lead,
        action=reverse(ADDRESSES[action], args=[booking.code]),
        when=_when(booking, viewer),
        other_name=context.other_name,
        effects=effect_lines(workflow.preview(context)),
        button=button,
        keep=Button("Leave it as it is", href=reverse("booking", args=[booking.code]), kind="quiet"),
    )


ADDRESSES = {
    Action.UNDO: "booking_undo",
    Action.CONTEST: "booking_contest",
    Action.ASK_SUPPORT: "booking_support",
}
