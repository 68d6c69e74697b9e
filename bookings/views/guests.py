"""A guest's request is sent once the code from the mail is typed: PG-05, PG-22."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import queries as accounts
from accounts.guests import GuestCode, TooMany
from accounts.signin_forms import GuestCodeForm

from ..pages import requesting
from . import drafts
from .door import see_other
from .requests import TOO_MANY_CODES, desk_for, send

OVER = "That code no longer works. Send the request again, and we email you a new one."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, slug: str) -> HttpResponse:
    """`/experts/<slug>/request/code/`: the code proves the address, signs in, and sends the request that is kept."""
    desk, waiting = desk_for(request, slug), GuestCode.pending(request)
    sent = drafts.kept(request, slug, desk.asker.now)
    asked = desk.form(sent)
    is_whole = asked.is_valid()
    form_href = requesting.form_href(desk.draft(asked))
    if request.user.is_authenticated or waiting is None or not is_whole:
        # Gone on elsewhere, too late, or never asked: what is kept stands in the form.
        return see_other(form_href)
    if request.POST.get("action") == "resend" and waiting.can_resend:
        return _resend(request, waiting, slug)
    form = GuestCodeForm(request.POST if request.method == "POST" else None, code=waiting.code)
    if form.is_valid():
        return _go_on(request, waiting, slug, sent)
    if form.is_bound and not waiting.record_invalid_attempt():
        messages.error(request, OVER)
        return see_other(form_href)
    values = {
        "form": form,
        "email": waiting.email,
        "can_resend": waiting.can_resend,
        "provider": desk.provider,
        "form_href": form_href,
    }
    return render(request, "bookings/request_code.html", values)


def _resend(request: HttpRequest, waiting: GuestCode, slug: str) -> HttpResponse:
    try:
        waiting.resend()
    except TooMany:
        messages.error(request, TOO_MANY_CODES)
    return see_other(reverse("request_code", args=[slug]))


def _go_on(request: HttpRequest, waiting: GuestCode, slug: str, sent: QueryDict) -> HttpResponse:
    answer = waiting.finish(name=sent.get("name", ""))
    if not request.user.is_authenticated:
        return answer
    request.membership = accounts.membership_of(request.user)
    desk = desk_for(request, slug)
    form = desk.form(sent)
    form.is_valid()
    return send(request, desk, desk.draft(form), form)
