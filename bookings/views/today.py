"""A provider's day: PG-40."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import queries as accounts
from accounts.enums import Role

from .. import queries
from ..pages.standing import short_line
from ..pages.today import today_page
from .door import viewer_of

NOTHING_NEW = 204


@require_safe
@login_required
@vary_on_headers("HX-Request")
def today(request: HttpRequest) -> HttpResponse:
    """`/portal/`: what runs out first, what comes next. 404 for who is no provider here (S0.2).

    A provider whose profile nobody has made yet is told what is missing.
    """
    viewer = viewer_of(request)
    provider = queries.provider_of(viewer.member)
    if provider is None and request.membership is not None and request.membership.has(Role.PROVIDER):
        return render(request, "bookings/today_unpublished.html")
    if provider is None:
        raise Http404
    provider.tenant = request.tenant
    policy = accounts.current_policy().policy
    page = today_page(
        provider,
        viewer,
        request.tenant.words,
        known=request.GET.get("known", ""),
        standing=short_line(provider, policy, viewer),
        makes_bookings=policy.provider_made != "off",
    )
    request.waiting = page.count  # the navigation says the same number, counted once
    if not request.htmx:
        return render(request, "bookings/today.html", {"page": page, "now": viewer.now})
    if request.GET.get("version") == page.version:
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "bookings/_today_again.html", {"page": page, "now": viewer.now})
