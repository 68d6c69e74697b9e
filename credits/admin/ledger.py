"""Credits in the staff's admin: the ledger to read, vouchers to give away, what was found in the books (PG-84)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.administration import TenantModelAdmin

from .. import services
from ..models import Transfer, Verification, Voucher
from .fields import CountField
from .filters import either


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


class VoucherForm(forms.ModelForm):
    """What a new voucher is worth."""

    amount = CountField(help_text="Whole credits.")

    class Meta:
        model = Voucher
        fields = ["amount", "note", "expires_on"]


@admin.register(Voucher)
class VoucherAdmin(TenantModelAdmin):
    """Codes to give away; each is used once."""

    title = "vouchers"
    form = VoucherForm
    can_add = True
    list_display = ["code", "amount", "note", "expires_on", "made_by", "used_by", "used_at"]
    list_select_related = ["made_by", "used_by"]
    list_filter = [("used_by", either("use", empty="Not used yet", filled="Used"))]
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
