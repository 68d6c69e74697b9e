"""The staff's admin: Django's, inside one chosen tenant, with its queues on top (PG-80).

It stands in the tenant's URLs only, so the address chooses the tenant. Who may come in is said by the membership, and people
sign in where everybody does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from accounts import queries as accounts
from accounts.administration import changes_in_words, is_staff_here
from accounts.formatting import plural
from accounts.models import StaffAction
from accounts.tenancy import TenantModel
from bookings import staff_queries as booking_queries
from credits import queries as credit_queries
from notifications import staff_queries as mail_queries

RECENT = 10
SECTIONS = ("bookings", "marketplace", "credits", "calendars", "accounts", "notifications")
# Signing in and out, passwords and links to other sites' pages are Django's own; the product has its own for these.
LEFT_OUT = {"login", "logout", "password_change", "password_change_done", "view_on_site"}


@dataclass(frozen=True, slots=True)
class Queue:
    """Something that waits for staff: how many, what they are, and the list that shows them."""

    count: int
    label: str
    hint: str
    url: str


class StaffSite(admin.AdminSite):
    """The admin of the tenant of the address."""

    index_title = "Overview"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only tables of tenants. What libraries register belongs to nobody, so every tenant's staff would see all of it (T1)."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        super().register([model for model in models if issubclass(model, TenantModel)], admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff and owners of this tenant; `User.is_staff` opens nothing."""
        return is_staff_here(request)

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Guests sign in first and come back; members without the role get the 403 page."""
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            if not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [entry for entry in super().get_urls() if getattr(entry, "name", None) not in LEFT_OUT]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {
            "site_title": f"Administration – {request.tenant.name}",
            "site_header": request.tenant.name,
            "site_url": reverse("home"),
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The kinds of rows under the tenant's names, what staff need most first."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            for entry in app["models"]:
                entry["name"] = self.get_model_admin(entry["model"]).title_here(request)
            app["models"].sort(key=lambda entry: entry["name"])
        return sorted(apps, key=lambda app: SECTIONS.index(app["app_label"]))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What waits for staff, the kinds of rows, and what staff did last (PG-80)."""
        recent = list(StaffAction.objects.select_related("actor").order_by("-at", "-id")[:RECENT])
        for action in recent:
            action.lines = changes_in_words(action)
        return super().index(request, {"queues": _queues(), "recent": recent, **(extra_context or {})})


def _queues() -> list[Queue]:
    now = timezone.now()
    bookings = reverse("admin:bookings_booking_changelist")
    waiting = [
        Queue(needing(now).count(), label, hint, f"{bookings}?needs={needs}")
        for (needs, needing), (label, hint) in zip(booking_queries.NEEDS.items(), _BOOKING_QUEUES, strict=True)
    ]
    mails = reverse("admin:notifications_emailmessage_changelist") + "?trouble=yes"
    work = reverse("admin:notifications_outboxmessage_changelist") + "?state__exact=dead"
    return [
        *waiting,
        *_late_changes(),
        Queue(
            mail_queries.mails_in_trouble().count(),
            "Mails that could not be sent",
            "Failed for good, or nobody can tell",
            mails,
        ),
        Queue(
            mail_queries.dead_work().count(), "Outgoing work that gave up", "Open one to see why, then try again", work
        ),
        *_books(now),
    ]


def _books(now: datetime) -> list[Queue]:
    """Whether credits and bookings added up when they were looked through last (6.10)."""
    last, failed = credit_queries.last_verification(), credit_queries.failed_refunds().count()
    refunds = reverse("admin:credits_refund_changelist") + "?state__exact=failed"
    queue = Queue(failed, "Refunds that failed", "Try again, or give the credits back", refunds)
    queues = [queue] if failed else []
    if last is None:
        return queues
    ago = plural(int((now - last.at).total_seconds() // 3600), "hour")
    found = reverse("admin:credits_verification_change", args=[last.pk])
    return [*queues, Queue(len(last.findings), "Laws of the books that don't hold", f"Looked through {ago} ago", found)]


def _late_changes() -> list[Queue]:
    """What providers explain, and who has too many; nothing where the rules count none (PG-83)."""
    if not accounts.current_policy().policy.late_change_hours:
        return []
    said = reverse("admin:bookings_explanation_changelist") + "?state__exact=open"
    reviews = reverse("admin:bookings_standingreview_changelist") + "?closed_at__isempty=1"
    return [
        Queue(
            booking_queries.explanations_waiting().count(),
            "Explanations of late changes",
            "Somebody says why; decide whether it counts",
            said,
        ),
        Queue(booking_queries.reviews_open().count(), "Too many late changes", "Decide what follows", reviews),
    ]


_BOOKING_QUEUES = (
    ("Changes that support was asked for", "An answer was promised within 48 hours"),
    ("Outcomes that somebody contests", "Decide whether it took place"),
    ("Stuck in setting up", "Agreed more than 2 minutes ago, not confirmed yet"),
    ("Unanswered for more than 24 hours", "Somebody waits; a nudge may help"),
    ("Answer due within 6 hours", "These lapse by themselves when nobody answers"),
)

site = admin.site
