"""Staff act on a booking: each step a page with its reason, what it would do, and one button (PG-81, PG-82, T33, T34).

Everything goes through `bookings.services`; the log of staff and the booking's timeline are written in one transaction.
"""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.administration import CHANGED, note
from marketplace import queries as marketplace
from notifications import delivery
from notifications.models import EmailMessage
from notifications.queries import mails_about

from .. import credit_flow, services, staff_queries
from ..context import Context, Refusal
from ..enums import Action, Actor, Status
from ..forms import staff as forms
from ..models import Booking
from ..pages import staff as pages
from ..pages.parts import Viewer
from ..pages.staff import Preview, Step
from ..pages.ways import rule_against
from ..permissions import why_not_as_staff
from ..services import Refused
from ..views.door import reader_of
from ..wording import MAIL_NAMES

CONFLICT, UNPROCESSABLE, SEE_OTHER = 409, 422, 303
FORMS: dict[Action, type[forms.StepForm]] = {
    Action.AMEND: forms.AmendForm,
    Action.REASSIGN: forms.ReassignForm,
    Action.CHANGE_PRICE: forms.PriceForm,
    Action.ACCEPT: forms.AcceptForm,
    Action.CANCEL: forms.CancelForm,
    Action.REOPEN: forms.ClashForm,
    Action.NO_SHOW: forms.NoShowForm,
    Action.UPHOLD: forms.DecisionForm,
    Action.REFUSE_SUPPORT: forms.DecisionForm,
    Action.NOTE: forms.NoteForm,
}
LOOK_AGAIN = "What it would do has changed since the preview. Look at it once more, then apply it."


