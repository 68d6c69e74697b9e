"""Forms about oneself."""

from django import forms

from .models import User


class NameForm(forms.Form):
    """What sign-up asks beyond the address (allauth adds its own fields)."""

    name = forms.CharField(
        label="Your name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name as others should see it."},
    )

    def signup(self, request: object, user: User) -> None:
        """Called by allauth once the person exists."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
