"""What all forms of bookings share: shapes are checked here, rules are not (decisions.md 35)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms

from ..context import Refusal

MAX_MESSAGE, MAX_REASON = 2000, 500
TOO_LONG = {"max_length": "This is too long: %(limit_value)d characters fit, these are %(show_value)d."}


class AnswerForm(forms.Form):
    """A form whose fields show whether they are needed, while what is missing is said by the domain, in its one sentence."""

    def full_clean(self) -> None:
        """Check shapes only."""
        needed = {name: field.required for name, field in self.fields.items()}
        for field in self.fields.values():
            field.required = False
        super().full_clean()
        for name, field in self.fields.items():
            field.required = needed[name]

    def refuse(self, refusal: Refusal) -> None:
        """Put the refusal's sentence at its field, or on top of the form."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)

    @staticmethod
    def read(texts: Sequence[str]) -> list[datetime]:
        """The starts (UTC) among the texts, as our own pages write them."""
        return [moment for text in texts if (moment := read_moment(text))]


class PlainText(forms.CharField):
    """Words of a person. Browsers send line ends as two characters; they count as one."""

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n")


class Moment(forms.Field):
    """A start as our own pages write it: "2026-11-24T14:00Z"; the value is an aware datetime in UTC."""

    default_error_messages = {"invalid": "We could not read this time. Choose one of the times on the page."}

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        moment = read_moment(str(value))
        if moment is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class Moments(Moment):
    """Several of them, in the order in which they were sent."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[datetime]:
        return [moment for text in value or [] if (moment := super(Moments, self).to_python(text))]


def read_moment(text: str) -> datetime | None:
    """The instant that the text names, in UTC; None for what is no time, has no zone, or is no time anybody books."""
    try:
        # A plus sign that was not escaped in an address arrives as a space.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
        return moment.astimezone(UTC) if moment.tzinfo and 2000 <= moment.year < 2200 else None
    except ValueError:
        return None
