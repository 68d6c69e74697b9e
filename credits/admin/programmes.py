"""Programmes in the staff's admin: what each gives, whom it sponsors, and who got what (F83, F84)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import F, Max, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Concat, Left
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.administration import CHANGED, ReadOnlyInline, StaffForm, TenantModelAdmin, note

from .. import services
from ..enums import TransferKind
from ..models import Programme, ProgrammeMember, Transfer
from .fields import CountField, MemberField
from .filters import either


class ProgrammeForm(StaffForm):
    """What a programme gives. Another amount counts from the next period on."""

    amount = CountField(
        help_text="Whole credits for each member and period. Another number counts from the next period."
    )

    class Meta:
        model = Programme
        fields = ["name", "amount", "period", "is_active"]
        help_texts = {
            "name": "Members read it on their statements, so it stays.",
            "is_active": "Off: nothing more is given, and nobody joins. What was given stays.",
        }


def with_what_was_given(places: QuerySet[ProgrammeMember]) -> QuerySet[ProgrammeMember]:
    """With `given`, all that the member ever got of the programme, and `given_last`, when."""
    got = (
        Transfer.objects.filter(
            kind=TransferKind.ALLOWANCE,
            credit__owner=OuterRef("member"),
            reference=Left(Concat(Value("programme:"), OuterRef("programme__name")), 60),
        )
        .order_by()
        .values("reference")
    )
    return places.annotate(
        given=Subquery(got.annotate(all=Sum("amount")).values("all")),
        given_last=Subquery(got.annotate(last=Max("at")).values("last")),
    ).select_related("member", "programme")


class Given:
    """Columns of what members got."""

    @admin.display(description="given in all")
    def given(self, place: ProgrammeMember) -> int:
        """Whole credits, over all periods."""
        return place.given or 0

    @admin.display(description="last given")
    def given_last(self, place: ProgrammeMember) -> Any:
        """When, in the viewer's clock."""
        return place.given_last


class PlaceInline(Given, ReadOnlyInline):
    """Whom the programme sponsors and sponsored, and what they got."""

    model = ProgrammeMember
    verbose_name_plural = "members"
    fields = ["member", "joined_at", "left_at", "given", "given_last"]
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Programme | None = None) -> Any:
        return self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_what_was_given(super().get_queryset(request)).order_by(
            F("left_at").asc(nulls_first=True), "member__name"
        )


@admin.register(Programme)
class ProgrammeAdmin(TenantModelAdmin):
    """Employers, programmes and hubs that sponsor their people."""

    title = "programmes"
    can_add = can_change = True
    form = ProgrammeForm
    list_display = ["name", "amount", "period", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    ordering = ["name", "id"]

    def get_fields(self, request: HttpRequest, obj: Programme | None = None) -> Any:
        own = ["name", "amount", "period", "is_active"]
        return [*own, "new_member", "why"] if obj else [*own, "why"]

    def get_readonly_fields(self, request: HttpRequest, obj: Programme | None = None) -> Any:
        return ["name", "new_member"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: Programme | None) -> Any:
        return [PlaceInline] if obj else []

    @admin.display(description="members")
    def new_member(self, programme: Programme) -> str | SafeString:
        """The way to another one."""
        if not programme.is_active:
            return "It has ended."
        address = f"{reverse('admin:credits_programmemember_add')}?programme={programme.pk}"
        return format_html('<a href="{}">Add a member</a>', address)


class PlaceForm(forms.ModelForm):
    """Somebody joins a programme, with the allowance of the period that is under way."""

    member = MemberField()

    class Meta:
        model = ProgrammeMember
        fields = ["programme", "member"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = Programme.objects.filter(is_active=True).order_by("name")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"programme", "member"} <= set(data):
            place = ProgrammeMember.objects.filter(programme=data["programme"], member=data["member"], left_at=None)
            if place.exists():
                raise ValidationError({"member": f"{data['member'].name} is in {data['programme'].name} already."})
        return data


@admin.register(ProgrammeMember)
class ProgrammeMemberAdmin(Given, TenantModelAdmin):
    """Whom programmes sponsor. Nothing is taken back from who leaves."""

    title = "members of programmes"
    can_add = True
    form = PlaceForm
    list_display = ["member", "programme", "joined_at", "left_at", "given", "given_last"]
    list_filter = ["programme", ("left_at", either("sponsoring", empty="Sponsored now", filled="Ended"))]
    search_fields = ["member__name", "programme__name"]
    ordering = ["-joined_at", "-id"]
    actions = ["leave"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_what_was_given(super().get_queryset(request))

    def get_fields(self, request: HttpRequest, obj: ProgrammeMember | None = None) -> Any:
        own = ["programme", "member"]
        return [*own, "joined_at", "left_at", "given", "given_last"] if obj else own

    def get_readonly_fields(self, request: HttpRequest, obj: ProgrammeMember | None = None) -> Any:
        return ["given", "given_last"] if obj else []

    def save_model(self, request: HttpRequest, obj: ProgrammeMember, form: PlaceForm, change: bool) -> None:
        made = services.join_programme(programme=obj.programme, member=obj.member, now=timezone.now())
        obj.pk, obj.joined_at = made.pk, made.joined_at

    @admin.action(description="End the sponsoring")
    def leave(self, request: HttpRequest, queryset: QuerySet) -> None:
        """What was given stays theirs."""
        now = timezone.now()
        for place in queryset.filter(left_at=None):
            services.leave_programme(place=place, now=now)
            note(request, CHANGED, place, [{"field": "left at", "old": "", "new": f"{now:%Y-%m-%d %H:%M} UTC"}])
            messages.success(request, f"{place.programme.name} gives {place.member.name} nothing more.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name in self.actions}
