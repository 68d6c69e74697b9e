"""Shapes of what is sent about credits; what is allowed is decided by services."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from accounts.tenancy import uuid7

from ..enums import TransferKind
from ..pages import SAYS, Wanted

FILTERS = [("", "Everything"), *((kind.value, SAYS[kind]) for kind in TransferKind if kind != TransferKind.FEE)]


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

    month = forms.CharField(label="Month", required=False, widget=forms.TextInput(attrs={"type": "month"}))
    kind = forms.ChoiceField(label="What", choices=FILTERS, required=False)

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
