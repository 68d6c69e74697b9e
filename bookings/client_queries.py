"""A provider's clients: whom they had something to do with before (PG-39)."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Max, QuerySet

from accounts.models import Membership
from marketplace.models import Provider


def clients_of(provider: Provider, text: str = "", *, most: int) -> Sequence[Membership]:
    """Members who asked the provider, or were asked by them, before; newest first, those whose name holds the text. One query."""
    found = _clients(provider)
    if text:
        found = found.filter(name__icontains=text)
    return list(found.annotate(newest=Max("bookings__created_at")).order_by("-newest", "name")[:most])


def client_of(provider: Provider, key: UUID) -> Membership | None:
    """The one of the provider's own clients with this id; None for all other people (T2). One query."""
    return _clients(provider).filter(pk=key).first()


def _clients(provider: Provider) -> QuerySet[Membership]:
    return Membership.objects.filter(bookings__provider=provider, suspended_at=None).select_related("user")
