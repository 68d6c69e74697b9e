"""Answering a request: accept, decline, withdraw (PG-33, PG-34). GET only shows; POST acts (decisions.md 30)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from .. import services, workflow
from ..context import Refusal
from ..enums import Action
from ..forms import AcceptForm, AnswerForm, DeclineForm, MessageForm, read_moment
from ..models import Booking
from ..pages import answering
from ..pages.parts import Viewer, other_of, side_of
from .door import booking_of, see_other, viewer_of

FORBIDDEN, CONFLICT, UNPROCESSABLE = 403, 409, 422


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def accept(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/accept/?time=`: commit to one of the times on the table (S0.12-S0.15, S1.8, S4.3)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    if request.method != "POST":
        wanted = read_moment(request.GET.get("time", ""))
        return _gate(request, booking, viewer, Action.ACCEPT) or _accept_page(request, booking, viewer, None, wanted)
    form = AcceptForm(request.POST)
    form.is_valid()
    start, ticked = form.cleaned_data.get("time"), form.cleaned_data.get("clash_accepted", False)
    refusal = _perform(booking, viewer, Action.ACCEPT, start=start, clash_accepted=ticked)
    if refusal is None:
        messages.success(request, f"You accepted {viewer.at(start)}. {booking.client.name} is told by mail.")
        return see_other(reverse("today") if request.POST.get("back") == "today" else _href(booking))
    booking = booking_of(request, code)
    if _is_done(booking, viewer, Action.ACCEPT) and booking.starts_at == start:
        messages.info(request, f"You have accepted {viewer.at(start)} already.")
        return see_other(_href(booking))
    if moved_on := _gate(request, booking, viewer, Action.ACCEPT):
        return moved_on
    form.errors.pop("time", None)
    form.refuse(refusal)
    return _accept_page(request, booking, viewer, form, start, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def decline(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/decline/`: with a reason from the tenant's list and words to the client (S0.16-S0.22, S4.8, S4.9)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    asked = {"policy": booking.policy, "other_name": other_of(booking, side_of(booking, viewer)).name}
    if request.method == "POST":
        form = DeclineForm(request.POST, **asked)
        said = f"You declined. {booking.client.name} is told by mail."
        return _close(request, booking, viewer, Action.DECLINE, form, said)
    words = answering.suggestion(booking, viewer) if "suggest" in request.GET else ""
    form = DeclineForm(initial={"message": words}, **asked)
    return _gate(request, booking, viewer, Action.DECLINE) or _close_page(
        request, booking, viewer, Action.DECLINE, form
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/withdraw/`: take a request back before it is answered (C17)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    name = booking.provider.name
    if request.method == "POST":
        said = f"You took back your request. {name} is told by mail."
        return _close(request, booking, viewer, Action.WITHDRAW, MessageForm(request.POST, other_name=name), said)
    form = MessageForm(other_name=name)
    return _gate(request, booking, viewer, Action.WITHDRAW) or _close_page(
        request, booking, viewer, Action.WITHDRAW, form
    )


def _close(
    request: HttpRequest, booking: Booking, viewer: Viewer, action: Action, form: DeclineForm | MessageForm, said: str
) -> HttpResponse:
    if not form.is_valid():
        return _gate(request, booking, viewer, action) or _close_page(
            request, booking, viewer, action, form, UNPROCESSABLE
        )
    refusal = _perform(booking, viewer, action, **form.details())
    if refusal is None:
        messages.success(request, said)
        return see_other(_href(booking))
    booking = booking_of(request, booking.code)
    if _is_done(booking, viewer, action):
        messages.info(request, "You have done this already.")
        return see_other(_href(booking))
    if moved_on := _gate(request, booking, viewer, action, typed=form.details()["message"]):
        return moved_on
    form.refuse(refusal)
    return _close_page(request, booking, viewer, action, form, _status(refusal))


def _perform(booking: Booking, viewer: Viewer, action: Action, **details: Any) -> Refusal | None:
    try:
        services.perform(
            booking=booking,
            action=action,
            actor=side_of(booking, viewer),
            by=viewer.member,
            now=viewer.now,
            reader=viewer.reader,
            **details,
        )
    except services.Refused as refused:
        return refused.refusal
    return None


def _is_done(booking: Booking, viewer: Viewer, action: Action) -> bool:
    """Whether this very person has done it before: the second press of one button (R-HX-5)."""
    return booking.events.filter(action=action, by=viewer.member).exists()


def _gate(
    request: HttpRequest, booking: Booking, viewer: Viewer, action: Action, *, typed: str = ""
) -> HttpResponse | None:
    """The page that says why not, where the action has no place for this viewer; None where it has."""
    context = answering.context_of(booking, viewer, action)
    if workflow.exists_for(context):
        return None
    refusal = workflow.check(context)
    status = FORBIDDEN if refusal.code == "not_yours" else _status(refusal) if request.method == "POST" else 200
    page = answering.refused_page(booking, viewer, refusal, typed=typed)
    return render(request, "bookings/refused.html", {"page": page, "now": viewer.now}, status=status)


def _accept_page(
    request: HttpRequest,
    booking: Booking,
    viewer: Viewer,
    form: AcceptForm | None,
    wanted: datetime | None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    page = answering.accept_page(booking, viewer, wanted=wanted, refusal=refusal)
    form = form or AcceptForm()
    form.fields["clash_accepted"].label = page.tick
    values = {"page": page, "form": form, "now": viewer.now}
    return render(request, "bookings/accept.html", values, status=_status(refusal) if refusal else 200)


def _close_page(
    request: HttpRequest, booking: Booking, viewer: Viewer, action: Action, form: AnswerForm, status: int = 200
) -> HttpResponse:
    page = answering.close_page(booking, viewer, action)
    template = "bookings/decline.html" if action == Action.DECLINE else "bookings/withdraw.html"
    return render(request, template, {"page": page, "form": form, "now": viewer.now}, status=status)


def _status(refusal: Refusal) -> int:
    return CONFLICT if refusal.is_conflict else UNPROCESSABLE


def _href(booking: Booking) -> str:
    return reverse("booking", args=[booking.code])
