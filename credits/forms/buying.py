"""How many credits somebody wants to buy (PG-50); what they cost is decided by services."""

import re
from typing import Any

from django import forms

from accounts.policies import Selling
from accounts.tenancy import uuid7

from ..services import Refused, price_of

OWN = "own"
WHOLE = re.compile(r"[0-9]{1,12}")
NAMES_SOMETHING = re.compile(r"[a-z]+:[A-Za-z0-9-]{1,40}")


class BuyForm(forms.Form):
    """A pack, or a number of one's own where the tenant sells any number. `amount` is what was chosen."""

    pack = forms.CharField(required=False)
    credits = forms.CharField(
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    request_key = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reference = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def __init__(self, selling: Selling, noun: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.selling = selling
        self.fields["credits"].label = f"How many {noun}"
        self.initial.setdefault("request_key", uuid7().hex)
        self.initial.setdefault("pack", str(selling.packs[0].credits) if selling.packs else OWN)

    @property
    def about(self) -> str:
        """What they are for, as it stands in the form; nothing where it is no name of a thing."""
        said = self["reference"].value() or ""
        return said if NAMES_SOMETHING.fullmatch(said) else ""

    def clean_reference(self) -> str:
        return self.about

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        pack = data.get("pack") or (OWN if not self.selling.packs else "")
        packs = {str(pack.credits) for pack in self.selling.packs}
        if pack in packs:
            data["amount"] = int(pack)
        elif pack == OWN and self.selling.credit_price:
            self._take_own(data)
        else:
            self.add_error("pack", "Choose one of the packs.")
        return data

    def _take_own(self, data: dict[str, Any]) -> None:
        typed = data.get("credits", "").strip()
        if not WHOLE.fullmatch(typed):
            is_number = re.fullmatch(r"-\s*[0-9]+", typed)
            self.add_error("credits", f"Enter a whole number{' above 0' if is_number else ''}, like 30.")
            return
        try:
            price_of(self.selling, int(typed))
        except Refused as refused:
            self.add_error("credits", refused.sentence)
        else:
            data["amount"] = int(typed)


def suggested(selling: Selling, needed: str) -> dict[str, str]:
    """What the form begins with for who needs so many: the smallest pack that is enough, else the number itself."""
    if not WHOLE.fullmatch(needed) or not int(needed):
        return {}
    enough = [pack.credits for pack in selling.packs if pack.credits >= int(needed)]
    if enough:
        return {"pack": str(min(enough))}
    return {"pack": OWN, "credits": str(int(needed))} if selling.credit_price else {}
