"""Fields of the staff's forms. A list of all members would be long, and Django's own search has no name to read aloud."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Membership

from ..refusals import Refused
from ..services.arrivals import check_amount

MOST = 5


class MemberField(forms.CharField):
    """A member by email address, or by name where one person alone has it. Cleans to the Membership."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"class": "vTextField", "type": "search", "autocomplete": "off"})
        kwargs = {"label": "Member", "help_text": "Email address, or the name or a part of it.", **kwargs}
        super().__init__(max_length=254, widget=widget, **kwargs)

    def clean(self, value: Any) -> Membership:
        """The one who is meant; raises ValidationError with who else it could be."""
        text = super().clean(value)
        members = Membership.objects.select_related("user").order_by("name", "pk")
        for wanted in ({"user__email__iexact": text}, {"name__iexact": text}, {"name__icontains": text}):
            found = list(members.filter(**wanted)[: MOST + 1])
            if len(found) == 1:
                return found[0]
            if found:
                named = [f"{member.name} ({member.user.email})" for member in found[:MOST]]
                more = " and others" if len(found) > MOST else ""
                raise ValidationError(
                    f"Several people are called so: {', '.join(named)}{more}. Enter the email address."
                )
        raise ValidationError("Nobody here has this name or address. Check it letter by letter.")

    def prepare_value(self, value: Any) -> Any:
        return value.user.email if isinstance(value, Membership) else value


class CountField(forms.IntegerField):
    """Whole credits that are given: more than none, and no more than anybody means."""

    def clean(self, value: Any) -> Any:
        """The number; raises ValidationError with the sentence that the service would refuse it with."""
        number = super().clean(value)
        if number is not None:
            try:
                check_amount(number)
            except Refused as refused:
                raise ValidationError(refused.sentence) from refused
        return number
