"""What is said about a session that took place or did not, and wishes to support (PG-36, PG-35b)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from marketplace.timewords import UnclearTime, read_time

from ..context import MOST_SUGGESTIONS, Reader
from .base import MAX_MESSAGE, TOO_LONG, AnswerForm, PlainText


class WordsForm(AnswerForm):
    """What somebody has to explain in their own words."""

    message = PlainText(max_length=MAX_MESSAGE, error_messages=TOO_LONG, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, label: str, help_text: str, is_required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["message"]
        field.label, field.help_text, field.required = label, help_text, is_required

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {"message": self.cleaned_data.get("message", "")}


class SupportForm(WordsForm):
    """PG-35b: which times are wanted, one to a line as people write them, and why support has to change it."""

    wanted = PlainText(
        required=False,
        max_length=200,
        error_messages=TOO_LONG,
        label="Which time do you want?",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ["wanted", "message"]

    def __init__(self, *args: Any, reader: Reader, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader, self.now = reader, now
        self.fields["wanted"].help_text = f"Up to {MOST_SUGGESTIONS}, one on each line, like Thu 2pm or 26 Nov 14:00."

    def clean_wanted(self) -> tuple[datetime, ...]:
        """The starts (UTC) that the lines name, each once."""
        lines = [line.strip() for line in self.cleaned_data["wanted"].splitlines() if line.strip()]
        if len(lines) > MOST_SUGGESTIONS:
            raise forms.ValidationError(f"Write {MOST_SUGGESTIONS} times at most. Remove the others.", code="too_many")
        starts = [self._read(line) for line in lines]
        return tuple(dict.fromkeys(starts))

    def _read(self, line: str) -> datetime:
        try:
            found = read_time(line, now=self.now, zone=ZoneInfo(self.reader.zone), hour_cycle=self.reader.hour_cycle)
        except UnclearTime as unclear:
            raise forms.ValidationError(unclear.sentence, code="unclear") from unclear
        if found[0] <= self.now:
            raise forms.ValidationError(
                f"{self.reader.when(found[0], self.now)} has passed. Enter a later time.", code="past"
            )
        return found[0]
