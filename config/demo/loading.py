"""Putting the samples into the database: each marketplace in one transaction, so that it is there whole or not at all."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from calendars import services as calendars

from . import people, post, story
from .samples import Sample, samples


@dataclass
class Told:
    """What was made."""

    marketplaces: int = 0
    people: int = 0
    requests: int = 0
    mails: int = 0


def load(*, now: datetime) -> Told:
    """Make the samples that are not there yet, with dates counted from `now` (aware). Must not run inside a scope.

    A load that was cut short is completed: a marketplace without people counts as not there.
    """
    told = Told()
    for sample in samples():
        tenant = people.found(sample)
        with tenant_scope(tenant):
            if Membership.objects.exists():
                continue
            cast = people.admit(sample, now=now, opened=now - story.PAST)
            told.requests += story.tell((*story.past(sample), *sample.scenes), cast, now=now)
            calendars.extend_free_time(now=now)
        told.mails += post.deliver_past(tenant, now=now)
        told.marketplaces += 1
        told.people += len(cast.members)
    return told
