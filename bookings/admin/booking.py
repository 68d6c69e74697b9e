"""Bookings in the staff's admin: to find, to read, to explain (PG-81).

No field can be written. A status moves through a transition of the workflow alone, so that calendar, mails and credits
follow (decisions.md 17, B10): the steps that staff can take stand as buttons on the page, each a page of its own.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import formatting
from accounts.administration import ReadOnlyInline, TenantModelAdmin
from notifications.delivery import can_leave_again
from notifications.queries import mails_about

from .. import staff_queries
from ..enums import Actor, ProposalState, Status
from ..models import Booking, BookingEvent, Proposal
from ..pages import staff as pages
from ..permissions import why_not_as_staff
from .acting import ActingAdmin, viewer_of

UTC = "UTC"


class NeedsFilter(admin.SimpleListFilter):
    """The queues of the first page as a filter (PG-80)."""

    title = "what they need"
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [
            ("support", "Support was asked"),
            ("contested", "Outcome contested"),
            ("stuck", "Stuck in setting up"),
            ("unanswered", "Unanswered for 24 hours"),
            ("due_soon", "Answer due in 6 hours"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        needing = staff_queries.NEEDS.get(self.value())
        return queryset.filter(pk__in=needing(timezone.now()).values("pk")) if needing else queryset


class LateFilter(admin.SimpleListFilter):
    """Whether a change of it was late (S1.16)."""

    title = "late changes"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", "With a late change")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(Exists(staff_queries.with_late_change())) if self.value() == "yes" else queryset


class ProposalInline(ReadOnlyInline):
    """Every set of times that was ever on the table."""

    model = Proposal
    fields = ["number", "made_by", "made_at", "the_times", "answer_by", "state", "closed_at"]
    ordering = ["number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("times")

    @admin.display(description="times (UTC)")
    def the_times(self, proposal: Proposal) -> SafeString:
        return _lines(
            f"{_utc(time.starts_at)}, {time.minutes} min{' (chosen)' if time.is_chosen else ''}"
            for time in proposal.times.all()
        )


class EventInline(ReadOnlyInline):
    """The timeline with its raw data."""

    model = BookingEvent
    verbose_name_plural = "timeline"
    fields = ["sequence", "at", "name", "who", "change", "why", "raw"]
    ordering = ["sequence"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("by")

    @admin.display(description="by")
    def who(self, event: BookingEvent) -> str:
        if event.by is None:
            return "The system"
        asked = f", asked by the {event.on_behalf_of}" if event.on_behalf_of else ""
        return f"{event.by.name} ({event.actor}{asked})"

    @admin.display(description="status")
    def change(self, event: BookingEvent) -> str:
        return f"{event.status_before} → {event.status}" if event.status_before else event.status

    @admin.display(description="reason and message")
    def why(self, event: BookingEvent) -> SafeString:
        return _lines(filter(None, [event.reason_text or event.reason_code, event.message]))

    @admin.display(description="data")
    def raw(self, event: BookingEvent) -> SafeString:
        if not event.data:
            return SafeString("")
        rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", sorted(event.data.items()))
        return format_html("<details><summary>Show</summary><dl>{}</dl></details>", rows)


@admin.register(Booking)
class BookingAdmin(ActingAdmin, TenantModelAdmin):
    """All bookings of the marketplace, to find, to read and to act on."""

    fields = [
        "code", "status", "next_step", "when", "provider", "client", "service", "minutes", "price", "credit_status", "notes",
        "policy_version", "created_at",
    ]  # fmt: skip
    readonly_fields = ["when", "next_step"]
    word = "sessions"
    inlines = [ProposalInline, EventInline]
    list_display = ["code", "when", "people", "status", "next_step", "age"]
    list_filter = [NeedsFilter, "status", LateFilter]
    search_fields = [
        "code", "provider__name", "client__name", "client__user__email", "provider__member__user__email",
    ]  # fmt: skip
    ordering = ["-created_at", "-id"]
    change_form_template = "admin/booking.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return staff_queries.for_staff(super().get_queryset(request))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        booking: Model | None = kwargs.get("obj")
        if isinstance(booking, Booking):
            context |= _what_to_do(request, booking)
        return super().render_change_form(request, context, **kwargs)

    @admin.display(ordering="starts_at", description="when (UTC, provider, client)")
    def when(self, booking: Booking) -> SafeString:
        if booking.starts_at:
            return _lines(_in_all_zones(booking.starts_at, booking))
        asked = [time.starts_at for proposal in booking.table[:1] for time in proposal.times.all()]
        more = [f"or {len(asked) - 1} more"] if len(asked) > 1 else []
        return _lines([*(_in_all_zones(asked[0], booking) if asked else []), *more])

    @admin.display(ordering="provider__name", description="provider, client")
    def people(self, booking: Booking) -> SafeString:
        return _lines([booking.provider.name, booking.client.name])

    @admin.display(description="next to answer")
    def next_step(self, booking: Booking) -> str:
        proposal = next((proposal for proposal in booking.table if proposal.state == ProposalState.OPEN), None)
        if proposal is None:
            return ""
        name = booking.provider.name if proposal.made_by == Actor.CLIENT else booking.client.name
        until = formatting.deadline(proposal.answer_by, UTC, timezone.now(), 24)
        return f"{name} by {until.label} UTC, {until.distance}"

    @admin.display(ordering="-created_at")
    def age(self, booking: Booking) -> str:
        return formatting.relative(booking.created_at, timezone.now())


def _what_to_do(request: HttpRequest, booking: Booking) -> dict[str, Any]:
    """The wish to support, the steps that are possible, the sentences that say why others aren't, and what was sent."""
    booking.tenant = request.tenant
    viewer, wish, mails = viewer_of(request), staff_queries.open_wish(booking), mails_about(booking.reference)
    steps, is_own = pages.steps_of(booking, viewer, wish), why_not_as_staff(viewer.member, booking) is not None
    links = [(f"admin:bookings_booking_{step.slug}", step.label) for step in steps.possible]
    if booking.status == Status.CONFIRMING and not is_own:
        links.append(("admin:bookings_booking_set-up", "Run the setting up again"))
    if any(can_leave_again(mail) for mail in mails) and not is_own:
        links.append(("admin:bookings_booking_resend", "Send mails again"))
    return {
        "mails": mails,
        "wish": pages.wish_in_words(wish, booking, viewer) if wish else "",
        "links": [(reverse(name, args=[booking.pk]), label) for name, label in links],
        "blocked": steps.blocked,
        "site_page": reverse("booking", args=[booking.code]),
    }


def _in_all_zones(moment: datetime, booking: Booking) -> list[str]:
    people = {
        booking.provider.name: booking.provider.calendar.time_zone,
        booking.client.name: booking.client.user.time_zone or UTC,
    }
    now = timezone.now()
    return [
        f"{_utc(moment)} UTC",
        *(f"{formatting.day_and_time(moment, zone, now)} {formatting.city_name(zone)}" for zone in people.values()),
    ]


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _lines(lines: Any) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))
