"""How tests make a booking as a provider (PG-39)."""

from dataclasses import replace

from accounts.queries import current_policy
from accounts.services import adopt_policy

from ..conftest import prague

PATH = "/portal/bookings/new/"

WED = prague(25, 15)


def provider_made(world, way):
    with world.inside():
        adopt_policy(policy=replace(current_policy().policy, provider_made=way))


def ana(world):
    return world.ana.member
