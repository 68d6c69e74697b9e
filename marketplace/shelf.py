"""The times of one service that one reader may ask for: rules, calendar and clock together."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts import formatting
from accounts.policies import Policy
from calendars.queries import bookable, next_starts
from calendars.queries import why_not as why_not_at
from calendars.slots import Reason, Slot, SlotRules

from . import queries
from .cards import Reader
from .models import Provider, Service


@dataclass(frozen=True, slots=True)
class Shelf:
    """One service of one provider as one reader may ask for it. `opens` is the first instant (UTC) after a pause."""

    provider: Provider
    service: Service
    rules: SlotRules
    hide_asked: bool
    opens: datetime
    policy: Policy
    reader: Reader

    @property
    def max_times(self) -> int:
        return self.policy.max_times

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.reader.zone)

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.service.minutes)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def free(self, since: datetime, until: datetime) -> list[Slot]:
        return bookable(
            self.provider.calendar,
            self.rules,
            since=max(since, self.opens),
            until=until,
            now=self.reader.now,
            hide_asked=self.hide_asked,
        )

    def next_free(self, since: datetime) -> datetime | None:
        calendar = self.provider.calendar
        found = next_starts(
            [calendar],
            {calendar.pk: self.rules},
            now=self.reader.now,
            count=1,
            since=max(since, self.opens),
            hide_asked=self.hide_asked,
        )
        return next(iter(found.get(calendar.pk, [])), None)

    def why_not(self, start: datetime) -> Reason | None:
        """Why this start (UTC) is not offered by calendar and rules; None when it is."""
        return why_not_at(self.provider.calendar, start, self.rules, now=self.reader.now, hide_asked=self.hide_asked)

    def why_not_even_anyway(self, start: datetime) -> Reason | None:
        """Why this start (UTC) can't even be suggested; None when it can, offered or not (D-3).

        What is booked at once can't: nobody would answer.
        """
        anyway = not self.service.is_instant
        return queries.why_not(self.provider, self.service, self.policy, start, now=self.reader.now, anyway=anyway)

    def label(self, start: datetime) -> str:
        """The session that begins then, for the reader: "Tue 24 Nov, 8am to 8:30am"."""
        reader = self.reader
        return formatting.day_and_range(start, start + self.length, reader.zone, reader.now, reader.hour_cycle)


def shelf_of(provider: Provider, service: Service, policy: Policy, reader: Reader) -> Shelf:
    """The times of `service` under the tenant's rules. `provider` comes with its calendar."""
    return Shelf(
        provider=provider,
        service=service,
        rules=queries.rules_of(service, policy),
        hide_asked=queries.hides_asked(service, policy),
        opens=queries.takes_requests_from(provider, reader.now),
        policy=policy,
        reader=reader,
    )
