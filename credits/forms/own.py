"""Shapes of what is sent about credits; what is allowed is decided by services."""

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms

from accounts.tenancy import uuid7

from ..enums import TransferKind
from ..pages import SAYS, Wanted

ALL_MONTHS, EVERYTHING = "All months", "Everything"
FILTERS = [("", EVERYTHING), *((kind.value, SAYS[kind]) for kind in TransferKind if kind != TransferKind.FEE)]


class VoucherForm(forms.Form):
    """PG-50: the code of a voucher."""

    code = forms.CharField(
        label="Code of your voucher",
        max_length=40,
        error_messages={"required": "Enter the code of your voucher."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    request_key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("request_key", uuid7().hex)


class StatementForm(forms.Form):
    """PG-50: which lines; whatever makes no sense asks for nothing."""

    month = forms.CharField(label="Month", required=False, widget=forms.Select())
    kind = forms.ChoiceField(label="What", choices=FILTERS, required=False)

    def offer_months(self, months: list[tuple[str, str]]) -> None:
        """Put these to choose from, each as "2026-11" with its name."""
        month = cast(forms.Select, self.fields["month"].widget)
        month.choices = [("", ALL_MONTHS), *months]

    @property
    def says(self) -> str:
        """Which lines these are: "November 2026: Held"."""
        month, kind = (self.fields[name].widget.choices for name in ("month", "kind"))
        chosen = [dict(month).get(self.cleaned_data.get("month")), dict(kind).get(self.cleaned_data.get("kind"))]
        return ": ".join(word for word in chosen if word and word not in (ALL_MONTHS, EVERYTHING)) or EVERYTHING

    def wanted(self, zone: str, *, earned: bool) -> Wanted:
        """What is asked for; a month is one of the reader's zone (IANA name)."""
        self.is_valid()
        said: dict[str, Any] = self.cleaned_data
        since = until = None
        try:
            first = datetime.strptime(said.get("month", ""), "%Y-%m").replace(tzinfo=ZoneInfo(zone))
            since, until = first, first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        except ValueError:
            pass
        return Wanted(said.get("kind", ""), earned, since, until)
