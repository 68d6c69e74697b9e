"""What staff say when they act for somebody (PG-82, decisions.md 17). Shapes only: the workflow knows the rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts import formatting
from accounts.formatting import plural
from accounts.policies import Vocabulary
from calendars.bitmap import GRID_MINUTES
from marketplace.models import Service
from marketplace.timewords import UnclearTime, read_time

from .. import credit_flow
from ..context import Context, Reader, Refusal, TimeOnTable
from ..enums import AGREED, Actor
from ..guards.paying import HIGHEST_PRICE
from .base import MAX_MESSAGE, MAX_REASON, TOO_LONG, AnswerForm, Moment, PlainText
from .changing import LENGTH, LONGEST

WIDE = {"class": "vLargeTextField", "rows": 3}


class StepForm(AnswerForm):
    """The reason, and for whom. `seen` is the newest line of the timeline that the page showed."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    on_behalf_of = forms.ChoiceField(label="Who asked for it?", required=False, widget=forms.RadioSelect)
    reason_text = PlainText(
        label="Reason",
        max_length=MAX_REASON,
        error_messages=TOO_LONG,
        widget=forms.Textarea(attrs=WIDE),
        help_text="Both read it in their mails and on the booking's page.",
    )
    # Where a refusal of the workflow speaks of something that this form calls otherwise.
    called: dict[str, str] = {}

    def __init__(self, *args: Any, facts: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facts = facts
        if "on_behalf_of" in self.fields:
            self.fields["on_behalf_of"].choices = self.askers()

    def askers(self) -> list[tuple[str, str]]:
        """Nobody, or one of the two."""
        return [
            ("", "Nobody: we decided it ourselves"),
            (Actor.CLIENT, f"{self.facts.client_name} ({self.facts.words.client})"),
            (Actor.PROVIDER, f"{self.facts.provider_name} ({self.facts.words.provider})"),
        ]

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        said = self.cleaned_data
        asker = said.get("on_behalf_of")
        return {"reason_text": said.get("reason_text", ""), "on_behalf_of": Actor(asker) if asker else None}

    def refuse(self, refusal: Refusal) -> None:
        """Put the refusal's sentence at the field that it means."""
        field = self.called.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, refusal.sentence)


