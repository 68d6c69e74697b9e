"""While `make run` makes tables and demo data, every address says so and opens by itself when they are there."""

import os
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

STATIC = "/static/"
AGAIN_SECONDS = 2


class WaitingMiddleware:
    """503 with a page that asks again, for as long as the file named by PARLEY_PREPARING is there. Asks the database nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.mark = Path(os.environ["PARLEY_PREPARING"]) if "PARLEY_PREPARING" in os.environ else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.mark is None or request.path.startswith(STATIC):
            return self.get_response(request)
        if not self.mark.exists():
            self.mark = None  # never again in this process
            return self.get_response(request)
        page = render_to_string("dev/preparing.html")
        again = {"Refresh": str(AGAIN_SECONDS), "Retry-After": str(AGAIN_SECONDS), "Cache-Control": "no-store"}
        response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=again)
        vars(response)["_has_been_logged"] = True  # nothing went wrong: the log of `make run` says what is being done
        return response
