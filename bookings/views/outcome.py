"""Joining, and what is said afterwards: took place, did not come, taken back, not so (PG-36, PG-36b)."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from ..context import Refusal
from ..enums import Action, Status
from ..forms.outcome import WordsForm
from ..models import Booking
from ..pages import joining, outcome
from ..pages.parts import Viewer, other_of, side_of
from .acting import form_page, gate, handle, sent_by
from .door import booking_of, viewer_of


@require_safe
@login_required
def join(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/join/`: when it opens, the way in, or what comes after. Opening it records nothing."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    page = joining.join_page(booking, viewer)
    return render(request, "bookings/join.html", {"page": page, "now": viewer.now})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def said(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/outcome/?said=completed|no_show`: by either side, with what follows (S3.16, T37-T39)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    sent = sent_by(request) or request.GET
    action = outcome.SAID.get(sent.get("said", ""))
    if action is None:
        return _choices(request, booking, viewer)
    name = other_of(booking, side_of(booking, viewer)).name
    form = WordsForm(
        sent_by(request),
        label=f"Message to {name}",
        help_text=f"{name} reads it here and in the mail.",
        is_required=False,
    )

    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        page = outcome.outcome_page(booking, viewer, action)
        return form_page(request, viewer, "bookings/outcome.html", page, form, refusal)

    thanks = (
        f"{name} didn't come: noted, and told by mail." if action == Action.NO_SHOW else "You said that it took place."
    )
    return handle(request, booking, viewer, action, form, said=thanks, show=show)


def _choices(request: HttpRequest, booking: Booking, viewer: Viewer) -> HttpResponse:
    page = outcome.choice_page(booking, viewer) if booking.status == Status.CONFIRMED else None
    if page is None or not page.choices:
        return gate(request, booking, viewer, Action.COMPLETE) or gate(request, booking, viewer, Action.NO_SHOW)
    return render(request, "bookings/outcome_choice.html", {"page": page, "now": viewer.now})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/undo/`: take back what was said about it, within 24 hours (PG-32)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    name = other_of(booking, side_of(booking, viewer)).name
    form = WordsForm(
        sent_by(request),
        label=f"Message to {name}",
        help_text=f"{name} reads it here and in the mail.",
        is_required=False,
    )
    words = {
        "title": "Take back what was said",
        "lead": "It is as if nothing had been said about it. You can say anew how it went.",
        "button": "Take it back",
    }
    return _with_words(request, booking, viewer, Action.UNDO, form, "Taken back.", words)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def contest(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/contest/`: disagree with what the other side said, within 48 hours; staff decide (T41, D15)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    name = other_of(booking, side_of(booking, viewer)).name
    form = WordsForm(
        sent_by(request),
        label="What happened?",
        help_text=f"Support and {name} read it. Say what you saw, and until when you waited.",
    )
    title = "Tell us what happened" if booking.status == Status.NOSHOW else "Report a problem"
    words = {"title": title, "lead": "Support reads both sides and decides.", "button": "Send to support"}
    return _with_words(request, booking, viewer, Action.CONTEST, form, "Support was told and decides.", words)


def _with_words(
    request: HttpRequest,
    booking: Booking,
    viewer: Viewer,
    action: Action,
    form: WordsForm,
    thanks: str,
    words: dict[str, str],
) -> HttpResponse:
    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        page = outcome.words_page(booking, viewer, action, **words)
        return form_page(request, viewer, "bookings/words.html", page, form, refusal)

    return handle(request, booking, viewer, action, form, said=thanks, show=show)
