"""The free times of one day as JSON, for scripts and for sites that show them themselves (docs/slots.md)."""

from datetime import date, timedelta
from http import HTTPStatus
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.queries import current_policy
from accounts.zones import canonical
from calendars.slots import Slot

from .. import queries
from ..models import Provider
from ..wishes import read_day

NOT_OFFERED = "No published page has this address, or it offers no such service."


class _Unclear(Exception):
    """What was asked can't be answered; says why, in a sentence for whoever wrote the script."""


@require_safe
def slots(request: HttpRequest, slug: str) -> JsonResponse:
    """`/experts/<slug>/slots/?service=&day=&zone=`: what the profile's picker offers on that day, no more and no less.

    Without `zone` the day is that of the provider's clock. 400 for a parameter that can't be read, 404 for the unpublished
    and for what they do not offer, each with a sentence under "error".
    """
    try:
        pk, day, zone = _service_id(request), _day(request), _zone(request)
    except _Unclear as unclear:
        return _answer({"error": str(unclear)}, HTTPStatus.BAD_REQUEST)
    try:
        provider = queries.get_provider(slug)
    except Provider.DoesNotExist:
        return _answer({"error": NOT_OFFERED}, HTTPStatus.NOT_FOUND)
    offer = queries.offer_of(provider, pk)
    if offer is None:
        return _answer({"error": NOT_OFFERED}, HTTPStatus.NOT_FOUND)
    zone = zone or ZoneInfo(provider.calendar.time_zone)
    free = queries.free_on(day, provider, offer, zone=zone, policy=current_policy().policy, now=timezone.now())
    shown = [_slot(slot, timedelta(minutes=offer.minutes), zone) for slot in free]
    return _answer({"day": day.isoformat(), "zone": zone.key, "slots": shown})


def _service_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.GET.get("service", ""))
    except ValueError:
        raise _Unclear("Say which service: service= and its id, as the profile's address has it.") from None


def _day(request: HttpRequest) -> date:
    day = read_day(request.GET.get("day", ""))
    if day is None:
        raise _Unclear("Say which day, like day=2026-11-24.")
    return day


def _zone(request: HttpRequest) -> ZoneInfo | None:
    asked = request.GET.get("zone", "")
    name = canonical(asked)
    if asked and name is None:
        raise _Unclear("Write the time zone like zone=Europe/Berlin, or leave it out for the provider's own.")
    return ZoneInfo(name) if name else None


def _slot(slot: Slot, length: timedelta, zone: ZoneInfo) -> dict[str, str | bool]:
    # Added in UTC: on the day the clocks change, wall-clock arithmetic would be an hour off.
    start, end = (moment.astimezone(zone) for moment in (slot.start, slot.start + length))
    words: dict[str, str | bool] = {
        "start": start.isoformat(timespec="minutes"),
        "end": end.isoformat(timespec="minutes"),
    }
    return {**words, "asked": True} if slot.asked else words


def _answer(content: dict[str, object], status: int = HTTPStatus.OK) -> JsonResponse:
    return JsonResponse(content, status=status, headers={"Cache-Control": "no-store"})
