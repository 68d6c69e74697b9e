"""The rules of a service that its provider sets: where sessions begin, breaks around them, notice (PG-42, F36)."""

from typing import Any

from django import forms

from accounts.policy_words import DAY, HOUR
from marketplace.models import Service

UNITS = [("1", "minutes"), (str(HOUR), "hours"), (str(DAY), "days")]
LONGEST_NOTICE = 60 * DAY
_NUMBER = "Enter a whole number of minutes, like 15."


def _minutes(name: str, label: str, help_text: str) -> forms.IntegerField:
    # What a value may be is said once, at the model's field.
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        validators=Service._meta.get_field(name).validators,
        widget=forms.NumberInput(attrs={"class": "input w-6", "min": 0, "step": 5}),
        error_messages={"required": _NUMBER, "invalid": _NUMBER},
    )


class ServiceRulesForm(forms.Form):
    """All lengths in minutes; notice is entered in the unit that people say."""

    step_minutes = _minutes(
        "step_minutes", "Start every … minutes", "30: at 9am, 9:30am, 10am. 60: at 9am, 10am, 11am."
    )
    buffer_before = _minutes("buffer_before", "Minutes kept free before", "For preparing. 0: none.")
    buffer_after = _minutes("buffer_after", "Minutes kept free after", "For notes and a breath. 0: none.")
    notice = forms.IntegerField(
        label="Notice",
        help_text="How long before the start somebody has to ask. 0: none.",
        min_value=0,
        widget=forms.NumberInput(attrs={"class": "input w-6", "min": 0}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), "Enter a whole number, like 24. 0 is none."),
    )
    unit = forms.ChoiceField(
        label="Notice in", choices=UNITS, error_messages={"required": "Choose minutes, hours or days."}
    )

    def __init__(self, data: Any = None, *, service: Service) -> None:
        notice = service.notice_minutes
        unit = next(size for size in (DAY, HOUR, 1) if notice % size == 0) if notice else HOUR
        initial = {name: getattr(service, name) for name in ("step_minutes", "buffer_before", "buffer_after")}
        super().__init__(data, initial={**initial, "notice": notice // unit, "unit": str(unit)})

    def clean(self) -> dict[str, Any]:
        """Notice in minutes, within what makes sense."""
        data = super().clean() or self.cleaned_data
        if "notice" in data and "unit" in data and data["notice"] * int(data["unit"]) > LONGEST_NOTICE:
            self.add_error("notice", f"Enter {LONGEST_NOTICE // DAY} days or less.")
        return data

    def changes(self) -> dict[str, int]:
        """What `update_service` takes."""
        data = self.cleaned_data
        lengths = {name: data[name] for name in ("step_minutes", "buffer_before", "buffer_after")}
        return {**lengths, "notice_minutes": data["notice"] * int(data["unit"])}
