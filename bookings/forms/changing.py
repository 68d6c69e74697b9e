"""Other times, moves, wishes and notes (PG-35, PG-34)."""

from datetime import datetime
from typing import Any

from django import forms

from calendars.bitmap import GRID_MINUTES

from ..services.requests import MAX_NOTES, long_notes
from .answering import message_field
from .base import MAX_MESSAGE, MAX_REASON, TOO_LONG, AnswerForm, Moments, PlainText

LONGEST, DEAREST = 12 * 60, 1_000_000
LENGTH = f"Enter a length in minutes, from {GRID_MINUTES} to {LONGEST} in steps of {GRID_MINUTES}, like 45."
PRICE = "Enter a whole number, like 30. 0 is no charge."


class SuggestForm(AnswerForm):
    """PG-35: up to three times, chosen or typed, with words; the provider may name another length and price (S4.14)."""

    time = Moments(required=False)
    day = forms.CharField(
        required=False, label="Day", max_length=40, widget=forms.DateInput(attrs={"type": "date", "class": "input"})
    )
    at = forms.CharField(
        required=False,
        label="Time",
        max_length=40,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    minutes = forms.IntegerField(
        label="Length in minutes",
        min_value=GRID_MINUTES,
        max_value=LONGEST,
        step_size=GRID_MINUTES,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", "step_size"), LENGTH),
    )
    price = forms.IntegerField(
        min_value=0,
        max_value=DEAREST,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), PRICE),
    )
    message = message_field()
    clash_accepted = forms.BooleanField(required=False, label="Suggest it anyway. I know what else is at this time.")

    def __init__(
        self, *args: Any, other_name: str, types: bool = False, length: bool = False, credits: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = f"Message to {other_name}"
        self.fields["price"].label = f"Price in {credits}"
        absent = [] if types else ["day", "at"]
        absent += [] if length else ["minutes"]
        absent += [] if length and credits else ["price"]
        for name in absent:
            del self.fields[name]

    def starts(self) -> tuple[datetime, ...]:
        """The chosen starts (UTC) in order of time, each once."""
        return tuple(sorted(set(self.cleaned_data.get("time") or ())))

    def typed(self) -> str:
        """Day and time as they were typed, in one line."""
        return " ".join(part for name in ("day", "at") if (part := self.cleaned_data.get(name, "").strip()))

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes besides the times."""
        return {name: self.cleaned_data.get(name) or empty for name, empty in self.taken().items()}

    @staticmethod
    def taken() -> dict[str, Any]:
        """The details of this form and what stands for each that is missing."""
        return {"message": "", "clash_accepted": False}


class RescheduleForm(SuggestForm):
    """PG-35: another time at once, with the reason (S3.13, S3.14)."""

    reason_text = PlainText(label="Why?", max_length=MAX_REASON, error_messages=TOO_LONG)
    field_order = ["time", "day", "at", "reason_text", "message", "clash_accepted"]

    def __init__(self, *args: Any, other_name: str, **kwargs: Any) -> None:
        super().__init__(*args, other_name=other_name, **kwargs)
        self.fields["reason_text"].help_text = f"{other_name} reads it in the mail."
        self.fields["clash_accepted"].label = "Move it anyway. I know what else is at this time."

    @staticmethod
    def taken() -> dict[str, Any]:
        """The details of this form and what stands for each that is missing."""
        return {**SuggestForm.taken(), "reason_text": ""}


class AskToCancelForm(AnswerForm):
    """Asking the client to cancel, with the reason (S1.14)."""

    message = PlainText(max_length=MAX_MESSAGE, error_messages=TOO_LONG, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, other_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = f"What should {other_name} know?"
        self.fields["message"].help_text = f"Say what you ask for and why. {other_name} reads it in the mail."

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {"message": self.cleaned_data.get("message", "")}


class NotesForm(AnswerForm):
    """The client's words beside the request (T11)."""

    notes = PlainText(required=False, label="What would you like to talk about?", widget=forms.Textarea)

    def __init__(self, *args: Any, other_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notes"].widget.attrs["rows"] = 6
        self.fields["notes"].help_text = (
            f"{other_name} sees this before answering; {MAX_NOTES} characters fit. "
            "Please leave out passwords and card numbers."
        )

    def clean_notes(self) -> str:
        """Notes that fit."""
        notes = self.cleaned_data["notes"]
        if refusal := long_notes(notes):
            raise forms.ValidationError(refusal.sentence, code=refusal.code)
        return notes

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {"notes": self.cleaned_data.get("notes", "")}
