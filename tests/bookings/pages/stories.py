"""How a booking of Kim and Ana on Tue 24 Nov, 3pm in Prague comes into each state. It begins on Mon 23 Nov, 9:14am there."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor
from bookings.models import Booking
from credits import services as credits

from .conftest import World, prague

START = prague(24, 15)
CLIENT, PROVIDER = Actor.CLIENT, Actor.PROVIDER


def offer(*starts: datetime) -> list[TimeOnTable]:
    """Times of 30 minutes for 30 credits."""
    return [TimeOnTable(start, 30, 30) for start in starts]


class Stories:
    """Each method makes a booking by real actions; `later` moves the clock on."""

    def __init__(self, world: World, later: Callable[..., None]) -> None:
        self.world, self.later = world, later

    def do(self, booking: Booking, action: Action, actor: Actor, **details) -> Booking:
        """Do something at the moment that the clock shows, as one of the two."""
        with self.world.inside():
            by = booking.client if actor == CLIENT else booking.provider.member
            return services.perform(booking=booking, action=action, actor=actor, by=by, now=timezone.now(), **details)

    def requested(self) -> Booking:
        return self.world.ask(START, notes="Sole trader?")

    def suggested(self) -> Booking:
        return self.do(self.requested(), Action.SUGGEST, PROVIDER, offer=offer(prague(25, 15), prague(26, 15)))

    def invited(self) -> Booking:
        with self.world.inside():
            return services.begin(
                action=Action.INVITE,
                actor=PROVIDER,
                client=self.world.kim,
                service=self.world.service,
                offer=offer(START),
                now=self.world.now,
            )

    def setting_up(self) -> Booking:
        return self.do(self.requested(), Action.ACCEPT, PROVIDER, start=START)

    def confirmed(self) -> Booking:
        return self.world.confirm(self.requested())

    def moved_by_ana(self) -> Booking:
        return self.do(self.confirmed(), Action.SUGGEST, PROVIDER, offer=offer(prague(25, 15)))

    def moved_by_kim(self) -> Booking:
        return self.do(self.confirmed(), Action.SUGGEST, CLIENT, offer=offer(prague(25, 15)))

    def after(self, minutes: int) -> Booking:
        """Agreed, and so many minutes after its start."""
        booking = self.confirmed()
        self.later(seconds=(START + timedelta(minutes=minutes) - self.world.now).total_seconds())
        return booking

    def begun(self) -> Booking:
        return self.after(2)

    def ten_minutes_in(self) -> Booking:
        return self.after(10)

    def ended(self) -> Booking:
        return self.after(30)

    def completed(self) -> Booking:
        return self.do(self.do(self.after(40), Action.COMPLETE, PROVIDER), Action.COMPLETE, CLIENT)

    def kim_did_not_come(self) -> Booking:
        return self.do(self.after(40), Action.NO_SHOW, PROVIDER)

    def ana_did_not_come(self) -> Booking:
        return self.do(self.after(40), Action.NO_SHOW, CLIENT)

    def declined(self) -> Booking:
        return self.do(self.requested(), Action.DECLINE, PROVIDER, reason_code="time")

    def cancelled(self) -> Booking:
        return self.do(self.requested(), Action.WITHDRAW, CLIENT)

    def expired(self) -> Booking:
        booking = self.requested()
        self.later(days=1, hours=6)
        services.expire_overdue(tenant=self.world.tenant, now=timezone.now())
        return booking

    def waiting(self) -> Booking:
        """All but ten of Kim's credits are held for something else."""
        with self.world.inside():
            credits.hold(member=self.world.kim, amount=990, reference="block:1", key="1", now=self.world.now)
        return self.requested()
