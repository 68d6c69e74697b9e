"""In which order a list of one's own bookings stands: what suits its scope, or by one of its headings (PG-31)."""

from datetime import datetime
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, CharField, F, Func, IntegerField, OuterRef, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Cast, Coalesce

from . import conditions
from .models import ProposalTime
from .wording import WORDS

HEADINGS = ("when", "with", "state")
# As addresses have them: the heading, with a minus where the last comes first.
ORDERS = tuple(f"{sign}{heading}" for heading in HEADINGS for sign in ("", "-"))


class _Folded(Func):
    """A name without capitals and accents: as people look for it, whatever the database's locale."""

    template = "regexp_replace(normalize(lower(%(expressions)s), NFKD), '[\u0300-\u036f]', '', 'g')"
    output_field = CharField()


def of_scope(scope: str) -> tuple[str | Combinable, ...]:
    """The order of one of `queries.SCOPES`: what runs out first, what comes next, what was last."""
    orders: dict[str, tuple[str | Combinable, ...]] = {
        "needs-you": (conditions.answer_by(), "code"),
        "upcoming": ("starts_at", "code"),
        "past": (Coalesce("starts_at", "created_at").desc(), "code"),
    }
    return orders.get(scope, ("-created_at", "code"))


def by_heading(order: str, member: UUID, now: datetime) -> tuple[OrderBy, ...]:
    """One of ORDERS, for the member who reads the list; equal ones are left to another order."""
    keys = {"when": _shown_start, "with": lambda: _other_name(member), "state": lambda: _place_of_state(member, now)}
    key = keys[order.removeprefix("-")]()
    return (OrderBy(key, descending=order.startswith("-")),)


def _shown_start() -> Coalesce:
    # The date that a row shows: what is agreed, or the first of the times last put on the table.
    proposed = ProposalTime.objects.filter(proposal__booking=OuterRef("pk")).order_by("-proposal__number", "position")
    return Coalesce("starts_at", Subquery(proposed.values("starts_at")[:1]))


def _other_name(member: UUID) -> _Folded:
    return _Folded(Case(When(client_id=member, then=F("provider__member__name")), default=F("client__name")))


def _place_of_state(member: UUID, now: datetime) -> Func:
    # As the filter beside the list has them: from what waits for an answer to what is over.
    places = Value(list(WORDS), output_field=ArrayField(TextField()))
    state = Cast(conditions.seen_state(member, now), TextField())
    return Func(places, state, function="array_position", output_field=IntegerField())
