"""How every page of a booking begins: who looks, and whether there is anything for them to see."""

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils import timezone

from accounts.enums import HourCycle
from accounts.zones import viewer_zone

from .. import queries
from ..context import Reader
from ..models import Booking
from ..pages.parts import Viewer


def reader_of(request: HttpRequest) -> Reader:
    """In whose zone and clock the page speaks; guests have one too (R-TZ-2)."""
    clock = request.user.hour_cycle if request.user.is_authenticated else HourCycle.TWELVE
    return Reader(viewer_zone(request).key, clock)


def viewer_of(request: HttpRequest) -> Viewer:
    """The member who looks. Raises Http404 for people who are no member here: they see what strangers see (T2)."""
    if request.membership is None:
        raise Http404
    request.membership.tenant = request.tenant
    return Viewer(request.membership, reader_of(request), timezone.now())


def booking_of(request: HttpRequest, code: str) -> Booking:
    """The booking of the address. Raises Http404 for everybody but its parties and staff."""
    try:
        return queries.get_booking_for(request.membership, code)
    except Booking.DoesNotExist:
        raise Http404 from None


def see_other(url: str) -> HttpResponseRedirect:
    """303: what was sent is done, look there (R-HX-3)."""
    return HttpResponseRedirect(url, status=303)
