"""Mails as the apps above ask for them."""

from itertools import count

from accounts.tenancy import tenant_scope
from bookings.links import ACTIONS
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
        "former_name": "",
        "service_name": "Tax planning",
        "minutes": 30,
        "place": "Video",
        "price": 30,
        "notes": "",
        "reason": "",
        "message": "",
        "answer_by": "2026-11-23T14:00:00+00:00",
        **TUESDAY,
        "was_starts_at": "",
        "was_ends_at": "",
        "times": [TUESDAY],
        "join_url": "",
        "to": "client",
        "awaits": "provider",
        "action": "accept",
        "by": "provider",
        "by_name": "Ana Nowak",
        "own": False,
        "on_behalf_of": "",
        "status": "confirmed",
        "was_status": "pending",
        "absent": "",
        "cancel_asked": False,
        "contest_by": "2026-11-26T14:00:00+00:00",
        "kept": 0,
        "was_price": 30,
        "free_by": "",
        "moves": "proposal",
        "asks_to_cancel": False,
        "has_file": False,
        "credits_line": "",
        "hours_line": "",
        "missing": 0,
        "pay_by": "",
        "urls": {name: f"{ROOT}/bookings/NW-7K4Q/{name}/" for name in ACTIONS}
        | {"booking": f"{ROOT}/bookings/NW-7K4Q/", "provider": f"{ROOT}/experts/ana-nowak/"}
        | {"new_time": f"{ROOT}/portal/bookings/new/?client=1&service=1&again=NW-7K4Q"}
        | {"again": f"{ROOT}/experts/ana-nowak/?service=1&again=NW-7K4Q"}
        | {"credits": f"{ROOT}/credits/"}
        | {"staff": f"{ROOT}/admin/bookings/booking/1/change/"},
        **changes,
    }


def for_provider(**changes):
    """The same, read by Ana, who acted."""
    hers = {"to": "provider", "own": True, "other_name": "Kim Okafor", "other_zone": "America/Chicago"}
    return booking_context(**{**hers, **changes})


STOOD = {"was_starts_at": TUESDAY["starts_at"], "was_ends_at": TUESDAY["ends_at"]}
PROPOSED = {**STOOD, "times": [WEDNESDAY], "action": "suggest"}
MOVED = {**STOOD, **WEDNESDAY, "times": [WEDNESDAY], "has_file": True}
OVER = {**STOOD, "times": []}
# What has happened, by the first words of a kind; for kinds that are not here, Kim's request is on the table.
STORIES = {
    "booking_invited": {"action": "invite", "awaits": "client"},
    "booking_suggested": {"action": "suggest", "times": [WEDNESDAY]},
    "booking_revived": {"action": "suggest", "times": [WEDNESDAY], "awaits": "client"},
    "booking_answer_reminder": {"left": "3 hours"},
    "booking_waiting": {"status": "waiting", "missing": 20, "pay_by": "2026-11-23T14:00:00+00:00", "action": "request"},
    "booking_unpaid": {"status": "expired", "action": "expire", "by": "system", "by_name": ""},
    "booking_move_": PROPOSED,
    "booking_moved": MOVED,
    "booking_amended": {**MOVED, "action": "amend", "by": "staff", "by_name": "", "own": False},
    "booking_reassigned": {
        **OVER, "action": "reassign", "by": "staff", "by_name": "", "own": False, "former_name": "Ben Roth", "has_file": True,
    },
    "booking_repriced": {**OVER, "action": "change_price", "price": 20, "by": "staff", "by_name": "", "own": False},
    "booking_support_asked": {**PROPOSED, "action": "ask_support", "by": "client", "by_name": "Kim Okafor"},
    "booking_support_refused": {**OVER, "action": "refuse_support", "by": "staff", "by_name": "", "own": False},
    "booking_cancelled": {**OVER, "action": "cancel", "status": "cancelled", "has_file": True},
    "booking_cancel_asked": {**OVER, "action": "ask_to_cancel"},
    "booking_completed": {**OVER, "action": "complete", "status": "completed"},
    "booking_noshow": {**OVER, "action": "no_show", "status": "noshow"},
    "booking_undone": {**OVER, "action": "undo", "was_status": "noshow"},
    "booking_contested": {**OVER, "action": "contest", "status": "noshow"},
    "booking_decided": {**OVER, "action": "complete", "status": "completed", "by": "staff", "by_name": "", "own": False},
}  # fmt: skip
# Mails to who acted, and mails about what the reader did not answer.
OWN = ("booking_requested_client", "booking_confirmed_provider", "booking_cancel_asked_provider")


def context_of(kind, **changes):
    """What a mail of that kind tells when the other side did it, in the simplest case."""
    side = kind.rpartition("_")[2]
    actor = side if kind in OWN else {"client": "provider", "provider": "client"}.get(side, "client")
    names = {"client": "Kim Okafor", "provider": "Ana Nowak"}
    deed = {"to": side, "by": actor, "by_name": names[actor], "own": kind in OWN}
    story = next((story for start, story in STORIES.items() if kind.startswith(start)), {})
    make = for_provider if side in ("provider", "former") else booking_context
    return make(**{**deed, **story, **changes})


def mail(tenant, recipient, kind="booking_requested_client", context=None, **options):
    """A mail of that kind, noted and committed; returns its row with everything loaded."""
    options = {"reference": "booking:NW-7K4Q", "dedupe_key": f"key-{next(_number)}", "now": factories.NOW, **options}
    with tenant_scope(tenant):
        noted = notify(recipient=recipient, kind=kind, context=context or booking_context(), **options)
        return reload(noted)


def reload(email):
    """The row as it is now. Needs the tenant's scope."""
    return EmailMessage.objects.select_related("tenant", "recipient__user").get(pk=email.pk)
