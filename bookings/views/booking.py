"""One booking: its page, the page after asking, its calendar file (PG-32, PG-06, PG-38)."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from .. import invites
from ..enums import AGREED, Actor, Status
from ..pages.detail import booking_page
from ..pages.parts import side_of
from ..pages.sent import sent_page
from .door import booking_of, viewer_of

NOTHING_NEW = 204
# Booked and set up: what was asked for first has at least one line more.
BOOKED_AT_ONCE = 2


@require_safe
@login_required
@vary_on_headers("HX-Request")
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/` for both parties and staff. The page asks again by itself while something is to come (R-HX-6)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    page = booking_page(booking, viewer)
    if not request.htmx:
        return render(request, "bookings/booking.html", {"page": page, "now": viewer.now})
    if request.GET.get("seen") == str(page.seen) and not page.is_stuck:
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "bookings/_booking_again.html", {"page": page, "now": viewer.now})


@require_safe
@login_required
def sent(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/sent/`: what happens next, for who asked; for others and later the booking's own page (CK-18)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    is_fresh = booking.status == Status.PENDING or (
        booking.status in AGREED and booking.last_sequence <= BOOKED_AT_ONCE
    )
    if side_of(booking, viewer) != Actor.CLIENT or not is_fresh:
        return redirect("booking", code=booking.code)
    return render(request, "bookings/sent.html", {"page": sent_page(booking, viewer), "now": viewer.now})


@require_safe
@login_required
def calendar_file(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>.ics` of something agreed, for one of the two; 404 otherwise (R-MAIL-8)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    actor = side_of(booking, viewer)
    if booking.status not in AGREED or actor == Actor.STAFF:
        raise Http404
    return HttpResponse(
        invites.confirmation(booking, actor, viewer.now),
        content_type="text/calendar; charset=utf-8; method=REQUEST",
        headers={"Content-Disposition": f'attachment; filename="{booking.code}.ics"'},
    )
