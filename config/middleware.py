"""What every request may be, and the headers that every answer carries (reliability.md 4, rows 16 to 20)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


class SecurityHeadersMiddleware:
    """A strict content policy without inline code; a view may set a stricter one itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if request.user.is_authenticated if hasattr(request, "user") else False:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class RequestSizeMiddleware:
    """Refuse what is larger than anything our forms take, by its announced length, before any of it is kept: 413.

    Stands above the one that looks for a form's token, which would read all of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """Once it is known whose page it is, so that the answer is a page of theirs."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        # A length that is no number reads as none: then nothing of the body is read either.
        if length.isdecimal() and int(length) > settings.LARGEST_REQUEST:
            raise RequestDataTooBig(f"{length} bytes are more than our forms take.")
