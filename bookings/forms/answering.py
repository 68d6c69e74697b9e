"""Answering what is on the table, and ending what was agreed (PG-33, PG-34)."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.policies import Policy, Reason

from ..enums import Actor
from .base import MAX_MESSAGE, MAX_REASON, TOO_LONG, AnswerForm, Moment, PlainText

TEXT_LINES = 4


def message_field() -> PlainText:
    """Words to the other side, which are never needed."""
    return PlainText(
        required=False,
        max_length=MAX_MESSAGE,
        error_messages=TOO_LONG,
        widget=forms.Textarea(attrs={"rows": TEXT_LINES}),
    )


class AcceptForm(AnswerForm):
    """PG-33: which time, and the tick for what it overlaps."""

    time = Moment()
    clash_accepted = forms.BooleanField(required=False)

    def __init__(self, *args: Any, tick: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clash_accepted"].label = tick


class MessageForm(AnswerForm):
    """PG-34: what needs no reason, with a word to the other side."""

    message = message_field()

    def __init__(self, *args: Any, other_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = f"Message to {other_name}"

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {"message": self.cleaned_data.get("message", "")}


class ReasonForm(MessageForm):
    """A reason from a list of the tenant's, in own words where it says so or where there is no list (D9)."""

    reason_code = forms.CharField(label="Why?", widget=forms.RadioSelect)
    reason_text = PlainText(label="In your own words", max_length=MAX_REASON, error_messages=TOO_LONG, required=False)
    field_order = ["reason_code", "reason_text", "message"]

    def __init__(self, *args: Any, listed: Sequence[Reason], is_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code, text = self.fields["reason_code"], self.fields["reason_text"]
        code.required = is_required
        code.widget.choices = [(reason.code, reason.text) for reason in listed]
        own_words = [reason for reason in listed if reason.asks_text]
        if len(own_words) == len(listed) <= 1:
            self._ask_for_words_only([reason.code for reason in own_words], is_required)
        elif own_words:
            text.help_text = (
                f"Only needed with \N{LEFT DOUBLE QUOTATION MARK}{own_words[0].text}\N{RIGHT DOUBLE QUOTATION MARK}."
            )
        else:
            del self.fields["reason_text"]

    def _ask_for_words_only(self, codes: Sequence[str], is_needed: bool) -> None:
        # A list of one is no choice, and without a list there is none: the reason is what is typed.
        self.fields["reason_text"].label = "Why?"
        self.fields["reason_text"].required = is_needed
        if not codes:
            del self.fields["reason_code"]
            return
        self.fields["reason_code"].widget = forms.HiddenInput()
        self.initial["reason_code"] = codes[0]

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {name: self.cleaned_data.get(name, "") for name in ("reason_code", "reason_text", "message")}


class DeclineForm(ReasonForm):
    """PG-34: a provider declines with a reason from the tenant's list (S4.9) and words to the other side (S0.22)."""

    def __init__(self, *args: Any, policy: Policy, other_name: str, **kwargs: Any) -> None:
        is_required = policy.decline_reason == "required"
        super().__init__(*args, listed=policy.decline_reasons, is_required=is_required, other_name=other_name, **kwargs)
        if not policy.decline_reasons and not is_required:
            del self.fields["reason_text"]
        self.fields[
            "message"
        ].help_text = f"{other_name} reads it in the mail. Say what would suit you better, if something would."


class CancelForm(ReasonForm):
    """PG-34: ending what was agreed. The list says why a provider cancels (S4.20); a client's reason is in own words (S3.15).

    With a `tick` the form asks to accept what follows from cancelling so late (S4.22).
    """

    consequences_accepted = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, policy: Policy, actor: Actor, other_name: str, tick: str = "", **kwargs: Any
    ) -> None:
        listed = policy.cancel_reasons if actor == Actor.PROVIDER else ()
        is_required = policy.cancel_reason == "required"
        super().__init__(*args, listed=listed, is_required=is_required, other_name=other_name, **kwargs)
        self.fields["message"].help_text = f"{other_name} reads it in the mail."
        if tick:
            self.fields["consequences_accepted"].label = tick
        else:
            del self.fields["consequences_accepted"]

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        accepted = self.cleaned_data.get("consequences_accepted", False)
        return super().details() | {"consequences_accepted": accepted}
