"""Credits that staff give and take: looked at before they move, agreed to by a second person above the limit (PG-84, L10)."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts import queries as accounts
from accounts.administration import CHANGED, TenantModelAdmin, note
from accounts.formatting import number, plural
from accounts.policies import Vocabulary
from accounts.tenancy import uuid7

from .. import services
from ..enums import AdjustmentState
from ..models import Adjustment
from ..queries import Balances, balances
from .fields import MemberField


@dataclass(frozen=True)
class Preview:
    """What an adjustment would do. The page sends `digest` back: it moves what was looked at, or is looked at again."""

    lines: list[str]
    button: str
    digest: str


def preview_of(adjustment: Adjustment, words: Vocabulary) -> Preview:
    """What giving or taking these credits would do to what the member has now."""
    have, amount, name = balances(adjustment.member), adjustment.amount, adjustment.member.name
    counted = plural(abs(amount), words.credit, words.credits)
    does = f"Give {counted}" if amount > 0 else f"Take {counted}"
    lines = [effect_of(adjustment, have, words)]
    if have.held:
        lines.append(f"{number(have.held)} more are held and stay so.")
    limit = accounts.current_policy().policy.adjust_alone_limit
    if abs(amount) > limit:
        lines.append(f"That is more than {number(limit)}: nothing moves before somebody else has agreed.")
        does = f"Ask to {does.lower()}"
    lines.append(f"{name} reads: “{adjustment.reason}”")
    return Preview(lines, does, f"{adjustment.member_id}:{amount}:{have.available}:{have.held}")


def effect_of(adjustment: Adjustment, have: Balances, words: Vocabulary) -> str:
    """ "Kim Okafor can use 70 credits now and 100 afterwards."."""
    now = plural(have.available, words.credit, words.credits)
    after = number(have.available + adjustment.amount)
    return f"{adjustment.member.name} can use {now} now and {after} afterwards."


class AdjustmentForm(forms.ModelForm):
    """Credits for somebody, or back from them; the form's key makes it happen once, and not before it was looked at."""

    member = MemberField()
    request_key = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = Adjustment
        fields = ["member", "amount", "reason", "reference"]
        help_texts = {
            "amount": "Whole credits. With a minus they are taken back.",
            "reference": "Such as booking:NW-7K4Q.",
        }

    by: Any = None
    words = Vocabulary()
    preview: Preview | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("request_key", uuid7().hex)

    def is_valid(self) -> bool:
        """Whether it may be saved: nothing is wrong with it, and it was looked at as it stands."""
        return super().is_valid() and self.preview is None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not {"member", "amount", "reason"} <= set(data) or self._was_sent(data):
            return data
        said = {name: data[name] for name in ("member", "amount", "reason")}
        try:
            services.check_adjustment(**said, by=self.by)
        except services.Refused as refused:
            raise ValidationError({refused.field or "amount": refused.sentence}) from refused
        preview = preview_of(Adjustment(**said), self.words)
        if self.data.get("previewed") != preview.digest:
            self.preview = preview
        return data

    def _was_sent(self, data: dict[str, Any]) -> bool:
        return Adjustment.objects.filter(asked_by=self.by, request_key=data.get("request_key", "")).exists()


def _told(adjustment: Adjustment, state: str, words: Vocabulary) -> str:
    """What a second person's word did, for that person."""
    name = adjustment.member.name
    if state != AdjustmentState.DONE:
        return f"Refused: nothing was moved for {name}."
    counted = plural(abs(adjustment.amount), words.credit, words.credits)
    given = adjustment.amount > 0
    return f"Agreed: {counted} given to {name}." if given else f"Agreed: {counted} taken back from {name}."


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
        if obj is None:
            return [*shown, "request_key"]
        effect = ["effect"] if obj.state == AdjustmentState.WAITING else []
        return [*shown, *effect, "state", "asked_by", "asked_at", "decided_by", "decided_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Adjustment | None = None) -> Any:
        return ["effect"] if obj else []

    @admin.display(description="what it would do")
    def effect(self, adjustment: Adjustment) -> str:
        """What who decides has to know: before and after."""
        return effect_of(adjustment, balances(adjustment.member), adjustment.tenant.words)

    def get_form(self, request: HttpRequest, obj: Adjustment | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            form.by, form.words = request.membership, request.tenant.words
        return form

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("member")

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
                messages.success(request, _told(adjustment, state, request.tenant.words))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name in self.actions}
