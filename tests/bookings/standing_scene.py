"""Late changes with one call each: bookings of Kim with Ana that Ana cancels or moves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import services as accounts
from accounts.presets import MENTORS
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor
from bookings.services import Refused, standing
from notifications.models import EmailMessage
from tests import factories

REASON = {"reason_code": "ill", "reason_text": "", "message": "Sorry."}


def adopt(**changes):
    """The rules of the mentors' preset with changes: late is less than 48 hours before the start."""
    return accounts.adopt_policy(policy=replace(MENTORS.policy, logistics="manual", **changes))


def agree(service, client, start, *, asked):
    """A booking that is agreed for `start`; everything happened at `asked` (both UTC)."""
    booking = services.request_session(client=client, service=service, starts=[start], now=asked)
    return services.perform(
        booking=booking, action=Action.ACCEPT, actor=Actor.PROVIDER, by=service.provider.member, now=asked, start=start
    )


def cancel(booking, now, **details):
    """Ana cancels at `now` (UTC)."""
    details = {**REASON, "consequences_accepted": True, **details}
    who = {"actor": Actor.PROVIDER, "by": booking.provider.member}
    return services.perform(booking=booking, action=Action.CANCEL, now=now, **{**who, **details})


def move(booking, now, start):
    """Ana asks at `now` (UTC) to have it at `start` instead."""
    offer = [TimeOnTable(start, booking.minutes, booking.price)]
    who = {"actor": Actor.PROVIDER, "by": booking.provider.member}
    return services.perform(booking=booking, action=Action.SUGGEST, now=now, offer=offer, **who)


def cancelled_late(service, client, number, *, first):
    """So many sessions, a week apart from `first` (UTC) on, each cancelled 24 hours before its start."""
    made = []
    for week in range(number):
        start = first + timedelta(weeks=week)
        booking = agree(service, client, start, asked=start - timedelta(days=6))
        made.append(cancel(booking, start - timedelta(hours=24)))
    return made


def staff(name="Sam Staff"):
    """Somebody of the staff."""
    return factories.member(name, roles=(factories.Role.STAFF,), zone="Europe/Dublin")


def mails(kind):
    return EmailMessage.objects.filter(kind=kind).order_by("created_at", "id")


def refused(**call):
    with pytest.raises(Refused) as caught:
        call.pop("do")(**call)
    return caught.value.refusal


def explain(scene, change, now, **more):
    values = {"reason_code": "illness", "text": "I was in hospital.", "by": scene.ana.member, **more}
    return standing.explain(late_change=change, now=now, **values)
