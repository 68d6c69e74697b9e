"""People, rules and the log in the staff's admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from . import services
from .administration import StaffForm, TenantModelAdmin, changes_in_words, is_owner_here
from .enums import Role
from .models import Membership, PolicyVersion, StaffAction


class MemberForm(StaffForm):
    """A member: name and standing. Only an owner gives and takes roles; nobody locks themselves out."""

    roles = forms.MultipleChoiceField(
        choices=Role, widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose at least one role."}
    )
    is_suspended = forms.BooleanField(
        label="Suspended", required=False, help_text="Can't act here any more. What they agreed to stays."
    )
    viewer: Membership

    class Meta:
        model = Membership
        fields = ["name", "roles"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_suspended"] = self.instance.suspended_at is not None
        if not self.viewer.has(Role.OWNER):
            self.fields["roles"].disabled = True
            self.fields["roles"].help_text = "Only an owner changes roles."

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_oneself = self.instance == self.viewer
        if data.get("is_suspended") and is_oneself:
            raise ValidationError("You can't suspend yourself. Ask another owner.")
        if data.get("is_suspended") and Role.OWNER in self.instance.roles and not self.viewer.has(Role.OWNER):
            raise ValidationError("Only an owner suspends an owner.")
        if is_oneself and Role.OWNER in self.instance.roles and Role.OWNER not in data.get("roles", [Role.OWNER]):
            raise ValidationError("You can't stop being an owner yourself. Ask another owner to change your roles.")
        return data


class RoleFilter(admin.SimpleListFilter):
    """Members who hold a role, possibly among others."""

    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Role.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(roles__contains=[self.value()]) if self.value() in Role.values else queryset


@admin.register(Membership)
class MembershipAdmin(TenantModelAdmin):
    """Who is in this marketplace. The login behind it is global and can't be looked up from here."""

    title = "members"
    can_change = True
    form = MemberForm
    fields = ["name", "email", "time_zone", "joined_at", "roles", "is_suspended", "why"]
    readonly_fields = ["email", "time_zone", "joined_at"]
    list_display = ["name", "email", "held_roles", "time_zone", "joined_at", "suspended_at"]
    list_filter = [RoleFilter, ("suspended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "user__email"]
    ordering = ["name", "id"]

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"viewer": request.membership})

    def save_model(self, request: HttpRequest, obj: Membership, form: MemberForm, change: bool) -> None:
        """Through the service; roles only as far as the viewer may give them."""
        data = form.cleaned_data
        services.change_member(
            member=obj,
            name=data["name"],
            roles=data["roles"] if is_owner_here(request) else None,
            is_suspended=data["is_suspended"],
            now=timezone.now(),
        )

    @admin.display(ordering="user__email")
    def email(self, member: Membership) -> str:
        return member.user.email

    @admin.display(description="time zone")
    def time_zone(self, member: Membership) -> str:
        return member.user.time_zone or "not chosen"

    @admin.display(description="roles")
    def held_roles(self, member: Membership) -> str:
        return ", ".join(Role(role).label for role in member.roles)


@admin.register(PolicyVersion)
class PolicyVersionAdmin(TenantModelAdmin):
    """The rules over time; every booking names the version it was made under (decisions.md 16)."""

    title = "versions of the rules"
    list_display = ["__str__", "created_at", "created_by"]
    list_select_related = ["created_by"]
    ordering = ["-number"]


@admin.register(StaffAction)
class StaffActionAdmin(TenantModelAdmin):
    """Who changed what here, and why (PG-85). Append-only."""

    title = "what staff did"
    fields = ["at", "actor", "action", "object_type", "object_name", "what"]
    readonly_fields = ["what"]
    list_display = ["at", "actor", "action", "object_type", "object_name"]
    list_display_links = ["at"]
    list_filter = ["action"]
    list_select_related = ["actor"]
    search_fields = ["object_name", "actor__name"]
    ordering = ["-at", "-id"]

    @admin.display(description="changes")
    def what(self, action: StaffAction) -> str:
        return "; ".join(changes_in_words(action))


admin.site.disable_action("delete_selected")
