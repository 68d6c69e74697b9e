"""What tests of staff's steps do and look up: the forms as their pages send them."""

from dataclasses import replace
from datetime import timedelta

from accounts.models import StaffAction
from accounts.presets import PRESETS
from accounts.services import adopt_policy
from accounts.tenancy import tenant_scope
from bookings.context import TimeOnTable
from bookings.models import Booking, BookingEvent
from credits import queries
from notifications.models import EmailMessage
from tests import factories

from .conftest import NOW, ask

BASE = "/t/north/admin/bookings/booking/"


START = NOW.replace(hour=9, minute=0) + timedelta(days=3)


SENT = {"sent_at": NOW, "state": "sent"}


def page(booking, step):
    return f"{BASE}{booking.pk}/{step}/"


def fresh(world, booking):
    with tenant_scope(world.tenant):
        return Booking.objects.get(pk=booking.pk)


def events(world, booking):
    with tenant_scope(world.tenant):
        return [event.name for event in BookingEvent.objects.filter(booking=booking).order_by("sequence")]


def mails(world, booking):
    with tenant_scope(world.tenant):
        return sorted(EmailMessage.objects.filter(reference=booking.reference).values_list("kind", flat=True))


def log(world):
    with tenant_scope(world.tenant):
        return StaffAction.objects.filter(object_type="bookings.booking").order_by("-at", "-id").first()


def form_of(visitor, booking, step, **said):
    """What the page's form would send: what it shows, and what is said on top."""
    shown = visitor.get(page(booking, step)).context["form"]
    values = {name: shown.get_initial_for_field(field, name) for name, field in shown.fields.items()}
    return {name: value for name, value in (values | said).items() if value not in (None, "")}


def preview(visitor, booking, step, **said):
    form = form_of(visitor, booking, step, **said)
    return visitor.post(page(booking, step), {**form, "preview": "Preview"}), form


def apply(visitor, booking, step, **said):
    shown, form = preview(visitor, booking, step, **said)
    assert shown.status_code == 200, shown.context["form"].errors
    return visitor.post(page(booking, step), {**form, "previewed": shown.context["preview"].digest, "apply": "Apply"})


def links(visitor, booking):
    answer = visitor.get(f"{BASE}{booking.pk}/change/")
    return [label for _, label in answer.context["links"]]


def when(**later):
    return TimeOnTable(START + timedelta(**later), 30)


def agree_for_credits(mine, accept, **rules):
    """Agreed for 30 credits with somebody who has 40; people arrange the rest themselves, and staff decide about 20 alone."""
    with tenant_scope(mine.tenant):
        usual = replace(PRESETS["mentors"].policy, logistics="manual", adjust_alone_limit=20)
        adopt_policy(policy=replace(usual, **rules))
        mine.client = factories.member("Lena Hartmann", credits=40)
        mine.service = factories.service(mine.provider, "Priced", price=30)
        return accept(ask(mine, NOW, days=4))


def credits_of(mine):
    """What the client can use, what is held, what the provider has earned."""
    with tenant_scope(mine.tenant):
        client, provider = queries.balances(mine.client), queries.balances(mine.provider.member)
        return client.available, client.held, provider.earned


def refused_at(visitor, booking, step, **typed):
    """What is said at the fields of what was typed, with the reason kept."""
    form = form_of(visitor, booking, step, reason_text="She rang")
    answer = visitor.post(page(booking, step), {**form, **typed, "preview": "Preview"})
    assert answer.status_code == 422
    assert "She rang" in answer.text
    return answer.context["form"].errors
