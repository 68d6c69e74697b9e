"""Ana's client of before, the form she sends, what came of it (PG-39)."""

import pytest

from bookings.models import Booking

from ..conftest import iso, prague
from .making import WED


@pytest.fixture
def known(world):
    """Kim has asked Ana before: a client of hers."""
    return world.ask(prague(24, 10))


@pytest.fixture
def form(world, known):
    def form(*starts, **more):
        sent = {
            "client": str(world.kim.pk),
            "service": str(world.service.pk),
            "terms_of": str(world.service.pk),
            "minutes": "45",
            "price": "40",
            "time": [iso(start) for start in starts or (WED,)],
            "message": "Shall we look at your books?",
        }
        return {name: value for name, value in (sent | more).items() if value is not None}

    return form


@pytest.fixture
def made(world, known):
    def made() -> list[Booking]:
        with world.inside():
            return list(Booking.objects.exclude(pk=known.pk).select_related("client__user").order_by("created_at"))

    return made