class ActingAdmin(admin.ModelAdmin):
    """The pages of what staff do to one booking, beside its page."""

    def get_urls(self) -> list[URLPattern]:
        steps = [
            path(f"<uuid:pk>/{step.slug}/", self._page(self.step), {"step": step}, f"bookings_booking_{step.slug}")
            for step in pages.STEPS
        ]
        more = [
            path("<uuid:pk>/resend/", self._page(self.resend), name="bookings_booking_resend"),
            path("<uuid:pk>/set-up/", self._page(self.set_up), name="bookings_booking_set-up"),
        ]
        return [*steps, *more, *super().get_urls()]

    def _page(self, view: Any) -> Any:
        def page(request: HttpRequest, pk: Any, **more: Any) -> HttpResponse:
            booking = self.booking_for(request, pk)
            if refusal := why_not_as_staff(request.membership, booking):
                return self._refused(request, booking, refusal)
            return view(request, booking, **more)

        return self.admin_site.admin_view(page)

    def booking_for(self, request: HttpRequest, pk: Any) -> Booking:
        """The booking with this id. Raises Http404 where this marketplace has none."""
        booking = self.get_object(request, str(pk))
        if booking is None:
            raise Http404
        booking.tenant = request.tenant
        return booking

    # --- steps of the workflow ------------------------------------------------------------------------

    def step(self, request: HttpRequest, booking: Booking, step: Step) -> HttpResponse:
        """`<id>/<step>/`: the form, its preview, and the deed."""
        viewer = viewer_of(request)
        facts = _facts(booking, viewer, step.action)
        if refusal := rule_against(facts):
            if _has_done(request, booking, step.action):
                return self._done_already(request, booking)
            return self._refused(request, booking, refusal)
        form = _form(request, booking, viewer, step, facts)
        if request.method != "POST":
            return self._show(request, booking, step, form, lines=pages.current_lines(facts))
        if not form.is_valid():
            return self._show(request, booking, step, form, status=UNPROCESSABLE)
        return self._preview_or_apply(request, booking, viewer, step, form)

    def _preview_or_apply(
        self, request: HttpRequest, booking: Booking, viewer: Viewer, step: Step, form: forms.StepForm
    ) -> HttpResponse:
        details = form.details()
        what = {
            "booking": booking,
            "action": step.action,
            "actor": Actor.STAFF,
            "by": viewer.member,
            "now": viewer.now,
            "reader": pages.staff_reader(booking, viewer),
            "seen": form.cleaned_data.get("seen"),
            **details,
        }
        try:
            preview = pages.preview_of(
                booking, _facts(booking, viewer, step.action, **details), services.rehearse(**what)
            )
            if "apply" not in request.POST:
                return self._show(request, booking, step, form, preview=preview)
            if request.POST.get("previewed") != preview.digest:
                messages.warning(request, LOOK_AGAIN)
                return self._show(request, booking, step, form, preview=preview, status=CONFLICT)
            with transaction.atomic():
                done = services.perform(**what)
                note(request, CHANGED, booking, _changes(step, booking, done, details))
        except Refused as refused:
            return self._not_done(request, booking, viewer, step, form, refused.refusal)
        messages.success(request, f"Done: {step.label}.")
        return HttpResponseRedirect(href_of(booking), status=SEE_OTHER)

    def _not_done(
        self,
        request: HttpRequest,
        booking: Booking,
        viewer: Viewer,
        step: Step,
        form: forms.StepForm,
        refusal: Refusal,
    ) -> HttpResponse:
        if refusal == services.CHANGED_MEANWHILE and _has_done(request, booking, step.action):
            return self._done_already(request, booking)
        if not refusal.field:
            return self._refused(request, booking, refusal)
        form.refuse(refusal)
        warnings = pages.warnings_of(booking, _facts(booking, viewer, step.action, **form.details()))
        status = CONFLICT if refusal.is_conflict else UNPROCESSABLE
        return self._show(request, booking, step, form, warnings=warnings, status=status)

    def _show(
        self,
        request: HttpRequest,
        booking: Booking,
        step: Step,
        form: BaseForm,
        *,
        preview: Preview | None = None,
        lines: Any = (),
        warnings: Any = (),
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self._frame(request, booking, step.label),
            "step": step,
            "form": form,
            "preview": preview,
            "lines": preview.lines if preview else lines,
            "warnings": preview.warnings if preview else warnings,
            "when": self.when(booking),
        }
        return TemplateResponse(request, "admin/act.html", context, status=status)

    # --- beside the workflow --------------------------------------------------------------------------

    def resend(self, request: HttpRequest, booking: Booking) -> HttpResponse:
        """`<id>/resend/`: mails once more: what could not be sent, or another copy of what was (T34)."""
        mails = {str(mail.pk): mail for mail in mails_about(booking.reference) if delivery.can_leave_again(mail)}
        if not mails:
            refusal = Refusal("no_mail", "There is no mail about this booking that could be sent again.")
            return self._refused(request, booking, refusal)
        choices = [(key, _mail_in_words(mail)) for key, mail in mails.items()]
        form = forms.ResendForm(request.POST or None, choices=choices)
        if not form.is_valid():
            return self._plain(
                request, booking, form, "Send mails again", "They leave within a minute, as they read now."
            )
        chosen = [mails[key] for key in form.cleaned_data["mails"]]
        with transaction.atomic():
            for mail in chosen:
                delivery.send_once_more(mail, now=timezone.now())
            sent = [{"field": "sent again", "old": "", "new": mail.subject or mail.kind} for mail in chosen]
            note(request, CHANGED, booking, [*sent, {"why": form.cleaned_data["why"]}])
        messages.success(request, f"{len(chosen)} will be sent in a moment.")
        return HttpResponseRedirect(href_of(booking), status=SEE_OTHER)

    def set_up(self, request: HttpRequest, booking: Booking) -> HttpResponse:
        """`<id>/set-up/`: the setting up of an agreed booking, run again (decisions.md 7)."""
        if booking.status != Status.CONFIRMING:
            refusal = Refusal("not_setting_up", "Nothing is being set up here: there is nothing to run again.")
            return self._refused(request, booking, refusal)
        form = forms.WhyForm(request.POST or None)
        if not form.is_valid():
            lead = "The room is made if there is none, the booking is confirmed, and both get their confirmation."
            return self._plain(request, booking, form, "Run the setting up again", lead)
        try:
            with transaction.atomic():
                services.set_up(booking_id=booking.pk, now=timezone.now())
                why = {"why": form.cleaned_data["why"]}
                note(request, CHANGED, booking, [{"field": "set up", "old": "", "new": "again"}, why])
        except Refused as refused:
            return self._refused(request, booking, refused.refusal)
        messages.success(request, "It is set up and confirmed.")
        return HttpResponseRedirect(href_of(booking), status=SEE_OTHER)

    def _plain(self, request: HttpRequest, booking: Booking, form: BaseForm, label: str, lead: str) -> HttpResponse:
        step = Step("", Action.NOTE, label, lead)
        return self._show(request, booking, step, form, status=UNPROCESSABLE if form.is_bound else 200)

    # --- what all of them share -----------------------------------------------------------------------

    def _refused(self, request: HttpRequest, booking: Booking, refusal: Refusal) -> HttpResponse:
        status = CONFLICT if refusal.is_conflict else UNPROCESSABLE
        context = {
            **self._frame(request, booking, "Nothing was changed"),
            "sentence": refusal.sentence,
            "back": href_of(booking),
        }
        status = status if request.method == "POST" else 200
        return TemplateResponse(request, "admin/refused.html", context, status=status)

    def _done_already(self, request: HttpRequest, booking: Booking) -> HttpResponse:
        messages.info(request, "You have done this already.")
        return HttpResponseRedirect(href_of(booking), status=SEE_OTHER)

    def _frame(self, request: HttpRequest, booking: Booking, title: str) -> dict[str, Any]:
        request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(request),
            "title": f"{booking.code}: {title}",
            "booking": booking,
            "back": href_of(booking),
            "opts": self.opts,
            "list_title": self.title_here(request),
        }


