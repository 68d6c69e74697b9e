"""Credits in the staff's admin: the ledger to read, counter-entries instead of changes, vouchers to give away (PG-84)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.administration import CHANGED, TenantModelAdmin, note
from accounts.tenancy import uuid7

from .. import services
from ..models import Adjustment, Transfer, Verification, Voucher


@admin.register(Transfer)
class TransferAdmin(TenantModelAdmin):
    """Every movement of credits, as it happened. Nothing here can be changed; an adjustment is the counter-entry."""

    title = "ledger"
    fields = ["at", "kind", "amount", "whose", "reference", "reason", "by", "second"]
    readonly_fields = ["whose"]
    list_display = ["at", "kind", "amount", "whose", "reference", "reason", "by", "second"]
    list_display_links = ["at"]
    list_filter = ["kind"]
    list_select_related = ["debit__owner", "credit__owner", "by", "second"]
    search_fields = ["reference", "reason", "debit__owner__name", "credit__owner__name"]
    ordering = ["-at", "-id"]

    @admin.display(description="from and to")
    def whose(self, transfer: Transfer) -> str:
        """ "Kim Okafor, held -> Ana Nowak, earned"."""
        return " → ".join(
            f"{wallet.owner.name}, {wallet.get_kind_display().lower()}" if wallet.owner else "the marketplace"
            for wallet in (transfer.debit, transfer.credit)
        )


class AdjustmentForm(forms.ModelForm):
    """Credits for somebody, or back from them; the form's key makes it happen once."""

    request_key = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Adjustment
        fields = ["member", "amount", "reason", "reference"]
        help_texts = {
            "amount": "Whole credits. With a minus they are taken back.",
            "reference": "Such as booking:NW-7K4Q.",
        }

    by = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("request_key", uuid7().hex)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"member", "amount", "reason"} <= set(data):
            said = {name: data[name] for name in ("member", "amount", "reason")}
            try:
                services.check_adjustment(**said, by=self.by)
            except services.Refused as refused:
                raise ValidationError({refused.field or "amount": refused.sentence}) from refused
        return data


@admin.register(Adjustment)
class AdjustmentAdmin(TenantModelAdmin):
    """What staff gave or took; above the tenant's limit a second person agrees first (L10)."""

    title = "adjustments"
    can_add = True
    form = AdjustmentForm
    fields = ["member", "amount", "reason", "reference", "request_key"]
    list_display = ["asked_at", "member", "amount", "reason", "state", "asked_by", "decided_by"]
    list_display_links = ["asked_at"]
    list_filter = ["state"]
    list_select_related = ["member", "asked_by", "decided_by"]
    search_fields = ["member__name", "reason", "reference"]
    ordering = ["-asked_at", "-id"]
    actions = ["approve", "refuse"]

    def get_fields(self, request: HttpRequest, obj: Adjustment | None = None) -> Any:
        shown = ["member", "amount", "reason", "reference"]
        return [*shown, "state", "asked_by", "asked_at", "decided_by", "decided_at"] if obj else [*shown, "request_key"]

    def get_form(self, request: HttpRequest, obj: Adjustment | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.by = request.membership
        return form

    def save_model(self, request: HttpRequest, obj: Adjustment, form: AdjustmentForm, change: bool) -> None:
        data = form.cleaned_data
        made = services.adjust(
            member=data["member"],
            amount=data["amount"],
            reason=data["reason"],
            reference=data["reference"],
            by=request.membership,
            request_key=data["request_key"],
            now=timezone.now(),
        )
        obj.pk, obj.state = made.pk, made.state

    @admin.action(description="Agree, and move the credits")
    def approve(self, request: HttpRequest, queryset: QuerySet) -> None:
        """The second person's word."""
        self._decide(request, queryset, services.approve, "done")

    @admin.action(description="Do not agree")
    def refuse(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Nothing moves."""
        self._decide(request, queryset, services.refuse, "refused")

    def _decide(self, request: HttpRequest, queryset: QuerySet, decide: Any, state: str) -> None:
        for adjustment in queryset:
            try:
                decide(adjustment=adjustment, by=request.membership, now=timezone.now())
            except services.Refused as refused:
                messages.warning(request, refused.sentence)
            else:
                note(request, CHANGED, adjustment, [{"field": "state", "old": adjustment.state, "new": state}])

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name in self.actions}


@admin.register(Voucher)
class VoucherAdmin(TenantModelAdmin):
    """Codes to give away; each is used once."""

    title = "vouchers"
    can_add = True
    list_display = ["code", "amount", "note", "expires_on", "made_by", "used_by", "used_at"]
    list_select_related = ["made_by", "used_by"]
    list_filter = [("used_by", admin.EmptyFieldListFilter)]
    search_fields = ["code", "note"]
    ordering = ["-made_at", "-id"]

    def get_fields(self, request: HttpRequest, obj: Voucher | None = None) -> Any:
        own = ["amount", "note", "expires_on"]
        return ["code", *own, "made_by", "made_at", "used_by", "used_at"] if obj else own

    def save_model(self, request: HttpRequest, obj: Voucher, form: forms.ModelForm, change: bool) -> None:
        made = services.make_voucher(
            amount=obj.amount, note=obj.note, expires_on=obj.expires_on, by=request.membership, now=timezone.now()
        )
        obj.pk, obj.code = made.pk, made.code


@admin.register(Verification)
class VerificationAdmin(TenantModelAdmin):
    """Each time the books were looked through, and what did not hold (reliability.md 6.10)."""

    title = "checks of the books"
    fields = ["at", "result"]
    readonly_fields = ["result"]
    list_display = ["at", "result"]
    ordering = ["-at", "-id"]

    @admin.display(description="result")
    def result(self, verification: Verification) -> str:
        """One sentence for each law that did not hold, with the first places."""
        if not verification.findings:
            return "All laws hold."
        return "\n".join(
            f"{found['law']}: {found['says']} Broken {found['count']} times, such as at {', '.join(found['examples'])}."
            for found in verification.findings
        )
