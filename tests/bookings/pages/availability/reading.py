"""What tests of a provider's own hours send and read (PG-42, F35, F36, F43, F44, S0.20, S4.40)."""

import re
from datetime import UTC, date, datetime
from html import unescape
from zoneinfo import ZoneInfo

from accounts.tenancy import tenant_scope
from bookings import services
from bookings.enums import Action, Actor
from calendars.hours_queries import other_days, week_of

BASE = "/t/north/portal/availability/"

PRAGUE = ZoneInfo("Europe/Prague")

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def prague(day, hour, minute=0):
    """An instant of November 2026 by Ana's clock."""
    return datetime(2026, 11, day, hour, minute, tzinfo=PRAGUE).astimezone(UTC)


class Scene:
    """Ana, whose hours they are, and Kim, who asks her."""

    def ask(self, start):
        with tenant_scope(self.tenant):
            return services.request_session(client=self.kim, service=self.service, starts=[start], now=self.now)

    def agree(self, start):
        booking = self.ask(start)
        with tenant_scope(self.tenant):
            services.perform(
                booking=booking,
                action=Action.ACCEPT,
                actor=Actor.PROVIDER,
                by=self.ana.member,
                start=start,
                now=self.now,
            )
        return booking

    def week(self):
        with tenant_scope(self.tenant):
            return [(row.day, row.opens, row.closes) for row in week_of(self.ana.calendar)]

    def days(self):
        with tenant_scope(self.tenant):
            return other_days(self.ana.calendar, date(2026, 11, 23))


def words(response):
    body = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body[body.index("<main") :])).split())


def typed(**days):
    """A week as the page sends it: monday=[("9am", "5pm")]."""
    data = {}
    for number, name in enumerate(WEEKDAYS):
        lines = days.get(name.lower(), [])
        data[f"opens-{number}"] = [first for first, _ in lines]
        data[f"closes-{number}"] = [last for _, last in lines]
    return data


def values(response, name):
    body = response.content.decode()
    fields = re.findall(r"<input[^>]*>", body)
    mine = [field for field in fields if f'name="{name}"' in field]
    return [found[1] for field in mine if (found := re.search(r'value="([^"]*)"', field))]
