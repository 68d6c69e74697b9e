"""Answering and ending: accept, decline, withdraw, cancel, ask to cancel, change notes (PG-33, PG-34)."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ..context import Refusal
from ..enums import AGREED, Action, Actor
from ..forms import (
    AcceptForm,
    AnswerForm,
    AskToCancelForm,
    CancelForm,
    DeclineForm,
    MessageForm,
    NotesForm,
    read_moment,
)
from ..models import Booking
from ..pages import answering, asked, closing
from ..pages.parts import Viewer, other_of, side_of
from .acting import act, did, form_page, gate, handle, href_of, seen_of, sent_by
from .door import booking_of, see_other, viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def accept(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/accept/?time=`: commit to one of the times on the table (S0.12-S0.15, S1.8, S4.3, T13, T24, T25)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    if request.method != "POST":
        wanted = read_moment(request.GET.get("time", ""))
        blocked = gate(request, booking, viewer, Action.ACCEPT)
        return blocked or _accept_page(request, booking, viewer, AcceptForm(), wanted)
    form, seen = AcceptForm(request.POST), seen_of(request)
    form.is_valid()
    start = form.cleaned_data.get("time")

    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        return _accept_page(request, booking, viewer, form, start, refusal)

    def is_done(booking: Booking) -> bool:
        return booking.starts_at == start and did(booking, viewer, Action.ACCEPT, seen)

    form.errors.pop("time", None)
    chosen = viewer.at(start) if start else ""
    return act(
        request,
        booking,
        viewer,
        Action.ACCEPT,
        form,
        said=f"You accepted {chosen}. {_other(booking, viewer)} is told by mail.",
        said_again=f"You have accepted {chosen} already.",
        show=show,
        is_done=is_done,
        to=reverse("today") if request.POST.get("back") == "today" else "",
        start=start,
        clash_accepted=form.cleaned_data.get("clash_accepted", False),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def decline(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/decline/`: the provider with a reason of the tenant's list (S0.16-S0.22, S4.8, S4.9), the client in
    own words (T14); of another date what is agreed stays (T26)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    name = _other(booking, viewer)
    # Opened with this the message names free times, for who declines for scheduling reasons (S1.13).
    words = {"message": closing.suggestion(booking, viewer)} if "suggest" in request.GET else {}
    if side_of(booking, viewer) == Actor.PROVIDER:
        form: AnswerForm = DeclineForm(sent_by(request), policy=booking.policy, other_name=name, initial=words)
    else:
        form = MessageForm(sent_by(request), other_name=name, initial=words)
    stays = f"{viewer.at(booking.starts_at)} stays as it is." if booking.status in AGREED else "You declined."
    return _close(request, booking, viewer, Action.DECLINE, form, f"{stays} {name} is told by mail.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/withdraw/`: take back what one has put on the table (C17, T11, T15, T27, S4.18)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    name = _other(booking, viewer)
    stays = f" {viewer.at(booking.starts_at)} stays as it is." if booking.status in AGREED else ""
    said = f"You took back your {asked.kind_of_table(booking)}.{stays} {name} is told by mail."
    form = MessageForm(sent_by(request), other_name=name)
    return _close(request, booking, viewer, Action.WITHDRAW, form, said)


def _close(
    request: HttpRequest, booking: Booking, viewer: Viewer, action: Action, form: AnswerForm, said: str
) -> HttpResponse:
    template = "bookings/decline.html" if action == Action.DECLINE else "bookings/withdraw.html"

    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        page = closing.close_page(booking, viewer, action)
        return form_page(request, viewer, template, page, form, refusal)

    return handle(request, booking, viewer, action, form, said=said, show=show)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/cancel/`: end what is agreed, after seeing what follows (S4.20-S4.23, T18, T19, T21, T22)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    name, words = _other(booking, viewer), booking.tenant.words
    form = CancelForm(
        sent_by(request),
        policy=booking.policy,
        actor=side_of(booking, viewer),
        other_name=name,
        tick=closing.cancel_tick(booking, viewer),
    )

    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        page = closing.cancel_page(booking, viewer)
        return form_page(request, viewer, "bookings/cancel.html", page, form, refusal)

    said = f"You cancelled the {words.session}. {name} is told by mail."
    return handle(request, booking, viewer, Action.CANCEL, form, said=said, show=show)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask_to_cancel(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/ask-to-cancel/`: where a provider can't cancel, they ask the client to (S1.14, T20)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    name = _other(booking, viewer)
    form = AskToCancelForm(sent_by(request), other_name=name)

    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        page = closing.wish_page(booking, viewer)
        return form_page(request, viewer, "bookings/ask_to_cancel.html", page, form, refusal)

    said = f"You asked {name} to cancel. {name} is told by mail."
    return handle(request, booking, viewer, Action.ASK_TO_CANCEL, form, said=said, show=show)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notes(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/notes/`: the client changes what they wrote, as long as nobody has answered (T11)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    form = NotesForm(sent_by(request), other_name=_other(booking, viewer), initial={"notes": booking.notes})

    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        page = closing.notes_page(booking, viewer)
        return form_page(request, viewer, "bookings/notes.html", page, form, refusal)

    is_same = request.method == "POST" and form.is_valid() and form.cleaned_data["notes"] == booking.notes
    if is_same and not gate(request, booking, viewer, Action.CHANGE_NOTES):
        messages.info(request, "Your notes are saved.")
        return see_other(href_of(booking))
    return handle(request, booking, viewer, Action.CHANGE_NOTES, form, said="Your notes are saved.", show=show)


def _accept_page(
    request: HttpRequest,
    booking: Booking,
    viewer: Viewer,
    form: AcceptForm,
    wanted: Any,
    refusal: Refusal | None = None,
) -> HttpResponse:
    page = answering.accept_page(booking, viewer, wanted=wanted, refusal=refusal)
    form.fields["clash_accepted"].label = page.tick
    return form_page(request, viewer, "bookings/accept.html", page, form, refusal)


def _other(booking: Booking, viewer: Viewer) -> str:
    return other_of(booking, side_of(booking, viewer)).name
