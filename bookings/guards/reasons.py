"""Reasons: from the tenant's lists, in own words, or none (D9)."""

from collections.abc import Sequence

from accounts.policies import Reason

from ..context import Context, Refusal
from ..enums import Actor


def decline_reason_given(context: Context) -> Refusal | None:
    """A provider declines with a reason from the tenant's list, with words where the line asks for them (S4.9, S4.34)."""
    return _reason(context, context.policy.decline_reasons, is_required=context.policy.decline_reason == "required")


def cancel_reason_given(context: Context) -> Refusal | None:
    """Cancelling an agreed session has a list of its own (S4.20); customers of a `text` tenant write theirs (S3.15)."""
    is_required = context.policy.cancel_reason == "required"
    # The list says why a provider cancels; what a client may say is theirs.
    listed = context.policy.cancel_reasons if context.actor == Actor.PROVIDER else ()
    return _reason(context, listed, is_required=is_required)


def own_words_given(context: Context) -> Refusal | None:
    """A reason in own words, always: staff acting for somebody (decisions.md 17), a direct move (S3.14)."""
    if context.reason_text.strip():
        return None
    return Refusal("reason_text_missing", "Say the reason in a few words.", field="reason_text")


def wish_is_explained(context: Context) -> Refusal | None:
    """Who asks the other side, or support, for something says why (S1.14, S1.18)."""
    if context.message.strip():
        return None
    return Refusal("message_missing", "Say in a few words what you ask for and why.", field="message")


def _reason(context: Context, listed: Sequence[Reason], *, is_required: bool) -> Refusal | None:
    chosen = next((reason for reason in listed if reason.code == context.reason_code), None)
    if context.reason_code and chosen is None:
        return Refusal("unknown_reason", "Choose a reason from the list.", field="reason_code")
    if not is_required:
        return None
    if not listed:
        return own_words_given(context)
    if chosen is None:
        return Refusal("reason_missing", f"Choose a reason, so that {context.other_name} knows why.", "reason_code")
    return own_words_given(context) if chosen.asks_text else None
