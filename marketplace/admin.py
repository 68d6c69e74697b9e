"""Providers, services and topics in the staff's admin. Writes go through the services, which keep what is searched."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from accounts.administration import ReadOnlyInline, StaffForm, TenantModelAdmin

from . import search, services
from .models import Provider, ProviderTopic, Service, Topic

PROVIDER_FIELDS = ["name", "headline", "bio", "city", "languages", "is_published", "paused_until"]
SERVICE_FIELDS = [
    "name", "description", "topic", "minutes", "price", "place", "step_minutes", "buffer_before", "buffer_after",
    "notice_minutes", "hides_asked_times", "is_instant", "is_active", "position",
]  # fmt: skip


class ProviderForm(StaffForm):
    """The public side of a member."""

    listed_under = forms.ModelMultipleChoiceField(
        queryset=Topic.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="A paused listing stays paused; see Listings.",
    )

    class Meta:
        model = Provider
        fields = PROVIDER_FIELDS
        help_texts = {"name": "As people find it."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["listed_under"].queryset = Topic.objects.order_by("position", "name")
        self.initial["listed_under"] = list(self.instance.topics.order_by("position", "name"))


class ServiceInline(ReadOnlyInline):
    """What the provider offers; each is changed on its own page."""

    model = Service
    fields = ["name", "minutes", "price", "place", "is_active"]
    ordering = ["position", "minutes"]
    show_change_link = True


@admin.register(Provider)
class ProviderAdmin(TenantModelAdmin):
    """Who can be asked for a session."""

    word = "providers"
    can_change = True
    form = ProviderForm
    fields = [
        "member", "slug", *PROVIDER_FIELDS, "listed_under", "answers_within_hours", "joined_at", "new_service", "why",
    ]  # fmt: skip
    readonly_fields = ["member", "slug", "answers_within_hours", "joined_at", "new_service"]
    inlines = [ServiceInline]
    list_display = ["name", "headline", "city", "is_published", "paused_until", "joined_at"]
    list_filter = ["is_published", ("paused_until", admin.EmptyFieldListFilter)]
    search_fields = ["name", "headline", "city", "member__user__email"]
    ordering = ["name_key", "id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("member")

    @admin.display(description="services")
    def new_service(self, provider: Provider) -> SafeString:
        address = f"{reverse('admin:marketplace_service_add')}?provider={provider.pk}"
        return format_html('<a href="{}">Add a service</a>', address)

    def save_model(self, request: HttpRequest, obj: Provider, form: ProviderForm, change: bool) -> None:
        services.update_provider(
            provider=obj,
            topics=form.cleaned_data["listed_under"],
            **{field: form.cleaned_data[field] for field in PROVIDER_FIELDS},
        )


class ServiceForm(StaffForm):
    """One offer of a provider; whose it is can't be changed."""

    class Meta:
        model = Service
        fields = ["provider", *SERVICE_FIELDS]


@admin.register(Service)
class ServiceAdmin(TenantModelAdmin):
    """Lengths, prices and rules of what can be booked."""

    title = "services"
    can_add = can_change = True
    form = ServiceForm
    fields = ["provider", *SERVICE_FIELDS, "why"]
    list_display = ["name", "provider", "minutes", "price", "place", "topic", "is_active"]
    list_filter = ["is_active", "place", "minutes"]
    list_select_related = ["provider", "topic"]
    search_fields = ["name", "provider__name", "topic__name"]
    ordering = ["provider__name_key", "position", "id"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ["provider"] if obj else []

    def save_model(self, request: HttpRequest, obj: Service, form: ServiceForm, change: bool) -> None:
        values = {field: form.cleaned_data[field] for field in SERVICE_FIELDS}
        if change:
            services.update_service(service=obj, **values)
            return
        is_active = values.pop("is_active")
        made = services.add_service(provider=obj.provider, **values)
        if not is_active:
            services.update_service(service=made, is_active=False)
        obj.pk = made.pk


class TopicForm(StaffForm):
    """A topic and its address, which never changes once people link to it."""

    slug = forms.SlugField(
        label="Address", max_length=60, required=False, help_text="Part of the topic's link. Empty: made from the name."
    )

    class Meta:
        model = Topic
        fields = ["name", "slug", "position"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "slug" in self.fields and "name" in data:
            data["slug"] = data.get("slug") or slugify(search.fold(data["name"])) or "topic"
            if Topic.objects.filter(slug=data["slug"]).exclude(pk=self.instance.pk).exists():
                raise ValidationError(
                    {"slug": f"Another topic has the address “{data['slug']}”. Choose a different one."}
                )
        return data


@admin.register(Topic)
class TopicAdmin(TenantModelAdmin):
    """What providers are found under."""

    word = "topics"
    can_add = can_change = True
    form = TopicForm
    fields = ["name", "slug", "position", "why"]
    list_display = ["name", "slug", "position"]
    search_fields = ["name", "slug"]
    ordering = ["position", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ["slug"] if obj else []

    def save_model(self, request: HttpRequest, obj: Topic, form: TopicForm, change: bool) -> None:
        data = form.cleaned_data
        if not change:
            obj.pk = services.add_topic(name=data["name"], slug=data["slug"], position=data["position"]).pk
            return
        if "name" in form.changed_data:
            services.rename_topic(topic=obj, name=data["name"])
        if "position" in form.changed_data:
            obj.save(update_fields=["position"])


class ListingForm(StaffForm):
    """Whether a provider is found under a topic."""

    class Meta:
        model = ProviderTopic
        fields = ["listing"]


@admin.register(ProviderTopic)
class ProviderTopicAdmin(TenantModelAdmin):
    """Listings, to pause and to lift a pause (S1.22)."""

    title = "listings"
    can_change = True
    form = ListingForm
    fields = ["provider", "topic", "listing", "why"]
    readonly_fields = ["provider", "topic"]
    list_display = ["provider", "topic", "listing"]
    list_filter = ["listing", "topic"]
    list_select_related = ["provider", "topic"]
    search_fields = ["provider__name", "topic__name"]
    ordering = ["provider__name_key", "topic__position", "id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("provider", "topic")

    def save_model(self, request: HttpRequest, obj: ProviderTopic, form: ListingForm, change: bool) -> None:
        services.set_listing(provider=obj.provider, topic=obj.topic, listing=form.cleaned_data["listing"])
