"""What is said once the session's time has come: took place, somebody did not come, not so (T37-T41)."""

from datetime import timedelta

from ..context import CONTEST_WINDOW, UNDO_WINDOW, WAIT_BEFORE_NO_SHOW, Context, Refusal
from ..enums import Actor


def has_ended(context: Context) -> Refusal | None:
    """Nothing took place before it is over (T37)."""
    if context.now >= context.ends_at:
        return None
    return Refusal(
        "not_over",
        f"This is possible from {context.when(context.ends_at)}, after the end.",
        possible_from=context.ends_at,
    )


def waited_long_enough(context: Context) -> Refusal | None:
    """Ten minutes after the start somebody may be called absent, not before (T38, T39)."""
    earliest = context.agreed_start + WAIT_BEFORE_NO_SHOW
    if context.now >= earliest:
        return None
    minutes = int(WAIT_BEFORE_NO_SHOW / timedelta(minutes=1))
    sentence = f"Wait until {context.when(earliest)}, {minutes} minutes after the start."
    return Refusal("too_early", sentence, possible_from=earliest)


def outcome_is_theirs_to_say(context: Context) -> Refusal | None:
    """Where the provider alone says that it took place, the client may only say that it did not (D15, T37)."""
    if context.actor == Actor.CLIENT and context.policy.completion == "provider":
        return Refusal("provider_completes", f"{context.provider_name} says whether it took place.")
    return None


def outcome_is_not_said_yet(context: Context) -> Refusal | None:
    """Where both have to say that it took place, each says it once (D15)."""
    if context.held_said_by != context.actor:
        return None
    return Refusal(
        "said_already", f"You have said so already. {context.other_name} confirms it, or it follows by itself."
    )


def is_time_to_complete(context: Context) -> Refusal | None:
    """The system completes what nobody contradicted, some hours after the end, where the tenant wants it (T40, D15)."""
    if context.policy.completion == "provider":
        return Refusal("provider_completes", f"{context.provider_name} says whether it took place.")
    # Who took back what was said has as long again to say how it was.
    since = max(context.ends_at, context.undone_at or context.ends_at)
    due = since + timedelta(hours=context.policy.complete_after_hours)
    return None if context.now >= due else Refusal("not_yet", "It is too early to complete this.", possible_from=due)


def names_who_was_absent(context: Context) -> Refusal | None:
    """Staff say who did not come; the two accuse only each other (T38, T39)."""
    if context.absent in (Actor.CLIENT, Actor.PROVIDER):
        return None
    return Refusal("who", "Say who did not come.", field="absent")


def can_be_undone(context: Context) -> Refusal | None:
    """Who said it may take it back within 24 hours, unless the other side has objected; a provider also the system's word."""
    outcome = context.outcome
    if outcome is None or outcome.by not in _undoes(context.actor):
        return Refusal("not_yours", f"{context.other_name} or support said this. Tell them if it is wrong.")
    if outcome.is_contested:
        return Refusal("contested", f"{context.other_name} disagrees; support decides.")
    until = outcome.at + UNDO_WINDOW
    if context.now <= until:
        return None
    return Refusal("too_late", f"This could be changed until {context.when(until)}. Ask support.", is_conflict=True)


def _undoes(actor: Actor) -> tuple[Actor, ...]:
    return (actor, Actor.SYSTEM) if actor == Actor.PROVIDER else (actor,)


def can_be_contested(context: Context) -> Refusal | None:
    """The side that did not say it may disagree once, within 48 hours (T41, D15)."""
    outcome = context.outcome
    if outcome is None or outcome.by in (context.actor, Actor.STAFF):
        return Refusal("not_yours", "This was decided. Ask support if something is wrong.")
    if outcome.is_contested:
        return Refusal("contested", "Support has been told already and decides.")
    until = outcome.at + CONTEST_WINDOW
    if context.now <= until:
        return None
    return Refusal("too_late", f"You could disagree until {context.when(until)}. Ask support.", is_conflict=True)


def is_contested(context: Context) -> Refusal | None:
    """Staff decide only what somebody disagrees with."""
    if context.outcome and context.outcome.is_contested:
        return None
    return Refusal("not_contested", "Nobody disagrees with this.")
