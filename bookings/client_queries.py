"""A provider's clients: whom they had something to do with before (PG-39)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from accounts.models import Membership
from marketplace.models import Provider

from .enums import Actor
from .models import Booking


def clients_of(provider: Provider, text: str = "", *, most: int) -> Sequence[Membership]:
    """Members who asked the provider, or were asked by them, before; newest first, those whose name holds the text. One query."""
    found = _clients(provider)
    if text:
        found = found.filter(name__icontains=text)
    return list(found.annotate(newest=Max("bookings__created_at")).order_by("-newest", "name")[:most])


def client_of(provider: Provider, key: UUID) -> Membership | None:
    """The one of the provider's own clients with this id; None for all other people (T2). One query."""
    return _clients(provider).filter(pk=key).first()


def newcomers_of(provider: Provider, *, since: datetime) -> dict[UUID, datetime]:
    """Clients to whom the provider spoke first and after `since` (UTC), with that moment. One query."""
    own = Booking.objects.filter(provider=provider)
    before = own.filter(created_at__lte=since).values("client")
    begun = own.filter(created_at__gt=since, events__sequence=1, events__actor=Actor.PROVIDER).exclude(
        client__in=before
    )
    return dict(begun.values("client").annotate(first=Min("created_at")).values_list("client", "first"))


def _clients(provider: Provider) -> QuerySet[Membership]:
    return Membership.objects.filter(bookings__provider=provider, suspended_at=None).select_related("user")
