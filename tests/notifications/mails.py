"""Mails as the apps above ask for them."""

from itertools import count

from accounts.tenancy import tenant_scope
from notifications.models import EmailMessage
from notifications.services import notify
from tests import factories

_number = count(1)
ROOT = "http://localhost:8000/t/north"
TUESDAY = {"starts_at": "2026-11-24T14:00:00+00:00", "ends_at": "2026-11-24T14:30:00+00:00"}
WEDNESDAY = {"starts_at": "2026-11-25T14:00:00+00:00", "ends_at": "2026-11-25T14:30:00+00:00"}
THURSDAY = {"starts_at": "2026-11-26T16:00:00+00:00", "ends_at": "2026-11-26T16:30:00+00:00"}
INVITE = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Tax\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def booking_context(**changes):
    """What bookings tells of Kim in Chicago who asks Ana in Prague; the reader is Kim."""
    return {
        "code": "NW-7K4Q",
        "provider_name": "Ana Nowak",
        "client_name": "Kim Okafor",
        "other_name": "Ana Nowak",
        "other_zone": "Europe/Prague",
        "service_name": "Tax planning",
        "minutes": 30,
        "place": "Video",
        "price": 30,
        "notes": "",
        "reason": "",
        "message": "",
        "answer_by": "2026-11-23T14:00:00+00:00",
        **TUESDAY,
        "times": [TUESDAY],
        "join_url": "",
        "urls": {
            name: f"{ROOT}/bookings/NW-7K4Q/{path}"
            for name, path in {
                "booking": "",
                "accept": "accept/",
                "decline": "decline/",
                "withdraw": "withdraw/",
            }.items()
        }
        | {"again": f"{ROOT}/experts/ana-nowak/", "ics": f"{ROOT}/bookings/NW-7K4Q.ics"},
        **changes,
    }


def for_provider(**changes):
    """The same, read by Ana."""
    return booking_context(**{"other_name": "Kim Okafor", "other_zone": "America/Chicago", **changes})


def mail(tenant, recipient, kind="booking_requested_client", context=None, **options):
    """A mail of that kind, noted and committed; returns its row with everything loaded."""
    options = {"reference": "booking:NW-7K4Q", "dedupe_key": f"key-{next(_number)}", "now": factories.NOW, **options}
    with tenant_scope(tenant):
        noted = notify(recipient=recipient, kind=kind, context=context or booking_context(), **options)
        return reload(noted)


def reload(email):
    """The row as it is now. Needs the tenant's scope."""
    return EmailMessage.objects.select_related("tenant", "recipient__user").get(pk=email.pk)
