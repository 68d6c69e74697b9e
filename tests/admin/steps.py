"""What tests of staff's steps do and look up: the forms as their pages send them."""

from datetime import timedelta

from accounts.models import StaffAction
from accounts.tenancy import tenant_scope
from bookings.context import TimeOnTable
from bookings.models import Booking, BookingEvent
from notifications.models import EmailMessage

from .conftest import NOW

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