class CancelForm(StepForm):
    """Cancelling: whose doing it is decides whether it counts against the provider (S1.16); what comes back may be decided."""

    credits_back = forms.IntegerField(
        required=False,
        error_messages={"invalid": "Type a whole number, or leave it empty."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ["seen", "on_behalf_of", "credits_back", "reason_text"]

    def __init__(self, *args: Any, facts: Context, **kwargs: Any) -> None:
        super().__init__(*args, facts=facts, **kwargs)
        held, words = credit_flow.held(facts), facts.words
        if not held or facts.starts_at is None:
            del self.fields["credits_back"]
            return
        field = self.fields["credits_back"]
        field.label = f"{words.credits.capitalize()} to give back"
        field.help_text = f"Of the {held} that are held. Empty: by the rules, all of them."

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {**super().details(), "credits_back": self.cleaned_data.get("credits_back")}

    def askers(self) -> list[tuple[str, str]]:
        """What counts as a late change says so."""
        return _with_what_counts(super().askers(), self.facts)


class ClashForm(StepForm):
    """Taking a time, also where something else is in the way."""

    clash_accepted = forms.BooleanField(required=False, label="Do it anyway: they know what else is at this time")

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {**super().details(), "clash_accepted": self.cleaned_data.get("clash_accepted", False)}


class AcceptForm(ClashForm):
    """Which of the times on the table."""

    start = Moment(label="Which time?", widget=forms.RadioSelect)
    field_order = ["seen", "start", "clash_accepted", "on_behalf_of", "reason_text"]
    called = {"time": "start"}

    def __init__(self, *args: Any, facts: Context, times: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, facts=facts, **kwargs)
        self.fields["start"].widget.choices = times

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {**super().details(), "start": self.cleaned_data.get("start")}


class AmendForm(ClashForm):
    """Another time for what is agreed (T33): day and time on the tenant's clock, length in minutes."""

    day = forms.CharField(label="Day", required=False, max_length=40, widget=forms.DateInput(attrs={"type": "date"}))
    at = forms.CharField(
        label="Time", required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    minutes = forms.IntegerField(
        label="Length in minutes",
        min_value=GRID_MINUTES,
        max_value=LONGEST,
        step_size=GRID_MINUTES,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", "step_size"), LENGTH),
    )
    field_order = ["seen", "day", "at", "minutes", "clash_accepted", "on_behalf_of", "reason_text"]
    called = {"time": "at"}

    def __init__(self, *args: Any, facts: Context, place: str, **kwargs: Any) -> None:
        super().__init__(*args, facts=facts, **kwargs)
        self.start: datetime | None = None
        self.fields["at"].help_text = f"In {place}, like 3pm or 15:00. The preview shows it on the clocks of both."
        self.fields["on_behalf_of"].label = "Who asked for it, and whose late change is it?"

    def askers(self) -> list[tuple[str, str]]:
        """What counts as a late change says so."""
        return _with_what_counts(super().askers(), self.facts)

    def clean(self) -> None:
        """Read day and time as people write them."""
        typed = " ".join(part for name in ("day", "at") if (part := self.cleaned_data.get(name, "").strip()))
        if not typed:
            return
        reader: Reader = self.facts.reader
        try:
            found = read_time(typed, now=self.facts.now, zone=ZoneInfo(reader.zone), hour_cycle=reader.hour_cycle)
        except UnclearTime as unclear:
            self.add_error("at", unclear.sentence)
        else:
            self.start = found[0]

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        minutes = self.cleaned_data.get("minutes") or self.facts.minutes
        offer = [TimeOnTable(self.start, minutes, self.facts.price)] if self.start else []
        return {**super().details(), "offer": offer}


class ReassignForm(ClashForm):
    """Who takes it over, by name, and as which of their services where there is more than one (T34)."""

    provider = forms.CharField(
        max_length=254, required=False, widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})
    )
    service = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    field_order = ["seen", "provider", "service", "clash_accepted", "on_behalf_of", "reason_text"]

    def __init__(self, *args: Any, facts: Context, offered: Sequence[Service], **kwargs: Any) -> None:
        super().__init__(*args, facts=facts, **kwargs)
        self.offered, words = {str(service.pk): service for service in offered}, facts.words
        self.fields["provider"].label = f"Which {words.provider} takes it over?"
        self.fields["provider"].help_text = "The name, or the mail address where two have the same name."
        self.fields[
            "reason_text"
        ].help_text = "All three read it in their mails, and two of them on the booking's page."
        if len(self._providers()) != 1:
            del self.fields["service"]
            return
        self.fields["service"].label = "As what?"
        self.fields["service"].choices = [(key, _named(service, words)) for key, service in self.offered.items()]
        self.fields["service"].help_text = f"Time, length and price of this {words.session} stay as they are."

    def askers(self) -> list[tuple[str, str]]:
        """What counts as a late change says so."""
        return _with_what_counts(super().askers(), self.facts)

    def _providers(self) -> set[Any]:
        return {service.provider_id for service in self.offered.values()}

    def clean(self) -> None:
        """One provider, and one of their services."""
        if not self.cleaned_data.get("provider", "").strip():
            return
        if not self.offered:
            sentence = "Nobody of this name or mail address takes requests here. Type it as it stands on their page."
            self.add_error("provider", sentence)
        elif len(self._providers()) > 1:
            self.add_error("provider", "Several are called this. Type the mail address of the one you mean.")
        elif len(self.offered) > 1 and not self.cleaned_data.get("service") and "service" not in self.errors:
            self.add_error("service", "Choose what it is with them.")

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        chosen = self.offered.get(self.cleaned_data.get("service", ""))
        if chosen is None and len(self.offered) == 1:
            (chosen,) = self.offered.values()
        return {**super().details(), "new_service": chosen}


class PriceForm(StepForm):
    """Another price, in whole credits (T34)."""

    price = forms.IntegerField(
        label="New price",
        error_messages={"invalid": f"Type the new price as a whole number from 0 to {HIGHEST_PRICE:,}."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    field_order = ["seen", "price", "on_behalf_of", "reason_text"]

    def __init__(self, *args: Any, facts: Context, **kwargs: Any) -> None:
        super().__init__(*args, facts=facts, **kwargs)
        self.fields["price"].help_text = f"In whole {facts.words.credits}. It costs {credit_flow.costs(facts)} now."

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {**super().details(), "new_price": self.cleaned_data.get("price")}


class NoShowForm(StepForm):
    """Who did not come."""

    absent = forms.ChoiceField(label="Who did not come?", widget=forms.RadioSelect)
    field_order = ["seen", "absent", "on_behalf_of", "reason_text"]

    def __init__(self, *args: Any, facts: Context, **kwargs: Any) -> None:
        super().__init__(*args, facts=facts, **kwargs)
        self.fields["absent"].choices = self.askers()[1:]

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        absent = self.cleaned_data.get("absent")
        return {**super().details(), "absent": Actor(absent) if absent else None}


class DecisionForm(StepForm):
    """A decision of the staff's own."""

    on_behalf_of = None


class NoteForm(StepForm):
    """A note, which members never see."""

    on_behalf_of = reason_text = None
    message = PlainText(
        label="Note",
        max_length=MAX_MESSAGE,
        error_messages=TOO_LONG,
        widget=forms.Textarea(attrs=WIDE),
        help_text="It stands on the timeline for staff. Members don't see it.",
    )

    def details(self) -> dict[str, Any]:
        """What `services.perform` takes."""
        return {"message": self.cleaned_data.get("message", "")}


class WhyForm(forms.Form):
    """Why staff do something that changes nothing about the booking."""

    why = forms.CharField(
        label="Why",
        max_length=200,
        help_text="Kept in the log. Members don't see it.",
        error_messages={"required": "Say in a few words why you do this."},
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class ResendForm(WhyForm):
    """Which mails go out once more."""

    mails = forms.MultipleChoiceField(
        label="Which mails?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one mail."},
    )
    field_order = ["mails", "why"]

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mails"].choices = choices


def _named(service: Service, words: Vocabulary) -> str:
    price = f", {plural(service.price, words.credit, words.credits)}" if service.price else ""
    return f"{service.name}, {formatting.length(service.minutes)}{price}"


def _with_what_counts(askers: list[tuple[str, str]], facts: Context) -> list[tuple[str, str]]:
    hours = facts.policy.late_change_hours
    if not hours or facts.status not in AGREED:
        return askers
    *others, (value, label) = askers
    return [*others, (value, f"{label}: counts as a late change if less than {hours} hours are left")]
