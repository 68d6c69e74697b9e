"""What every page of the staff's admin keeps to: one tenant, rights by membership, a log of its own (PG-80 to PG-85).

Who may come in is decided by the role in the tenant of the address, never by `User.is_staff`. Django's own log names no
tenant and would show staff of two marketplaces the names of one in the other, so nothing is ever written to it (P3, T1).
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.forms.utils import pretty_name
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from .enums import Role
from .models import StaffAction

ADDED, CHANGED, DELETED = "added", "changed", "deleted"
LONGEST_VALUE = 500


def is_staff_here(request: HttpRequest) -> bool:
    """Whether the viewer is staff or owner of the tenant of the address, and not suspended there."""
    return request.membership is not None and request.membership.has(Role.STAFF, Role.OWNER)


def is_owner_here(request: HttpRequest) -> bool:
    """Whether the viewer is an owner of the tenant of the address."""
    return request.membership is not None and request.membership.has(Role.OWNER)


def actions_on(obj: Model) -> QuerySet[StaffAction]:
    """What staff did to one object in the admin, newest first. Needs the tenant's scope."""
    kind = {"object_type": obj._meta.label_lower, "object_id": str(obj.pk)}
    return StaffAction.objects.filter(**kind).select_related("actor").order_by("-at", "-id")


def changes_in_words(action: StaffAction) -> list[str]:
    """What changed, one line each: "headline: from “Tax” to “Tax and law”"."""
    return [_change_in_words(entry) for entry in action.changes]


def _change_in_words(entry: dict[str, str]) -> str:
    if "field" not in entry:
        return f"Why: {entry.get('why') or entry.get('note', '')}"
    before = f"from “{entry['old']}” " if entry["old"] else ""
    return f"{entry['field']}: {before}to “{entry['new']}”"


def note(request: HttpRequest, action: str, obj: Model, changes: Any) -> StaffAction:
    """Put down that the viewer added, changed or deleted something (P3)."""
    return StaffAction.objects.create(
        actor=request.membership,
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_name=str(obj)[:200],
        changes=changes if isinstance(changes, list) else [{"note": str(changes)}],
    )


class StaffForm(forms.ModelForm):
    """A change by staff: it always says why (P3). Fields that are not among the model's are saved by `save_model`."""

    why = forms.CharField(
        label="Why",
        max_length=200,
        help_text="Kept in the log with the old and the new values. Members don't see it.",
        error_messages={"required": "Say in a few words why you change this."},
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class _ByMembership:
    """Rights from the membership alone. Reading is free for staff; what may be changed is said by the class."""

    can_add = can_change = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff_here(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff_here(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_add and is_staff_here(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.can_change and is_staff_here(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is deleted: people are suspended, services and topics are taken off the list."""
        return False


class TenantModelAdmin(_ByMembership, admin.ModelAdmin):
    """The admin of one kind of row of the tenant in scope; read-only unless a class says otherwise.

    Rows come through the model's manager, so the tenant is in every query. Where a service exists, `save_model` calls it.
    """

    # What these rows are called: words of our own, or the name of one of the tenant's words (decisions.md 3).
    title, word = "", ""
    view_on_site = False
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    # Where both are off, Django's list carries an inline style, which our content policy blocks.
    actions_on_top = True

    def title_here(self, request: HttpRequest) -> str:
        """What this tenant calls these rows: "Experts"."""
        own = getattr(request.tenant.words, self.word) if self.word else self.title
        return str(own or self.opts.verbose_name_plural).capitalize()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under the tenant's name for it."""
        return super().changelist_view(request, {"title": self.title_here(request), **(extra_context or {})})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One row, below the list that the breadcrumbs call as everything else does."""
        context = {"list_title": self.title_here(request), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fields = list(super().get_fields(request, obj))
        if obj is not None and not self.has_change_permission(request, obj):
            return [name for name in fields if name not in self.form.declared_fields]
        return fields

    def construct_change_message(
        self, request: HttpRequest, form: forms.ModelForm, formsets: Any, add: bool = False
    ) -> list[dict[str, str]]:
        """Each changed field with its old and new value, and the reason that was given (P3)."""
        entries = [
            {
                "field": str(form.fields[name].label or pretty_name(name)),
                "old": "" if add else _words(form.fields[name], form.initial.get(name)),
                "new": _words(form.fields[name], form.cleaned_data.get(name)),
            }
            for name in form.changed_data
            if name != "why"
        ]
        why = form.cleaned_data.get("why")
        return [*entries, {"why": why}] if why else entries

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> StaffAction:
        return note(request, ADDED, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> StaffAction:
        return note(request, CHANGED, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> list[StaffAction]:
        return [note(request, DELETED, obj, []) for obj in queryset]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What staff did to this object, from the tenant's own log."""
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        page = Paginator(actions_on(obj), 100).get_page(request.GET.get("p"))
        for action in page:
            action.lines = changes_in_words(action)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {obj}",
            "action_list": page,
            "object": obj,
            "opts": self.opts,
            "module_name": self.title_here(request),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/object_history.html", context)


class ReadOnlyInline(_ByMembership, admin.TabularInline):
    """Rows that belong to the object, to look at. Forms of inlines skip the constraints that name their parent."""

    template = "admin/read_only_inline.html"
    extra = max_num = 0
    can_delete = show_change_link = False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields


def _words(field: forms.Field, value: Any) -> str:
    """A value of a form's field as it reads: names in place of keys, lists in one line."""
    if value is None:
        return ""
    if isinstance(field, forms.ModelChoiceField) and not isinstance(value, Model | list | QuerySet):
        value = field.to_python(value)
    typed = field.prepare_value(value)
    if isinstance(typed, str):
        return typed[:LONGEST_VALUE]
    if isinstance(value, list | tuple | set | QuerySet):
        return ", ".join(sorted(str(entry) for entry in value))[:LONGEST_VALUE]
    return str(value)[:LONGEST_VALUE]
