"""Putting the samples into the database: each marketplace in one transaction, so that it is there whole or not at all."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import repeat
from multiprocessing import get_context

from django.db import connections

from accounts.models import Affiliation, Membership, Tenant
from accounts.tenancy import tenant_scope
from bookings import services as bookings
from calendars import services as calendars
from config.embedded.parents import follow

from . import people, post, story
from .samples import SLUGS, Sample, samples


@dataclass(frozen=True)
class Told:
    """What was made."""

    marketplaces: int = 0
    people: int = 0
    requests: int = 0
    mails: int = 0

    def __add__(self, other: "Told") -> "Told":
        return Told(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def is_needed() -> bool:
    """Whether the demo should be made or completed: there are no tenants but samples, and not all of these have people.

    Reads global tables only, so it needs no scope.
    """
    tenants = set(Tenant.objects.values_list("slug", flat=True))
    peopled = set(Affiliation.objects.values_list("tenant__slug", flat=True).distinct())
    return tenants <= set(SLUGS) and peopled != set(SLUGS)


def load(*, now: datetime, processes: int = 1) -> Told:
    """Make the samples that are not there yet, with dates counted from `now` (aware). Must not run inside a scope.

    A load that was cut short is completed: a marketplace without people counts as not there. With more `processes` the
    samples are made side by side, since most of the time goes into thousands of small statements.
    """
    if not is_needed():
        return Told()
    for sample in samples():
        people.found(sample)
    people.enrol(samples())
    if processes == 1:
        return sum((_load_one(sample, now) for sample in samples()), Told())
    connections.close_all()
    with ProcessPoolExecutor(
        processes, mp_context=get_context("fork"), initializer=follow, initargs=(os.getpid(), signal.SIGTERM)
    ) as pool:
        return sum(pool.map(_load_one, samples(), repeat(now)), Told())


def reset_time(*, now: datetime) -> Told:
    """Let everything that waits to be tried happen anew, dated from `now`, in the samples that are there.

    What has happened stays; what was overdue lapses first. Must not run inside a scope.
    """
    there = {tenant.slug: tenant for tenant in Tenant.objects.all()}
    return sum((_reset_one(sample, there[sample.slug], now) for sample in samples() if sample.slug in there), Told())


def _load_one(sample: Sample, now: datetime) -> Told:
    tenant = people.found(sample)
    with tenant_scope(tenant):
        if Membership.objects.exists():
            return Told()
        cast = people.admit(sample, now=now, opened=now - story.PAST)
        requests = story.tell((*story.past(sample), *sample.scenes), cast, now=now)
    calendars.extend_free_time(tenant=tenant, now=now)
    return Told(1, len(cast.members), requests, post.deliver_past(tenant, now=now))


def _reset_one(sample: Sample, tenant: Tenant, now: datetime) -> Told:
    calendars.extend_free_time(tenant=tenant, now=now)
    bookings.expire_overdue(tenant=tenant, now=now)
    with tenant_scope(tenant):
        cast = people.gathered(sample)
        requests = story.tell(story.to_try(sample), cast, now=now)
    return Told(1, len(cast.members), requests, post.deliver_past(tenant, now=now))
