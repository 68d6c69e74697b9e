"""Asking for a session (PG-05)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from accounts.forms import NameForm
from accounts.signin_forms import email_field
from marketplace.models import Service

from ..context import Refusal
from ..services.requests import long_notes
from .base import AnswerForm, Moments, PlainText


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

    def refuse(self, refusal: Refusal) -> None:
        """Put the refusal's sentence at its field: what the workflow calls the time is chosen in "slot" here."""
        super().refuse(replace(refusal, field="slot") if refusal.field == "time" else refusal)

    def is_booked_at_once(self, provider_name: str) -> None:
        """Say of the notes what is true where nobody answers first (T7b)."""
        self.fields["notes"].help_text = f"{provider_name} sees this. Please leave out passwords and card numbers."

    def readable_starts(self) -> list[datetime]:
        """Every start that could be read, whatever else was wrong with what was sent."""
        return self.read(self.data.getlist("slot"))

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
