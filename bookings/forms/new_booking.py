"""A provider's own booking: for whom, what, when (PG-39, S3.12, S4.14-S4.17)."""

from typing import Any

from django import forms

from accounts.signin_forms import email_field

from .base import TOO_LONG, PlainText
from .changing import SuggestForm

NEW = "new"  # the choice "somebody else, by email"


class NewBookingForm(SuggestForm):
    """PG-39. What is missing is said by the page or the workflow; here only shapes are checked."""

    find = forms.CharField(
        required=False, max_length=80, label="Find by name", widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"})
    )  # fmt: skip
    client = forms.CharField(required=False, max_length=40)
    name = PlainText(
        required=False,
        max_length=80,
        error_messages=TOO_LONG,
        label="Name of the person",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = email_field("off")
    service = forms.CharField(required=False, max_length=40)
    # The service whose length and price stand in the form.
    terms_of = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    request_key = forms.CharField(required=False, widget=forms.HiddenInput)
    again = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args: Any, credits: str, is_agreed_at_once: bool, **kwargs: Any) -> None:
        super().__init__(*args, other_name="", types=True, length=True, credits=credits, **kwargs)
        self.fields["message"].label = "Message"
        self.fields["message"].help_text = "It stands in the mail, with your name."
        self.fields["email"].required = False
        if is_agreed_at_once:
            self.fields["clash_accepted"].label = "Book it anyway. I know what else is at this time."
        else:
            self.fields["clash_accepted"].label = "Invite anyway. I know what else is at this time."

    def clean_request_key(self) -> str:
        """The key that makes two presses one booking, cut to what is kept."""
        return self.cleaned_data["request_key"][:40]
