"""People with browsers of their own, the development mailbox, and the records that both must agree with."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from bookings.models import Booking
from tests.site import session_of

from . import scenes
from .mailbox import Mailbox
from .person import WAIT_MILLISECONDS, Person

# A refusal with its reason is an answer like any other, and a choice that a newer one overtakes is given up: both get noted.
NO_COMPLAINT = re.compile(r"Failed to load resource: .* status of (409|422)|^htmx:(afterRequest|sendAbort), ")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them need a browser."""
    for item in items:
        if "tests/journeys/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def person(browser, demo_site) -> Iterator[Callable[..., Person]]:
    """`person("Oleg Bondar", "Europe/Kyiv")`: somebody with a device of their own. What a browser complains of fails."""
    expect.set_options(timeout=WAIT_MILLISECONDS)
    contexts, complaints = [], []

    def sit_down(name: str, zone: str, *, scripted: bool = True) -> Person:
        view = {"width": 1280, "height": 900}
        context = browser.new_context(timezone_id=zone, viewport=view, java_script_enabled=scripted)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "response", lambda answer: complaints.append(f"{answer.status} {answer.url}") if answer.status >= 500 else 0
        )
        return Person(page, demo_site.url, name, zone, scripted)

    yield sit_down
    for context in contexts:
        context.close()
    assert not "\n".join(line for line in complaints if not NO_COMPLAINT.search(line))


@pytest.fixture
def mailbox(person, demo_site, django_db_blocker) -> Mailbox:
    """The development mailbox in a window of its own, where nobody is signed in."""
    return Mailbox(person("Somebody with the mails", "Europe/London").page, demo_site, django_db_blocker)


@pytest.fixture
def reading(demo_site, django_db_blocker) -> Callable[[str], AbstractContextManager[None]]:
    """`with reading("consult"):` looks into that marketplace's rows."""

    @contextmanager
    def inside(slug: str) -> Iterator[None]:
        with django_db_blocker.unblock(), demo_site.data(), tenant_scope(Tenant.objects.get(slug=slug)):
            yield

    return inside


@pytest.fixture
def record(reading) -> Callable[[str, str], Booking]:
    """`record("consult", "BW-7K4Q")`: the booking as the database holds it."""

    def find(slug: str, code: str) -> Booking:
        with reading(slug):
            return Booking.objects.get(code=code)

    return find


@pytest.fixture
def member(person, reading, demo_site) -> Callable[[str, str], Person]:
    """`member("talks", "Zofia Lis")`: somebody of that marketplace at their device, signed in already."""

    def sit_down(slug: str, name: str) -> Person:
        with reading(slug):
            user = Membership.objects.select_related("user").get(name=name).user
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": demo_site.url}
        somebody = person(name, user.time_zone)
        somebody.page.context.add_cookies([cookie])
        return somebody

    return sit_down


@pytest.fixture
def agreed(reading) -> Callable[..., str]:
    """`agreed("mentors", "Kim Okafor", "Yuki Morita", "Mentoring", hours=30)`: a booking agreed on just now, so far ahead."""

    def make(slug: str, client: str, provider: str, service: str, *, hours: float) -> str:
        with reading(slug):
            ahead = timedelta(hours=hours)
            return scenes.agree(client, provider, service, ahead=ahead, now=datetime.now(UTC)).code

    return make


@pytest.fixture
def sample(reading) -> Callable[[str, str], str]:
    """`sample("mentors", "Is my laptop")`: the reference of the sample booking whose notes begin so."""

    def find(slug: str, notes: str) -> str:
        with reading(slug):
            return Booking.objects.get(notes__startswith=notes).code

    return find
