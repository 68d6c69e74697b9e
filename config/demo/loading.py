"""Putting the samples into the database: each marketplace in one transaction, so that it is there whole or not at all."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Affiliation, Membership, Tenant
from accounts.tenancy import tenant_scope
from bookings import services as bookings
from calendars import services as calendars

from . import people, post, story
from .samples import SLUGS, samples


@dataclass
class Told:
    """What was made."""

    marketplaces: int = 0
    people: int = 0
    requests: int = 0
    mails: int = 0


def is_needed() -> bool:
    """Whether the demo should be made or completed: there are no tenants but samples, and not all of these have people.

    Reads global tables only, so it needs no scope.
    """
    tenants = set(Tenant.objects.values_list("slug", flat=True))
    peopled = set(Affiliation.objects.values_list("tenant__slug", flat=True).distinct())
    return tenants <= set(SLUGS) and peopled != set(SLUGS)


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
            calendars.extend_free_time(tenant=tenant, now=now)
        told.mails += post.deliver_past(tenant, now=now)
        told.marketplaces += 1
        told.people += len(cast.members)
    return told


def reset_time(*, now: datetime) -> Told:
    """Let everything that waits to be tried happen anew, dated from `now`, in the samples that are there.

    What has happened stays; what was overdue lapses first. Must not run inside a scope.
    """
    told = Told()
    for sample in samples():
        tenant = Tenant.objects.filter(slug=sample.slug).first()
        if tenant is None:
            continue
        with tenant_scope(tenant):
            bookings.expire_overdue(tenant=tenant, now=now)
            calendars.extend_free_time(tenant=tenant, now=now)
            cast = people.gathered(sample)
            told.requests += story.tell(story.to_try(sample), cast, now=now)
        told.mails += post.deliver_past(tenant, now=now)
        told.marketplaces += 1
        told.people += len(cast.members)
    return told
