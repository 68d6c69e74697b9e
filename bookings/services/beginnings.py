"""Bookings that do not begin with a client's request: invited, booked by the organiser, booked at once (T7b, T12, D16)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import queries as accounts
from accounts.compiled import CompiledQuery
from accounts.enums import Role
from accounts.models import Membership, PolicyVersion
from accounts.services import join
from calendars import services as calendars
from calendars.services import TimeTaken
from marketplace import queries as marketplace
from marketplace.models import Service

from .. import codes, workflow
from ..context import Reader, Refusal, TimeOnTable
from ..enums import Action, Actor, Status
from ..models import Booking
from .facts import facts_about
from .transitions import JUST_TAKEN, Refused, carry_out, with_credits


def begin(
    *,
    action: Action,
    actor: Actor,
    client: Membership,
    service: Service,
    offer: Sequence[TimeOnTable],
    now: datetime,
    notes: str = "",
    request_key: str = "",
    reader: Reader | None = None,
    earlier: Booking | None = None,
    **details: Any,
) -> Booking:
    """Make a booking by `action` BOOK or INVITE, as the service's provider or the client (times are UTC, prices whole credits).

    The same `request_key` of the same client makes one booking, however often it is sent. Raises Refused when it is not
    allowed; then nothing has changed. Locks the calendars of both, by id.
    """
    try:
        with transaction.atomic():
            held = calendars.lock(_calendars_of(service, client))
            code, alike = free_code(client, service, request_key)
            if made_before := by_key(alike, request_key):
                return made_before
            by = service.provider.member if actor == Actor.PROVIDER else client
            version = accounts.current_policy()
            booking = new_booking(
                client, service, code, version, now=now, notes=notes, request_key=request_key, earlier=earlier
            )
            if refusal := _refusal(client, service, actor):
                raise Refused(refusal)
            context = facts_about(
                booking, action=action, actor=actor, now=now, by=by, reader=reader, offer=offer, **details
            )
            context = with_credits(context, booking)
            if refusal := workflow.check(context):
                raise Refused(refusal)
            if Role.CLIENT not in client.roles:
                join(user=client.user, roles=[Role.CLIENT])
            return carry_out(booking, context, by, held)
    except TimeTaken as taken:
        raise Refused(JUST_TAKEN) from taken
    except IntegrityError:
        # Two presses of one button at the same instant: the other one has made it.
        if made_meanwhile := already_made(client, request_key):
            return made_meanwhile
        raise


def new_booking(
    client: Membership,
    service: Service,
    code: str,
    version: PolicyVersion,
    *,
    now: datetime,
    notes: str,
    request_key: str,
    earlier: Booking | None = None,
) -> Booking:
    """A booking that is not saved yet."""
    return Booking(
        tenant=client.tenant,
        code=code,
        provider=service.provider,
        client=client,
        service=service,
        policy_version=version,
        minutes=service.minutes,
        price=service.price,
        notes=notes,
        request_key=request_key,
        earlier=earlier,
        created_at=now,
    )


def already_made(client: Membership, request_key: str) -> Booking | None:
    """The booking that the same form made before (CK-16)."""
    return Booking.objects.filter(client=client, request_key=request_key).first() if request_key else None


def by_key(alike: Sequence[Booking], request_key: str) -> Booking | None:
    """The one among them that the same form made before."""
    return next((row for row in alike if request_key and row.request_key == request_key), None)


def _refusal(client: Membership, service: Service, actor: Actor) -> Refusal | None:
    provider, words = service.provider, client.tenant.words
    if provider.member_id == client.pk:
        return Refusal("own", f"You can't book {words.a_session} with yourself. Choose somebody else.")
    # Who offers it may still arrange it with somebody when it is not on the list any more.
    if actor == Actor.CLIENT and not (provider.is_published and service.is_active):
        return Refusal("closed", f"{provider.name} does not offer this any more. Choose something else.")
    return paused(service)


def paused(service: Service) -> Refusal | None:
    """A topic that is paused for its provider takes nothing new; what is agreed goes on (S1.16, S1.22). One query."""
    return is_paused(service) if marketplace.is_paused(service) else None


def is_paused(service: Service) -> Refusal:
    """Why a service of a paused topic can't be asked for, and what instead."""
    sentence = f"{service.provider.name} takes no new requests for {service.name} at the moment."
    return Refusal("paused", f"{sentence} Choose something else, or ask somebody else.", is_conflict=True)


def _calendars_of(service: Service, client: Membership) -> list:
    own = calendars.open_calendar(member=client, time_zone=client.user.time_zone or client.tenant.time_zone)
    return [service.provider.calendar, own]


_alike = CompiledQuery(
    lambda client, provider, key, code: Booking.objects.filter(
        Q(client_id=client, request_key=key)
        | Q(client_id=client, provider_id=provider, status=Status.PENDING)
        | Q(code=code)
    ),
    UUID,
    UUID,
    str,
    str,
)


def free_code(client: Membership, service: Service, request_key: str) -> tuple[str, list[Booking]]:
    """A code that nobody has, and in the same statement what the client may have asked already: by key, or still open."""
    while True:
        code = codes.new_code(client.tenant.code_prefix)
        # No request is known by a key that looks like a code: without one of its own, this finds nothing more.
        found = _alike(client.pk, service.provider.pk, request_key or code, code)
        if all(row.code != code for row in found):
            return code, found
