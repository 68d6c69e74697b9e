"""What is measured: each page as the requests that ask for it, with the answer it must give."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings

from accounts import queries as accounts
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from bookings.enums import ProposalState, Status
from bookings.models import Booking, ProposalTime
from calendars import queries as time_queries
from marketplace import queries as marketplace
from marketplace.models import Provider, Service
from tests.site import CSRF_TOKEN, session_of

ASKING_CLIENTS = 100
SAMPLE = 200
BOOKED_DAYS = 17  # in the first two weeks the copied sessions take clients' time too


@dataclass(frozen=True)
class Page:
    """One row of the table. `limit_ms` and `limit_rate` are the issue's; None where it sets none."""

    name: str
    status: int
    limit_ms: float | None
    limit_rate: float | None


BARE = Page("bare Django, one indexed query", 200, None, None)
SLOTS = Page("slots of one provider and day", 200, 4, 500)
PICKER = Page("time picker, a week", 200, None, None)
PROFILE = Page("profile page", 200, 20, 100)
DIRECTORY = Page("directory page", 200, 20, 100)
SEARCH = Page("directory page, with words", 200, 20, 100)
HOME = Page("home page", 200, None, None)
TODAY = Page("a provider's day", 200, None, None)
LIST = Page("a client's bookings", 200, None, None)
REQUEST = Page("sending a request", 303, 15, None)
ACCEPT = Page("accepting", 303, None, None)
READ = (SLOTS, PICKER, PROFILE, DIRECTORY, SEARCH, HOME, TODAY, LIST)


class Requests:
    """Writes the requests for one site and one size. The order is random but the same in every run."""

    def __init__(self, tenant: Tenant, port: int, now: datetime, used: set[tuple[UUID, datetime]]) -> None:
        # Whose time was given away at which start, at smaller sizes too.
        self.tenant, self.port, self.now, self.used = tenant, port, now, used
        self.random = random.Random(7)
        with tenant_scope(tenant):
            providers = list(Provider.objects.select_related("calendar", "member__user").order_by("slug"))
            self.providers = self.random.sample(providers, min(SAMPLE, len(providers)))
            ids = [provider.pk for provider in self.providers]
            self.services = {row.provider_id: row for row in Service.objects.filter(provider__in=ids, minutes=30)}
            clients = list(
                Membership.objects.filter(roles=["client"]).select_related("user").order_by("pk")[:ASKING_CLIENTS]
            )
            self.policy = accounts.current_policy().policy
        self.clients = [(member, session_of(member.user)) for member in clients]
        self.sessions = {provider.pk: session_of(provider.member.user) for provider in self.providers}

    def reading(self, page: Page) -> Iterator[bytes]:
        """Requests for a page that is read, without end."""
        while True:
            provider = self.random.choice(self.providers)
            service = self.services[provider.pk]
            day = (self.now + timedelta(days=self.random.randint(2, 20))).date()
            if page is SLOTS:
                query = urlencode({"service": service.pk, "day": day})
                yield self.get(f"experts/{provider.slug}/slots/?{query}")
            elif page is PICKER:
                query = urlencode({"service": service.pk, "from": day})
                yield self.get(f"experts/{provider.slug}/times/?{query}", more="HX-Request: true\r\n")
            elif page is PROFILE:
                yield self.get(f"experts/{provider.slug}/")
            elif page is DIRECTORY:
                yield self.get("experts/")
            elif page is SEARCH:
                yield self.get("experts/?q=negotiation")
            elif page is HOME:
                yield self.get("")
            elif page is LIST:
                yield self.get("bookings/", session=self.random.choice(self.clients)[1])
            else:
                yield self.get("portal/", session=self.sessions[provider.pk])

    def bare(self, port: int) -> Iterator[bytes]:
        """Requests for the control, at its own port, without end."""
        while True:
            provider = self.random.choice(self.providers)
            yield f"GET /{provider.member.user_id}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()

    def asking(self, count: int) -> list[bytes]:
        """So many requests for sessions, each for another free time and by the next client."""
        return [self._ask(number) for number in range(count)]

    def _ask(self, number: int) -> bytes:
        client, session = self.clients[number % len(self.clients)]
        provider, start = self._free_time(client)
        form = {
            "service": self.services[provider.pk].pk,
            "slot": start.strftime("%Y-%m-%dT%H:%MZ"),
            "notes": "What should we settle before January?",
            "request_key": f"{self.now.timestamp()}-{len(self.used)}",
        }
        return self.post(f"experts/{provider.slug}/request/", form, session)

    def _free_time(self, client: Membership) -> tuple[Provider, datetime]:
        """A free time that nobody was given before, and at which the client has nothing else: all will be accepted."""
        while True:
            provider = self.random.choice(self.providers)
            rules = marketplace.rules_of(self.services[provider.pk], self.policy)
            since = self.now + timedelta(days=BOOKED_DAYS + self.random.randint(0, 30))
            with tenant_scope(self.tenant):
                free = time_queries.bookable(
                    provider.calendar, rules, since=since, until=since + timedelta(days=3), now=self.now, hide_asked=True
                )  # fmt: skip
            starts = [slot.start for slot in free]
            left = [start for start in starts if not {(provider.pk, start), (client.pk, start)} & self.used]
            if left:
                start = self.random.choice(left)
                self.used |= {(provider.pk, start), (client.pk, start)}
                return provider, start

    def accepting(self, count: int) -> list[bytes]:
        """Accepts of requests that wait, each one once."""
        with tenant_scope(self.tenant):
            waiting = Booking.objects.filter(status=Status.PENDING, provider__in=[row.pk for row in self.providers])
            rows = list(waiting.order_by("pk").values_list("pk", "code", "provider")[:count])
            times = ProposalTime.objects.filter(
                proposal__booking__in=[pk for pk, _, _ in rows], proposal__state=ProposalState.OPEN
            )
            starts = dict(times.values_list("proposal__booking", "starts_at"))
        return [
            self.post(
                f"bookings/{code}/accept/",
                {"time": starts[pk].strftime("%Y-%m-%dT%H:%MZ"), "clash_accepted": "on"},
                self.sessions[provider],
            )
            for pk, code, provider in rows
        ]

    def get(self, path: str, *, session: str = "", more: str = "") -> bytes:
        """A GET as a browser writes it."""
        cookie = f"Cookie: {settings.SESSION_COOKIE_NAME}={session}\r\n" if session else ""
        return self._head("GET", path, cookie + more)

    def post(self, path: str, form: dict[str, object], session: str) -> bytes:
        """A POST of a form with its token."""
        body = urlencode({"csrfmiddlewaretoken": CSRF_TOKEN, **form})
        cookie = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF_TOKEN}"
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        head = self._head("POST", path, f"Cookie: {cookie}\r\n{kind}Content-Length: {len(body)}\r\n")
        return head + body.encode()

    def _head(self, method: str, path: str, more: str) -> bytes:
        return (
            f"{method} /t/{self.tenant.slug}/{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Accept-Encoding: gzip\r\nConnection: close\r\n{more}\r\n"
        ).encode()
