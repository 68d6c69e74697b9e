"""What several pages answer with: back to where the person was, and cookies that last."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

YEAR_SECONDS = 365 * 24 * 3600


def back(request: HttpRequest, default: str) -> HttpResponseRedirect:
    """303 to the page named by `next` in the form, never to another host; else to `default`, an address of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if safe else default, status=303)


def remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    """Keep a guest's choice for a year in a cookie that scripts can't read."""
    response.set_cookie(name, value, max_age=YEAR_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax")
