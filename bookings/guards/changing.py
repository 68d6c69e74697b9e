"""Who may cancel or move what is agreed, and what has to be seen first (decisions.md 11, 12)."""

from ..context import Context, Refusal
from ..enums import Action, Actor


def provider_may_cancel(context: Context) -> Refusal | None:
    """Where the tenant says so, a provider asks the client instead (S1.14, D5)."""
    if context.policy.provider_cancel != "ask_client":
        return None
    return Refusal(
        "ask_client",
        f"You can't cancel an agreed {context.words.session} here. Ask {context.client_name} to cancel it.",
        instead=Action.ASK_TO_CANCEL,
    )


def provider_must_ask(context: Context) -> Refusal | None:
    """Asking the client to cancel is the way only where there is no direct one (T20)."""
    if context.policy.provider_cancel == "ask_client":
        return None
    return Refusal("may_cancel", f"You can cancel this {context.words.session} yourself.", instead=Action.CANCEL)


def client_was_not_asked_yet(context: Context) -> Refusal | None:
    """One wish is enough; a reminder is a message."""
    if not context.cancel_asked:
        return None
    return Refusal(
        "asked_already", f"You have asked {context.client_name} to cancel already. The answer comes by mail."
    )


def consequences_are_accepted(context: Context) -> Refusal | None:
    """Cancelling late has a form of its own: the hours left, the fee, the late change (S4.22, T19, T22)."""
    if not context.needs_form or context.consequences_accepted:
        return None
    return Refusal(
        "confirm_late",
        f"{hours_left(context)} Tick the box to say that you know what follows.",
        field="consequences_accepted",
    )


def hours_left(context: Context) -> str:
    """How much time is left until the agreed start, in whole hours: "30 hours are left until the start."."""
    hours = int(context.remaining.total_seconds() // 3600)
    left = "Less than an hour is" if hours < 1 else "1 hour is" if hours == 1 else f"{hours} hours are"
    return f"{left} left until the start."


def move_is_proposed(context: Context) -> Refusal | None:
    """Where a move is a proposal to the other side (D7, S4.24); elsewhere the refusal names the way."""
    ways = {
        "direct": Refusal("move_directly", f"You can move this {context.words.session} yourself.", instead=Action.RESCHEDULE),
        "via_staff": _by_staff(context),
    }  # fmt: skip
    return ways.get(context.policy.reschedule)


def move_is_direct(context: Context) -> Refusal | None:
    """Where either side moves it at once, with a reason (S3.13, S3.14, D7)."""
    ways = {
        "proposal": Refusal(
            "propose_instead",
            f"{context.other_name} has to agree to a new time. Propose one.",
            instead=Action.SUGGEST,
        ),
        "via_staff": _by_staff(context),
    }
    return ways.get(context.policy.reschedule)


def _by_staff(context: Context) -> Refusal:
    other = "the two" if context.actor == Actor.STAFF else context.other_name
    return Refusal(
        "via_staff",
        f"Agree on a new time with {other}; then ask support to change it.",
        instead=Action.ASK_SUPPORT,
    )


def support_was_not_asked_yet(context: Context) -> Refusal | None:
    """One wish at a time: staff answer it first (PG-35b)."""
    if not context.support_asked:
        return None
    return Refusal("asked_already", "Support has been asked already and answers by mail.")


def support_is_asked(context: Context) -> Refusal | None:
    """There is a wish to answer."""
    return None if context.support_asked else Refusal("nothing_asked", "Nobody has asked support to change this.")


def was_agreed(context: Context) -> Refusal | None:
    """Only what was agreed can be agreed again; who asked without an agreement asks anew (T34, T30)."""
    if context.starts_at is not None:
        return None
    sentence = f"Nothing was agreed here that could be reopened. {context.client_name} can ask again."
    return Refusal("never_agreed", sentence, instead=Action.REQUEST)


def note_is_written(context: Context) -> Refusal | None:
    """A note has words."""
    return None if context.message.strip() else Refusal("note_missing", "Write the note first.", field="message")
