"""Purchases in the staff's admin: what was bought, paying back with a preview, and what payment providers told (PG-84, F91)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.administration import CHANGED, TenantModelAdmin, note
from accounts.formatting import plural
from accounts.money import money
from accounts.tenancy import uuid7

from .. import queries, services
from ..models import PaymentEvent, Purchase, Refund, RequestKey
from .adjustments import Preview


@admin.register(Purchase)
class PurchaseAdmin(TenantModelAdmin):
    """Credits that were bought, or begun to be. Nothing here can be changed: money goes back by a refund."""

    title = "purchases"
    fields = [
        "code", "member", "credits", "cost", "state", "asked_at", "paid_at", "reference", "provider", "checkout", "payment",
        "refunded", "paid_back",
    ]  # fmt: skip
    readonly_fields = ["cost", "paid_back"]
    list_display = ["asked_at", "code", "member", "credits", "cost", "state", "refunded", "provider"]
    list_display_links = ["asked_at"]
    list_filter = ["state", "provider"]
    list_select_related = ["member"]
    search_fields = ["code", "member__name", "payment", "checkout"]
    ordering = ["-asked_at", "-id"]

    @admin.display(description="price")
    def cost(self, purchase: Purchase) -> str:
        """ "€90.00"."""
        return money(purchase.price, purchase.currency)

    @admin.display(description="paid back")
    def paid_back(self, purchase: Purchase) -> str:
        """What went back of it, or is on its way."""
        return money(purchase.refunded_price, purchase.currency)


class PurchaseField(forms.CharField):
    """A purchase by its receipt number. Cleans to the Purchase."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off", "spellcheck": "false"})
        super().__init__(label="Receipt number", max_length=20, widget=widget, **kwargs)

    def clean(self, value: Any) -> Purchase:
        """The purchase; raises ValidationError where there is none of this number."""
        wanted = super().clean(value).strip().upper()
        found = Purchase.objects.select_related("member").filter(code=wanted).first()
        if found is None:
            raise ValidationError("There is no purchase of this number. Look it up among the purchases.")
        return found

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, Purchase) else value


class RefundForm(forms.ModelForm):
    """Bought credits that go back; the form's key makes it happen once, and not before it was looked at."""

    purchase = PurchaseField()
    request_key = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Refund
        fields = ["purchase", "credits", "reason"]
        help_texts = {"credits": "Whole credits. Only what is not spent can go back."}

    by: Any = None
    preview: Preview | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("request_key", uuid7().hex)

    def is_valid(self) -> bool:
        """Whether it may be saved: nothing is wrong with it, and it was looked at as it stands."""
        return super().is_valid() and self.preview is None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not {"purchase", "credits", "reason"} <= set(data) or self._was_sent(data):
            return data
        said = {name: data[name] for name in ("purchase", "credits", "reason")}
        try:
            services.check_refund(**said, by=self.by)
        except services.Refused as refused:
            raise ValidationError({refused.field or "purchase": refused.sentence}) from refused
        preview = preview_of(**said)
        if self.data.get("previewed") != preview.digest:
            self.preview = preview
        return data

    def _was_sent(self, data: dict[str, Any]) -> bool:
        return RequestKey.objects.filter(actor=self.by, key=data.get("request_key", "")).exists()


def preview_of(purchase: Purchase, credits: int, reason: str) -> Preview:
    """What paying back so many credits would do."""
    words, member = purchase.tenant.words, purchase.member
    has = queries.balances(member).available
    back = money(services.refund_price(purchase, credits), purchase.currency)
    counted = plural(credits, words.credit, words.credits)
    lines = [
        f"{member.name} bought {purchase.credits} for {money(purchase.price, purchase.currency)}.",
        f"{counted} leave at once: {member.name} can use {has} now and {has - credits} afterwards.",
        f"{back} go back to where the money came from, in a moment.",
        f"{member.name} reads: “{reason}”",
    ]
    return Preview(lines, f"Pay {back} back", f"{purchase.pk}:{credits}:{has}:{purchase.refunded}")


@admin.register(Refund)
class RefundAdmin(TenantModelAdmin):
    """Money that goes back for bought credits. What failed can be tried again, or the credits be given back."""

    title = "refunds"
    can_add = True
    form = RefundForm
    list_display = ["asked_at", "purchase", "credits", "cost", "state", "trouble", "reason", "by"]
    list_display_links = ["asked_at"]
    list_filter = ["state"]
    list_select_related = ["purchase", "by"]
    search_fields = ["purchase__code", "purchase__member__name", "reason"]
    ordering = ["-asked_at", "-id"]
    actions = ["try_again", "give_back"]

    @admin.display(description="money")
    def cost(self, refund: Refund) -> str:
        """ "€21.00"."""
        return money(refund.price, refund.purchase.currency)

    def get_readonly_fields(self, request: HttpRequest, obj: Refund | None = None) -> Any:
        return ["cost"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Refund | None = None) -> Any:
        own = ["purchase", "credits", "reason"]
        kept = ["cost", "state", "tries", "trouble", "payment", "by", "asked_at", "done_at"]
        return [*own, *kept] if obj else [*own, "request_key"]

    def get_form(self, request: HttpRequest, obj: Refund | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            form.by = request.membership
        return form

    def save_model(self, request: HttpRequest, obj: Refund, form: RefundForm, change: bool) -> None:
        said = {name: form.cleaned_data[name] for name in ("purchase", "credits", "reason", "request_key")}
        made = services.ask_refund(**said, by=request.membership, now=timezone.now())
        obj.pk, obj.state = made.pk, made.state

    @admin.action(description="Try again to pay the money back")
    def try_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        """With the provider, in a moment."""
        self._decide(request, queryset, services.try_again)

    @admin.action(description="Give the credits back: the money stays")
    def give_back(self, request: HttpRequest, queryset: QuerySet) -> None:
        """The refund is off."""
        self._decide(request, queryset, services.give_back)

    def _decide(self, request: HttpRequest, queryset: QuerySet, decide: Any) -> None:
        for refund in queryset:
            try:
                state = decide(refund=refund, by=request.membership, now=timezone.now()).state
            except services.Refused as refused:
                messages.warning(request, refused.sentence)
            else:
                note(request, CHANGED, refund, [{"field": "state", "old": refund.state, "new": state}])

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name in self.actions}


@admin.register(PaymentEvent)
class PaymentEventAdmin(TenantModelAdmin):
    """What payment providers told us, and what came of it."""

    title = "messages of payment providers"
    fields = ["at", "provider", "event", "kind", "purchase", "outcome", "said"]
    list_display = ["at", "kind", "purchase", "outcome", "said", "provider", "event"]
    list_display_links = ["at"]
    list_filter = ["outcome", "provider"]
    list_select_related = ["purchase"]
    search_fields = ["event", "purchase__code"]
    ordering = ["-at", "-id"]