def viewer_of(request: HttpRequest) -> Viewer:
    """The member of staff who looks."""
    return Viewer(request.membership, reader_of(request), timezone.now())


def href_of(booking: Booking) -> str:
    """The booking's page in the admin."""
    return reverse("admin:bookings_booking_change", args=[booking.pk])


def _mail_in_words(mail: EmailMessage) -> str:
    moment = mail.sent_at or mail.created_at
    whom = mail.recipient.name if mail.recipient else mail.to_address
    name = mail.subject or MAIL_NAMES.get(mail.kind, mail.kind)
    return f"{name}, to {whom}, {mail.get_state_display().lower()}, {moment:%Y-%m-%d %H:%M} UTC"


def _facts(booking: Booking, viewer: Viewer, action: Action, **details: Any) -> Context:
    reader = pages.staff_reader(booking, viewer)
    return services.facts_about(
        booking, action=action, actor=Actor.STAFF, now=viewer.now, by=viewer.member, reader=reader, **details
    )


def _form(request: HttpRequest, booking: Booking, viewer: Viewer, step: Step, facts: Context) -> forms.StepForm:
    more: dict[str, Any] = {}
    initial: dict[str, Any] = {"seen": booking.last_sequence, "on_behalf_of": ""}
    if step.action == Action.AMEND:
        more["place"] = pages.place_of(booking)
        initial |= _amend_from(booking, viewer)
    if step.action == Action.REASSIGN:
        more["offered"] = marketplace.offered_by(request.POST.get("provider", ""))
    if step.action == Action.CHANGE_PRICE:
        initial["price"] = credit_flow.costs(facts)
    if step.action == Action.ACCEPT:
        more["times"] = pages.table_choices(booking, viewer)
        initial["start"] = more["times"][0][0] if len(more["times"]) == 1 else None
    data = request.POST if request.method == "POST" else None
    return FORMS.get(step.action, forms.StepForm)(data, facts=facts, initial=initial, **more)


def _amend_from(booking: Booking, viewer: Viewer) -> dict[str, Any]:
    """What support was asked for stands in the form already."""
    wish = staff_queries.open_wish(booking)
    start = wish.starts[0] if wish and wish.starts else booking.starts_at
    return {**pages.day_and_time(start, booking, viewer), "minutes": booking.minutes}


def _has_done(request: HttpRequest, booking: Booking, action: Action) -> bool:
    """Whether this very person has done it since the page was shown: the second press of one button."""
    text = request.POST.get("seen", "")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        return False
    return booking.events.filter(action=action, by=request.membership, sequence__gt=int(text)).exists()


def _changes(step: Step, before: Booking, after: Booking, details: dict[str, Any]) -> list[dict[str, str]]:
    """What the log says: the state, the time or the price, old and new, and the reason (P3)."""
    said = [("state", before.get_status_display(), after.get_status_display())]
    if before.starts_at and after.starts_at:
        said.append(("start (UTC)", f"{before.starts_at:%Y-%m-%d %H:%M}", f"{after.starts_at:%Y-%m-%d %H:%M}"))
        said.append(("minutes", str(before.minutes), str(after.minutes)))
    if step.action == Action.REASSIGN:
        said.append(("provider", before.provider.name, after.provider.name))
        said.append(("service", before.service.name, after.service.name))
    if step.action == Action.CHANGE_PRICE:
        said.append(("price", str(before.price), str(after.price)))
    changed = [{"field": name, "old": old, "new": new} for name, old, new in said if old != new]
    return [
        *(changed or [{"field": "step", "old": "", "new": step.label}]),
        {"why": details.get("reason_text") or details.get("message", "")},
    ]
