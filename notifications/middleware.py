"""Whoever sent a form has the answer before a worker is told of what it caused."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponse

from . import doorbell


class AnswerFirstMiddleware:
    """Ring the doorbell when the answer is out: with the broker slow or gone, no page is (F14)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with doorbell.kept() as rings:
            response = self.get_response(request)
        if rings:
            # What Django's handlers append to, too: the server closes an answer once it is sent.
            response._resource_closers.append(partial(doorbell.ring_all, rings))  # type: ignore[attr-defined]
        return response
