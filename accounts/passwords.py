"""How long a password is (reliability.md 4, row 29): no rules about its characters, since those make people worse at it."""

from typing import Any

from django.core.exceptions import ValidationError
from django_scopes import get_scope

from . import queries
from .enums import Role

SHORTEST, SHORTEST_OF_STAFF, LONGEST = 12, 15, 128


class LengthValidator:
    """At least 12 characters, for staff and owners 15, at most 128."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError with a sentence that says how to fix it."""
        shortest = SHORTEST_OF_STAFF if _is_staff(user) else SHORTEST
        if len(password) < shortest:
            raise ValidationError(
                f"Use at least {shortest} characters. A short sentence works well.", code="password_too_short"
            )
        if len(password) > LONGEST:
            raise ValidationError(f"Use at most {LONGEST} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        """The rule in a sentence."""
        return f"At least {SHORTEST} characters. A short sentence works well."


def _is_staff(user: Any) -> bool:
    if user is None or user.pk is None or "tenant" not in get_scope():
        return False
    member = queries.membership_of(user)
    return member is not None and member.has(Role.STAFF, Role.OWNER)
