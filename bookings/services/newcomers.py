"""Whom a provider brings in by an email address (PG-39), and how many in a day: nobody sends mail through a marketplace."""

from datetime import datetime, timedelta

from accounts import queries as accounts
from accounts.enums import Role
from accounts.formatting import plural
from accounts.guests import person_at
from accounts.models import Membership
from accounts.services import join
from marketplace.models import Provider

from ..client_queries import client_of, newcomers_of
from ..context import Reader, Refusal
from .transitions import Refused

A_DAY = timedelta(hours=24)


def bring_in(*, provider: Provider, email: str, name: str, reader: Reader, now: datetime) -> Membership:
    """The member at this address, who joins as a client if there was none. Part of the transaction that invites them.

    Raises Refused, as a sentence in the reader's zone: for who is suspended, and for one more than the policy's
    `new_addresses_per_day` in 24 hours. `now` is UTC.
    """
    user, tenant = person_at(email, name=name), provider.tenant
    known = Membership.objects.filter(user=user).first()
    if known is not None and known.suspended_at is not None:
        sentence = f"This person takes no part here at the moment. Write to {tenant.contact_email}."
        raise Refused(Refusal("suspended", sentence, field="email"))
    if refusal := _one_too_many(provider, known, reader, now):
        raise Refused(refusal)
    client = join(user=user, roles=[Role.CLIENT], name=name)
    client.tenant = tenant
    return client


def _one_too_many(provider: Provider, known: Membership | None, reader: Reader, now: datetime) -> Refusal | None:
    limit = accounts.current_policy().policy.new_addresses_per_day
    newcomers = newcomers_of(provider, since=now - A_DAY)
    if len(newcomers) < limit or (known is not None and client_of(provider, known.pk)):
        return None
    again = reader.when(min(newcomers.values()) + A_DAY, now) if newcomers else ""
    from_then = f" You can invite the next one from {again}." if again else ""
    sentence = (
        f"You have invited {plural(len(newcomers), 'new person', 'new people')} in 24 hours: more are not possible."
    )
    return Refusal("too_many_new", f"{sentence}{from_then} People who know you are not counted.", field="email")
