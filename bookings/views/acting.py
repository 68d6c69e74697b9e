"""How every page on which somebody acts behaves: a page says why not, one press acts once, conflicts show how it is now.

GET only shows; POST acts (decisions.md 30).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from .. import guards, services
from ..context import Refusal
from ..enums import Action, Actor
from ..forms import AnswerForm
from ..models import Booking
from ..pages import refusing, ways
from ..pages.parts import Viewer, side_of
from .door import booking_of, see_other

FORBIDDEN, CONFLICT, UNPROCESSABLE = 403, 409, 422
DONE_ALREADY = "You have done this already."

Show = Callable[[Booking, Refusal | None], HttpResponse]


def gate(
    request: HttpRequest, booking: Booking, viewer: Viewer, action: Action, *, typed: str = ""
) -> HttpResponse | None:
    """The page that says why not, where the action has no place for this viewer or no use; None where it has."""
    if side_of(booking, viewer) == Actor.STAFF:
        page = refusing.staff_page(booking, viewer)
        return render(request, "bookings/refused.html", {"page": page, "now": viewer.now}, status=FORBIDDEN)
    refusal = ways.rule_against(ways.context_of(booking, viewer, action))
    if refusal is None:
        return None
    status = FORBIDDEN if refusal.code == "not_yours" else status_of(refusal) if request.method == "POST" else 200
    page = refusing.refused_page(booking, viewer, refusal, typed=typed)
    return render(request, "bookings/refused.html", {"page": page, "now": viewer.now}, status=status)


def act(
    request: HttpRequest,
    booking: Booking,
    viewer: Viewer,
    action: Action,
    form: AnswerForm,
    *,
    said: str,
    show: Show,
    is_done: Callable[[Booking], bool] | None = None,
    said_again: str = DONE_ALREADY,
    to: str = "",
    **details: Any,
) -> HttpResponse:
    """Do it, once, and go on; or show the form again with the reason, or how it stands now.

    `said` is the message afterwards. `is_done` recognises a second press on the booking as it is now (R-HX-5).
    """
    if blocked := gate(request, booking, viewer, action) if _is_staff(booking, viewer) else None:
        return blocked
    seen = seen_of(request)
    refusal = _perform(booking, viewer, action, seen=seen, **details)
    if refusal is None:
        messages.success(request, said)
        return see_other(to or href_of(booking))
    booking = booking_of(request, booking.code)
    if is_done(booking) if is_done else did(booking, viewer, action, seen):
        messages.info(request, said_again)
        return see_other(href_of(booking))
    typed = next((details[name] for name in ("message", "notes", "reason_text") if details.get(name)), "")
    # What was refused for something that stands on the form can still be done, or it would have been refused for more.
    if not refusal.field and (moved_on := gate(request, booking, viewer, action, typed=typed)):
        return moved_on
    if refusal == services.CHANGED_MEANWHILE:
        refusal = _with_what_happened(booking, viewer, action, refusal)
    form.refuse(refusal)
    return show(booking, refusal)


def handle(
    request: HttpRequest,
    booking: Booking,
    viewer: Viewer,
    action: Action,
    form: AnswerForm,
    *,
    said: str,
    show: Show,
    **details: Any,
) -> HttpResponse:
    """The page on GET; on POST the act, or the form again where its shapes are wrong. The form says its own `details()`."""
    if request.method != "POST":
        return gate(request, booking, viewer, action) or show(booking, None)
    if form.is_valid():
        return act(request, booking, viewer, action, form, said=said, show=show, **details, **form.details())
    if blocked := gate(request, booking, viewer, action, typed=request.POST.get("message", "")):
        return blocked
    response = show(booking, None)
    response.status_code = UNPROCESSABLE
    return response


def form_page(
    request: HttpRequest, viewer: Viewer, template: str, page: Any, form: AnswerForm, refusal: Refusal | None
) -> HttpResponse:
    """A page with its form; the answer's status says whether it was refused, and why."""
    values = {"page": page, "form": form, "now": viewer.now}
    return render(request, template, values, status=status_of(refusal))


def sent_by(request: HttpRequest) -> QueryDict | None:
    """What the form was filled in with; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def did(booking: Booking, viewer: Viewer, action: Action, seen: int | None) -> bool:
    """Whether this very person has done it since the page was shown: the second press of one button (R-HX-5)."""
    return booking.events.filter(action=action, by=viewer.member, sequence__gt=seen or 0).exists()


def seen_of(request: HttpRequest) -> int | None:
    """The last line of the timeline that the page had shown, if it said so."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def status_of(refusal: Refusal | None) -> int:
    """The answer's status: 409 where the world moved on, else 422; 200 without a refusal."""
    if refusal is None:
        return 200
    return CONFLICT if refusal.is_conflict else UNPROCESSABLE


def href_of(booking: Booking) -> str:
    """The booking's own page."""
    return reverse("booking", args=[booking.code])


def _is_staff(booking: Booking, viewer: Viewer) -> bool:
    return side_of(booking, viewer) == Actor.STAFF


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


def _with_what_happened(booking: Booking, viewer: Viewer, action: Action, refusal: Refusal) -> Refusal:
    context = replace(ways.context_from(booking, viewer, action), last=services.last_event(booking))
    happened = guards.still_open(context).sentence.removesuffix(" Nothing was changed.")
    return replace(refusal, sentence=f"{happened} Look at it as it is now, then decide again. Nothing was changed.")
