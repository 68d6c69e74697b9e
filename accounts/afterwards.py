"""Answers that are made after the commit: for views that have to call somebody over the network (decisions.md 28)."""

from collections.abc import Callable

from django.http import HttpResponse


class Afterwards(HttpResponse):
    """Stands for an answer that `finish` makes once the request's transaction has committed; it opens scopes of its own."""

    def __init__(self, finish: Callable[[], HttpResponse]) -> None:
        super().__init__(status=204)
        self.finish = finish
