"""Windows of all roles on the sample marketplaces, and real rows for the addresses that need one."""

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from bookings.models import Booking, LateChange
from config.admin import site as admin
from credits import services as credits
from credits.models import Purchase
from credits.payments import provider_of
from marketplace.models import Service
from notifications.models import MailboxMessage
from tests.credits.buying import begin, bought
from tests.site import session_of

from .looking import Looker

SLUG = "mentors"
# Who stands for each role of the sample marketplace. A guest is nobody.
PEOPLE = {"guest": "", "client": "Kim Okafor", "provider": "Ana Nowak", "staff": "Sam Doyle", "owner": "Priya Raman"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them need a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def facts(demo_site, django_db_blocker) -> dict[str, str]:
    """What stands for the names in an address: a booking in each state, a service, a mail, the first row of each model."""
    with django_db_blocker.unblock(), demo_site.data(), tenant_scope(Tenant.objects.get(slug=SLUG)):
        mine = Booking.objects.filter(client__name=PEOPLE["client"]).order_by("pk")
        found = {booking.status: booking.code for booking in mine}
        asked = Booking.objects.filter(provider__name=PEOPLE["provider"], status="pending").order_by("pk")
        service = Service.objects.filter(provider__name=PEOPLE["provider"]).order_by("position")[0]
        mail = MailboxMessage.objects.filter(subject__startswith="Confirmed").order_by("-pk")[0]
        found |= {"to_answer": asked[0].code, "service": str(service.pk), "mail": str(mail.pk)}
        late = LateChange.objects.filter(provider__name=PEOPLE["provider"]).order_by("pk")[0]
        found["late_change"] = str(late.pk)
        by_status = Booking.objects.filter(status__in=("pending", "confirmed", "cancelled")).order_by("-pk")
        found |= {f"{booking.status}_id": str(booking.pk) for booking in by_status}
        others = Booking.objects.exclude(client__name=PEOPLE["client"]).exclude(provider__name=PEOPLE["client"])
        found["foreign"] = others.order_by("pk")[0].code
        found |= _bought(Membership.objects.get(name=PEOPLE["client"]), Membership.objects.get(name=PEOPLE["staff"]))
        for model in admin._registry:
            row = model.objects.order_by("pk").values_list("pk", flat=True).first()
            found[model._meta.label_lower] = "" if row is None else str(row)
    return found


def _bought(client: Membership, staff: Membership) -> dict[str, str]:
    """A receipt with a part that is on its way back, and a purchase that waits to be paid."""
    now = timezone.now()
    paid = bought(client, now, 50, "browser-1")
    credits.ask_refund(purchase=paid, credits=5, reason="Too many", by=staff, request_key="browser-1", now=now)
    unpaid = begin(client, now, 50, "browser-2")
    checkout = provider_of(client.tenant, "test").start(credits.purchases._order(unpaid, client.tenant))
    Purchase.objects.filter(pk=unpaid.pk).update(checkout=checkout.reference, checkout_url=checkout.url)
    return {"receipt": paid.code, "unpaid": unpaid.code, "token": checkout.url.split("/")[-2]}


@pytest.fixture(scope="session")
def looker(browser, demo_site, django_db_blocker) -> Iterator[Callable[[str], Looker]]:
    """`looker("provider")`: the window of that role, signed in by the cookie of a session."""
    windows: dict[str, Looker] = {}

    def of(role: str) -> Looker:
        if role not in windows:
            context = browser.new_context(timezone_id="Europe/Prague", reduced_motion="reduce")
            if PEOPLE[role]:
                context.add_cookies([_signed_in(PEOPLE[role])])
            windows[role] = Looker(context, demo_site.url)
        return windows[role]

    def _signed_in(name: str) -> dict:
        with django_db_blocker.unblock(), demo_site.data(), tenant_scope(Tenant.objects.get(slug=SLUG)):
            user = Membership.objects.select_related("user").get(name=name).user
            return {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": demo_site.url}

    yield of
    for window in windows.values():
        window.context.close()


def admin_models() -> list[str]:
    """The labels of everything that staff look after: "bookings.booking"."""
    return sorted(model._meta.label_lower for model in apps.get_models() if model in admin._registry)
