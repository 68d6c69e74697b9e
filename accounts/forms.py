"""Forms about oneself."""

from django import forms

from . import zones
from .enums import HourCycle, Theme
from .models import User

HOUR_CYCLES = [(HourCycle.TWELVE, "12-hour clock: 3:30pm"), (HourCycle.TWENTY_FOUR, "24-hour clock: 15:30")]
NAME_WORDS = {
    "required": "Enter your name as others should see it.",
    "max_length": "This is too long: %(limit_value)d characters fit, these are %(show_value)d.",
}
NO_CHOICE = {"invalid_choice": "Choose one of these."}
THEMES = [(Theme.SYSTEM, "As on this device"), (Theme.LIGHT, "Light"), (Theme.DARK, "Dark")]


class NameForm(forms.Form):
    """What sign-up asks beyond the address (allauth adds its own fields)."""

    name = forms.CharField(
        label="Your name",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages=NAME_WORDS,
    )

    def signup(self, request: object, user: User) -> None:
        """Called by allauth once the person exists."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class ProfileForm(forms.Form):
    """Name, clock and colours (PG-60)."""

    name = forms.CharField(
        label="Your name",
        help_text="Others see it on requests, bookings and messages.",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages=NAME_WORDS,
    )
    hour_cycle = forms.TypedChoiceField(
        label="Clock", choices=HOUR_CYCLES, coerce=int, widget=forms.RadioSelect, error_messages=NO_CHOICE
    )
    theme = forms.ChoiceField(label="Colours", choices=THEMES, widget=forms.RadioSelect, error_messages=NO_CHOICE)


class ZoneForm(forms.Form):
    """One time zone out of the list (R-TZ-4)."""

    zone = forms.CharField(error_messages={"required": "Choose a place from the list."})

    def clean_zone(self) -> str:
        """Its canonical name."""
        zone = zones.canonical(self.cleaned_data["zone"])
        if zone is None:
            raise forms.ValidationError("We don't know that time zone. Choose a place from the list.")
        return zone
