"""Shapes of what people send. Whether it is allowed, and the sentence why not, is the domain's business (decisions.md 35)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms

from accounts.forms import NameForm
from accounts.policies import Policy
from accounts.signin_forms import email_field
from marketplace.models import Service

from .context import Refusal
from .services.requests import long_notes

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


class RequestForm(AnswerForm):
    """PG-05: what, when in order of preference, notes, and who asks, of a guest. The same form reads the address of the page."""

    service = forms.CharField()
    slot = Moments(required=False)
    notes = PlainText(
        required=False,
        label="What would you like to talk about?",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    request_key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        services: Sequence[Service],
        provider_name: str,
        kind: str,
        is_guest: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered, self.kind = services, kind
        if is_guest:
            self.fields["name"] = NameForm().fields["name"]
            self.fields["email"] = email_field("email")
            self.fields["email"].help_text = f"The answer is mailed to you. {provider_name} does not see your address."
        self.fields[
            "notes"
        ].help_text = f"{provider_name} sees this before answering. Please leave out passwords and card numbers."

    def readable_starts(self) -> list[datetime]:
        """Every start that could be read, whatever else was wrong with what was sent."""
        return self.read(self.data.getlist("slot"))

    @staticmethod
    def read(texts: Sequence[str]) -> list[datetime]:
        """The starts among the texts."""
        return [moment for text in texts if (moment := read_moment(text))]

    def clean_service(self) -> Service:
        """The chosen one of the provider's services; their only one where there is nothing to choose."""
        sent = self.cleaned_data["service"]
        if not sent and len(self.offered) == 1:
            return self.offered[0]
        found = next((service for service in self.offered if str(service.pk) == _canonical(sent)), None)
        if found is None:
            raise forms.ValidationError(f"Choose the {self.kind} you want to ask for.", code="unknown")
        return found

    def clean_notes(self) -> str:
        """Notes that fit."""
        notes = self.cleaned_data["notes"]
        if refusal := long_notes(notes):
            raise forms.ValidationError(refusal.sentence, code=refusal.code)
        return notes

    def clean_name(self) -> str:
        """A guest's name; there is nobody else to say that it is missing."""
        return self._needed("name")

    def clean_email(self) -> str:
        """A guest's address."""
        return self._needed("email")

    def _needed(self, name: str) -> str:
        if not self.cleaned_data[name]:
            raise forms.ValidationError(self.fields[name].error_messages["required"], code="required")
        return self.cleaned_data[name]

    def clean_request_key(self) -> str:
        """The key that makes two presses one booking, cut to what is kept."""
        return self.cleaned_data["request_key"][:64]


def _canonical(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


class AcceptForm(AnswerForm):
    """PG-33: which time, and the tick for what it overlaps."""

    time = Moment()
    clash_accepted = forms.BooleanField(required=False)

    def __init__(self, *args: Any, tick: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clash_accepted"].label = tick


class DeclineForm(AnswerForm):
    """PG-34: a reason from the tenant's list (D9) and words to the other side (S0.22)."""

    reason_code = forms.CharField(label="Why?", widget=forms.RadioSelect)
    reason_text = PlainText(label="In your own words", max_length=MAX_REASON, error_messages=TOO_LONG, required=False)
    message = PlainText(
        required=False, max_length=MAX_MESSAGE, error_messages=TOO_LONG, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, policy: Policy, other_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        code, text, message = self.fields["reason_code"], self.fields["reason_text"], self.fields["message"]
        code.required = policy.decline_reason == "required"
        code.widget.choices = [(reason.code, reason.text) for reason in policy.decline_reasons]
        own_words = [reason for reason in policy.decline_reasons if reason.asks_text]
        message.label = f"Message to {other_name}"
        message.help_text = f"{other_name} reads it in the mail. Say what would suit you better, if something would."
        if len(own_words) == len(policy.decline_reasons) == 1:
            self._ask_for_words_only(own_words[0].code, code.required)
        elif own_words:
            text.help_text = (
                f"Only needed with \N{LEFT DOUBLE QUOTATION MARK}{own_words[0].text}\N{RIGHT DOUBLE QUOTATION MARK}."
            )
        else:
            del self.fields["reason_text"]
        if not policy.decline_reasons:
            del self.fields["reason_code"]

    def _ask_for_words_only(self, code: str, is_needed: bool) -> None:
        # A list of one is no choice: the reason is what is typed.
        self.fields["reason_code"].widget = forms.HiddenInput()
        self.initial["reason_code"] = code
        self.fields["reason_text"].label = "Why?"
        self.fields["reason_text"].required = is_needed

    def details(self) -> dict[str, str]:
        """What `services.perform` takes."""
        return {name: self.cleaned_data.get(name, "") for name in ("reason_code", "reason_text", "message")}


class WithdrawForm(AnswerForm):
    """PG-34: taking a request back, with a word to the provider."""

    message = PlainText(
        required=False, max_length=MAX_MESSAGE, error_messages=TOO_LONG, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, other_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = f"Message to {other_name}"

    def details(self) -> dict[str, str]:
        """What `services.perform` takes."""
        return {"message": self.cleaned_data.get("message", "")}
