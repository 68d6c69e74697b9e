"""Mails and outgoing work in the staff's admin: to read, and to try again (PG-86, PG-87)."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.administration import CHANGED, TenantModelAdmin, note

from . import relay, staff_queries
from .delivery import ACCOUNT_KINDS, send_again
from .models import EmailMessage, OutboxMessage


class TroubleFilter(admin.SimpleListFilter):
    """Mails that could not be sent, or of which nobody can tell."""

    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", "Could not be sent")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != "yes":
            return queryset
        return queryset.filter(pk__in=staff_queries.mails_in_trouble().values("pk"))


@admin.register(EmailMessage)
class EmailMessageAdmin(TenantModelAdmin):
    """What was sent to whom, as it was sent."""

    title = "mails"
    fields = [
        "kind", "to", "reference", "state", "attempts", "last_error", "created_at", "sent_at", "subject", "as_sent",
    ]  # fmt: skip
    readonly_fields = ["to", "as_sent"]
    list_display = ["created_at", "kind", "to", "reference", "state", "sent_at", "attempts"]
    list_display_links = ["created_at"]
    list_filter = [TroubleFilter, "state"]
    list_select_related = ["recipient__user"]
    search_fields = ["reference", "recipient__name", "recipient__user__email", "to_address", "subject"]
    ordering = ["-created_at", "-id"]
    actions = ["send_again"]

    @admin.action(description="Send again what could not be sent")
    def send_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Put mails that were given up back to work; others, and codes, are left alone (PG-86)."""
        sent = [mail for mail in queryset if send_again(mail, now=timezone.now())]
        for mail in sent:
            note(request, CHANGED, mail, [{"field": "state", "old": mail.state, "new": "queued"}])
        if sent:
            messages.success(request, f"{len(sent)} will be sent in a moment.")
        else:
            messages.warning(request, "None of these can be sent again, so nothing was changed.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name == "send_again"}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("context", "html", "calendar_file")

    @admin.display(description="to")
    def to(self, mail: EmailMessage) -> str:
        if mail.recipient is None:
            return mail.to_address
        return f"{mail.recipient.name} ({mail.to_address or mail.recipient.user.email})"

    @admin.display(description="text as it was sent")
    def as_sent(self, mail: EmailMessage) -> str:
        if mail.kind.startswith(ACCOUNT_KINDS):
            return "Not shown: it lets its reader into an account."
        return mail.text or "Not written yet."


@admin.register(OutboxMessage)
class OutboxMessageAdmin(TenantModelAdmin):
    """Work that leaves after the commit (architecture.md 1)."""

    title = "outgoing work"
    fields = [
        "topic", "dedupe_key", "payload", "state", "attempts", "last_error", "created_at", "due_at", "lease_until",
        "done_at",
    ]  # fmt: skip
    list_display = ["topic", "state", "attempts", "due_at", "done_at", "last_error"]
    list_filter = ["state", "topic"]
    search_fields = ["dedupe_key", "last_error"]
    ordering = ["-due_at", "-id"]
    actions = ["try_again"]

    @admin.action(description="Try again what gave up")
    def try_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Put dead rows back to work with all their attempts; others are left alone."""
        dead = list(queryset.filter(pk__in=staff_queries.dead_work().values("pk")))
        for message in dead:
            relay.replay(message, now=timezone.now())
            note(request, CHANGED, message, [{"field": "state", "old": message.state, "new": "queued"}])
        if dead:
            messages.success(request, f"{len(dead)} will be tried again in a moment.")
        else:
            messages.warning(request, "None of these gave up, so nothing was changed.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name == "try_again"}
