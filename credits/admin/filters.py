"""Filters of the staff's lists."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin


def either(title: str, *, empty: str, filled: str) -> type[admin.EmptyFieldListFilter]:
    """Django's filter for fields that may be empty, saying what that means."""

    class Either(admin.EmptyFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

        def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
            for choice in super().choices(changelist):
                said = str(choice["display"]).replace("Not empty", filled).replace("Empty", empty)
                yield {**choice, "display": said}

    return Either
