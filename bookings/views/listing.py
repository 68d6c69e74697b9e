"""Finding a booking: PG-31."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import queries as accounts

from ..pages import listing
from .door import viewer_of


@require_safe
@login_required
def bookings(request: HttpRequest) -> HttpResponse:
    """`/bookings/?show=&state=&q=&sort=&page=`: the viewer's bookings in both roles (S1.6, S1.7, S4.1)."""
    viewer = viewer_of(request)
    page = listing.list_page(
        viewer,
        listing.read(request.GET),
        request.GET.get("page"),
        policy=accounts.current_policy().policy,
        words=request.tenant.words,
    )
    return render(request, "bookings/list.html", {"page": page, "now": viewer.now})
