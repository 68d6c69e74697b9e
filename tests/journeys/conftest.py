"""People with browsers of their own, the development mailbox, and the records that both must agree with."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from accounts.models import Tenant
from accounts.tenancy import tenant_scope
from bookings.models import Booking

from .mailbox import Mailbox
from .person import WAIT_MILLISECONDS, Person

REFUSED = re.compile(r"Failed to load resource: .* status of (409|422)")
Records = Callable[[str, str], Booking]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys need a browser; one process walks them all, so that there is one site and one browser."""
    for item in items:
        if "tests/journeys/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("demo"))


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
    # A refusal with its reason is an answer like any other, but Chromium notes it.
    assert [line for line in complaints if not REFUSED.search(line)] == []


@pytest.fixture
def mailbox(person, demo_site) -> Mailbox:
    """The development mailbox in a window of its own, where nobody is signed in."""
    return Mailbox(person("Somebody with the mails", "Europe/London").page, demo_site.url)


@pytest.fixture
def record(demo_site, django_db_blocker) -> Records:
    """`record("consult", "BW-7K4Q")`: the booking as the database holds it."""

    @contextmanager
    def reading(slug: str) -> Iterator[None]:
        with django_db_blocker.unblock(), demo_site.data(), tenant_scope(Tenant.objects.get(slug=slug)):
            yield

    def find(slug: str, code: str) -> Booking:
        with reading(slug):
            return Booking.objects.select_related("client__user", "provider__member__user").get(code=code)

    return find
