"""Late changes in the staff's admin: explanations to judge, providers to look into (PG-83, T43-T45).

Every decision goes through bookings.services.standing and says why; the provider reads the reason, the log keeps it.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import queries as accounts
from accounts.administration import StaffForm, TenantModelAdmin
from accounts.policy_words import HOUR, span
from notifications.queries import mails_about

from .. import late_changes, standing_queries
from ..enums import ExplanationState, LateChangeKind
from ..models import Explanation, LateChange, StandingReview
from ..pages.standing import MANY, size_in_words
from ..services import Refused, standing
from ..standing_mails import before_start, reference_of, topics_in_words
from ..standing_queries import Standing

CONFLICT, UNPROCESSABLE = 409, 422
ACCEPT, REFUSE = "accept", "refuse"
PAUSE, RESTORE, CLOSE = "pause", "restore", "close"


@admin.register(LateChange)
class LateChangeAdmin(TenantModelAdmin):
    """Every late change, to read: what it was, how close to the start, whether it counts."""

    title = "late changes"
    fields = ["provider", "what", "starts_at", "state", "explained"]
    readonly_fields = ["what", "explained"]
    list_display = ["at", "provider", "what", "state", "explained"]
    list_display_links = ["at"]
    list_filter = ["state", "kind"]
    search_fields = ["provider__name", "booking__code"]
    ordering = ["-at", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return standing_queries.with_said(super().get_queryset(request))

    @admin.display(description="late change")
    def what(self, change: LateChange) -> SafeString:
        return _incident(change)

    @admin.display(description="explanation")
    def explained(self, change: LateChange) -> SafeString | str:
        if not change.said:
            return "None"
        href = reverse("admin:bookings_explanation_change", args=[change.said[0].pk])
        return format_html('<a href="{}">{}</a>', href, change.said[0].get_state_display())


class DecidingAdmin(TenantModelAdmin):
    """Rows on which staff decide once. What can't be done any more is said on a page of its own: 409, and nothing changed."""

    can_change = True
    change_form_template = "admin/standing.html"
    # Fields that are empty until somebody has decided.
    outcome: tuple[str, ...] = ()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, and what it does when sent."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refused:
            return self._refused(request, refused)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """While there is something to decide; whoever sends the form later is told that it was decided."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or request.method == "POST" or self.is_waiting(obj))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What was decided is shown once it is."""
        fields = super().get_fields(request, obj)
        return fields if obj is None or self.is_over(obj) else [name for name in fields if name not in self.outcome]

    def is_over(self, obj: Any) -> bool:
        """Whether somebody has decided about it."""
        raise NotImplementedError

    def is_waiting(self, obj: Any) -> bool:
        """Whether staff can decide something about it now."""
        raise NotImplementedError

    def provider_of(self, obj: Any) -> Any:
        """Whose late changes these are."""
        raise NotImplementedError

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        context["mails"] = mails_about(reference_of(self.provider_of(obj))) if obj else []
        context["show_save_and_continue"] = False
        return super().render_change_form(request, context, **kwargs)

    def _refused(self, request: HttpRequest, refused: Refused) -> HttpResponse:
        status = CONFLICT if refused.refusal.is_conflict else UNPROCESSABLE
        context = {
            **self.admin_site.each_context(request),
            "title": "Nothing was changed",
            "sentence": refused.refusal.sentence,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/refused.html", context, status=status)


class DecisionForm(StaffForm):
    """A decision and its reason, which the provider reads."""

    decision = forms.ChoiceField(widget=forms.RadioSelect, error_messages={"required": "Choose what to do."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        why = self.fields["why"]
        why.max_length = standing.MAX_ANSWER
        why.label, why.help_text = "Reason", "The provider reads it in a mail. Kept in the log as well."
        why.error_messages["required"] = "Say the reason in a few words."


class ExplanationForm(DecisionForm):
    """Whether an explanation is accepted."""

    class Meta:
        model = Explanation
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [
            (ACCEPT, "Accept: this late change does not count"),
            (REFUSE, "Don't accept: it still counts"),
        ]


@admin.register(Explanation)
class ExplanationAdmin(DecidingAdmin):
    """What providers say about their late changes, with the files that show it."""

    title = "late changes: explanations"
    outcome = ("answer", "decided_by", "decided_at")
    form = ExplanationForm
    fields = [
        "provider", "incident", "rule", "counts_now", "reason_code", "text", "evidence", "state", "made_at", "answer",
        "decided_by", "decided_at", "decision", "why",
    ]  # fmt: skip
    readonly_fields = [
        "provider", "incident", "rule", "counts_now", "reason_code", "text", "evidence", "state", "made_at", "answer",
        "decided_by", "decided_at",
    ]  # fmt: skip
    list_display = ["made_at", "provider", "incident", "state", "decided_by"]
    list_display_links = ["made_at"]
    list_filter = ["state", "late_change__kind"]
    search_fields = ["late_change__provider__name", "late_change__booking__code"]
    ordering = ["-made_at", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related(
                "decided_by",
                "late_change__provider__member__user",
                "late_change__provider__calendar",
                "late_change__provider__tenant",
                "late_change__booking__service",
                "late_change__booking__client__user",
                "late_change__booking__policy_version",
                "late_change__booking__provider__member__user",
                "late_change__booking__provider__calendar",
                "late_change__booking__tenant",
            )
        )

    def is_over(self, obj: Explanation) -> bool:
        return not self.is_waiting(obj)

    def is_waiting(self, obj: Explanation) -> bool:
        return obj.state == ExplanationState.OPEN

    def provider_of(self, obj: Explanation) -> Any:
        return obj.late_change.provider

    def save_model(self, request: HttpRequest, obj: Explanation, form: ExplanationForm, change: bool) -> None:
        """Through the service, which refuses what somebody else decided meanwhile."""
        standing.decide(
            explanation=obj,
            is_accepted=form.cleaned_data["decision"] == ACCEPT,
            reason=form.cleaned_data["why"],
            by=request.membership,
            now=timezone.now(),
        )

    @admin.display(description="provider", ordering="late_change__provider__name_key")
    def provider(self, said: Explanation) -> str:
        return said.late_change.provider.name

    @admin.display(description="late change")
    def incident(self, said: Explanation) -> SafeString:
        return _incident(said.late_change)

    @admin.display(description="rule")
    def rule(self, said: Explanation) -> str:
        return _rule(said.late_change)

    @admin.display(description="counts now")
    def counts_now(self, said: Explanation) -> str:
        return _counts(_standing_of(said.late_change.provider))

    @admin.display(description="files")
    def evidence(self, said: Explanation) -> SafeString:
        files = list(said.files.all())
        if not files:
            return SafeString("None.")
        rows = ((reverse("evidence", args=[row.pk]), row.name, size_in_words(row.size)) for row in files)
        return format_html_join(SafeString("<br>"), '<a href="{}" download>{}</a>, {}', rows)


class ReviewForm(DecisionForm):
    """What follows for a provider: nothing, a pause, or the end of one. Only what is possible now is offered."""

    class Meta:
        model = StandingReview
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decision = self.fields["decision"]
        # What was possible when the page was opened is refused by the service, which says why.
        decision.choices = [(key, key) for key in (PAUSE, RESTORE, CLOSE)]
        decision.widget.choices = _choices(self.instance)


@admin.register(StandingReview)
class StandingReviewAdmin(DecidingAdmin):
    """Providers with more late changes than the rules allow: to pause their topics, to list them again, or to leave it."""

    title = "late changes: too many"
    outcome = ("closed_at", "closed_by", "reason")
    form = ReviewForm
    fields = [
        "provider", "opened_at", "counts_now", "paused_now", "incidents", "closed_at", "closed_by", "reason", "decision", "why",
    ]  # fmt: skip
    readonly_fields = [
        "provider", "opened_at", "counts_now", "paused_now", "incidents", "closed_at", "closed_by", "reason",
    ]  # fmt: skip
    list_display = ["opened_at", "provider", "late_change", "closed_at", "closed_by"]
    list_display_links = ["opened_at"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter)]
    search_fields = ["provider__name"]
    ordering = ["-opened_at", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related(
                "closed_by",
                "provider__member__user",
                "provider__calendar",
                "provider__tenant",
                "late_change__provider__member__user",
                "late_change__provider__calendar",
                "late_change__provider__tenant",
                "late_change__booking__service",
                "late_change__booking__client__user",
                "late_change__booking__policy_version",
                "late_change__booking__provider__member__user",
                "late_change__booking__provider__calendar",
                "late_change__booking__tenant",
            )
        )

    def is_over(self, obj: StandingReview) -> bool:
        return obj.closed_at is not None

    def is_waiting(self, obj: StandingReview) -> bool:
        return bool(_choices(obj))

    def provider_of(self, obj: StandingReview) -> Any:
        return obj.provider

    def save_model(self, request: HttpRequest, obj: StandingReview, form: ReviewForm, change: bool) -> None:
        """Through the services, each of which refuses what has moved on."""
        said = {"reason": form.cleaned_data["why"], "by": request.membership, "now": timezone.now()}
        decision = form.cleaned_data["decision"]
        if decision == PAUSE:
            standing.pause(review=obj, **said)
        elif decision == RESTORE:
            standing.restore(provider=obj.provider, **said)
        else:
            standing.close_review(review=obj, **said)

    @admin.display(description="counts now")
    def counts_now(self, review: StandingReview) -> str:
        return _counts(_standing_of(review.provider))

    @admin.display(description="paused now")
    def paused_now(self, review: StandingReview) -> str:
        found = _standing_of(review.provider)
        if not found.paused:
            return "Nothing."
        until = found.within_limit_from
        return f"{topics_in_words(found.paused)}{f', until {until:%Y-%m-%d} at the latest' if until else ''}"

    @admin.display(description="late changes")
    def incidents(self, review: StandingReview) -> SafeString:
        changes = standing_queries.incidents_of(review.provider)
        return format_html_join(SafeString("<br>"), "{}. {}", ((_incident(row), _verdict(row)) for row in changes))


def _choices(review: StandingReview) -> list[tuple[str, str]]:
    found = _standing_of(review.provider)
    topics = topics_in_words(found.paused)
    choices = []
    if review.closed_at is None and not found.paused and found.is_over:
        words = review.provider.tenant.words
        choices.append((PAUSE, f"Pause all {words.topics} of {review.provider.name}; what is agreed goes on"))
    if found.paused:
        choices.append((RESTORE, f"List {topics} again"))
    if review.closed_at is None:
        choices.append((CLOSE, "Close this and leave everything as it is"))
    return choices


def _standing_of(provider: Any) -> Standing:
    return standing_queries.standing_of(provider, accounts.current_policy().policy, timezone.now())


def _counts(found: Standing) -> str:
    return ", ".join(f"{found.number(kind)} of {found.limit} {MANY[kind]}" for kind in LateChangeKind)


def _incident(change: LateChange) -> SafeString:
    """ "Late cancellation of NW-7K4Q at 2026-11-23 08:14, 21 hours before the start", with the booking as a link."""
    return format_html(
        '{} of <a href="{}">{}</a> at {}, {} before the start',
        change.get_kind_display(),
        reverse("admin:bookings_booking_change", args=[change.booking_id]),
        change.booking.code,
        f"{change.at:%Y-%m-%d %H:%M}",
        before_start(change),
    )


def _rule(change: LateChange) -> str:
    policy = change.booking.policy
    late = span(policy.late_change_hours * HOUR)
    until = late_changes.counts_until(change.at)
    return (
        f"Less than {late} before the start counts; more than {policy.late_change_limit} of one kind in 12 months are too "
        f"many. This one counts until {until:%Y-%m-%d}."
    )


def _verdict(change: LateChange) -> str:
    if not change.said:
        return "Not explained"
    return f"Explained: {change.said[0].get_state_display().lower()}"
