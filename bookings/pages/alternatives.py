"""Free times near one that can't be had (PG-05, PG-33, CK-15)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from accounts.policies import Policy
from calendars import queries as calendars
from calendars.slots import nearest
from marketplace import queries as marketplace
from marketplace.models import Service

LOOK_AROUND = timedelta(days=14)
COUNT = 3


def near(
    service: Service, wanted: datetime, policy: Policy, now: datetime, *, without: Collection[datetime] = ()
) -> list[datetime]:
    """Up to three free starts (UTC) of the service nearest to `wanted`, in order of time. One query."""
    begins = marketplace.takes_requests_from(service.provider, now)
    free = calendars.bookable(
        service.provider.calendar,
        marketplace.rules_of(service, policy),
        since=max(begins, wanted - LOOK_AROUND),
        until=max(begins, wanted) + LOOK_AROUND,
        now=now,
        hide_asked=marketplace.hides_asked(service, policy),
    )
    return [slot.start for slot in nearest([slot for slot in free if slot.start not in without], wanted, COUNT)]
