"""The database itself holds whose service a booking is of (T34, B10): nothing else may move one without the other."""

import pytest
from django.db import IntegrityError, transaction

from bookings.models import Booking
from tests import factories


@pytest.mark.parametrize("column", ["provider", "service"])
def test_a_booking_is_of_a_service_of_its_provider(ask, at, column):
    booking = ask(at(26, 10))
    other = {"provider": factories.provider("Ben Roth")}
    other["service"] = factories.service(other["provider"])
    row = Booking.objects.filter(pk=booking.pk)

    with pytest.raises(IntegrityError, match="booking_service_is_its_providers"), transaction.atomic():
        row.update(**{column: other[column]})

    row.update(**other)
    booking.refresh_from_db()
    assert (booking.provider, booking.service) == (other["provider"], other["service"])
