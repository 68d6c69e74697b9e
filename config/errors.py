"""Error pages: what happened, whether anything was saved, what to do next (PG-90). The words are in templates/errors.

Pages for broken requests keep the frame but ask the database nothing, since the transaction has been rolled back. 500 and
503 are static: they must come out when nothing else works.
"""

import logging
import secrets
import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
RETRY_SECONDS = 60
# Answers that views give without words; the page is laid over them.
BARE = {400, 405, 410}
NOT_FOUND = 404
NEVER_REPEATED = ("password", "csrfmiddlewaretoken")

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 for what can't be read, 413 for what is too large."""
    return _page(request, 413 if isinstance(exception, TOO_LARGE) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the page is there, but not for this person."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same for what never was and for what belongs to another tenant (T2); inside a tenant it offers search."""
    return _page(request, 404)


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """429, with the time after which trying again makes sense."""
    return _page(request, 429, {"Retry-After": str(RETRY_SECONDS)})


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away. Static: neither the request nor the database is asked."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, reference = (503 if away else 500), _reference()
    logger.error("Reference %s: %s %s was answered with %s.", reference, request.method, request.path, status)
    page = HttpResponse(render_to_string(f"errors/{status}.html", {"reference": reference}), status=status)
    if away:
        page["Retry-After"] = str(RETRY_SECONDS)
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was open too long: nothing was sent, and what was typed can be sent again with one press.

    What another site made the browser send is not offered again.
    """
    logger.warning("Refused %s %s: %s", request.method, request.path, reason)
    typed = []
    if request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}":
        typed = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if not name.startswith(NEVER_REPEATED)
        ]
    return _page(request, 403, template="csrf", typed=typed, action=request.get_full_path())


class ErrorPagesMiddleware:
    """Lay the page over answers that views give without words, such as 405.

    On a development installation 404 has this page, too, in place of Django's technical one: who tries the product is no
    developer. A breakdown keeps Django's page there, with its traceback.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code == NOT_FOUND and request.resolver_match is None:
            return _page(request, NOT_FOUND)
        if response.status_code not in BARE or response.streaming or response.content:
            return response
        return _page(request, response.status_code, dict(response.headers))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for what a view does not find, before Django's technical one takes its place."""
        return _page(request, NOT_FOUND) if settings.DEBUG and isinstance(exception, Http404) else None


def _page(
    request: HttpRequest, status: int, headers: dict[str, str] | None = None, template: str = "", **context: Any
) -> HttpResponse:
    context["reference"] = _reference()
    logger.info("Reference %s: %s %s was answered with %s.", context["reference"], request.method, request.path, status)
    page = render(request, f"errors/{template or status}.html", context, status=status)
    for name, value in (headers or {}).items():
        page.headers.setdefault(name, value)
    return page


def _reference() -> str:
    return secrets.token_hex(4).upper()
