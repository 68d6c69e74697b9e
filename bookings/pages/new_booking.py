"""A booking that the provider makes: an invitation, or booked at once, as the marketplace has it (PG-39, D16)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from accounts import formatting
from accounts.models import Membership, PolicyVersion, Tenant, User
from accounts.policies import Policy
from accounts.ruler import Ruler, two_clocks
from marketplace.models import Provider, Service

from .. import services
from ..client_queries import clients_of
from ..context import Context, Refusal
from ..enums import Action, Actor
from ..forms.new_booking import NEW
from ..models import Booking
from ..services.beginnings import new_booking
from . import picking, suggesting
from .parts import Viewer, other_zone, price_in_words
from .picking import Pick, Picker
from .suggesting import FILLED, Judged, SoFar

RECENT_CLIENTS, FOUND_CLIENTS = 5, 10


@dataclass(frozen=True)
class Desk:
    """Who books, what they offer, by which rules. `action` is INVITE or BOOK; None where clients ask themselves."""

    provider: Provider
    services: Sequence[Service]
    version: PolicyVersion
    viewer: Viewer
    action: Action | None

    @property
    def policy(self) -> Policy:
        """The rules of the marketplace."""
        return self.version.policy

    @property
    def tenant(self) -> Tenant:
        """The marketplace."""
        return self.provider.tenant


@dataclass(frozen=True)
class Draft:
    """What the form says so far. `client` is one of the own clients; `is_new`: somebody else, by address, called `name`."""

    client: Membership | None
    is_new: bool
    name: str
    find: str
    service: Service
    times: suggesting.Draft
    again: Booking | None = None


@dataclass(frozen=True)
class Choice:
    """A radio button."""

    id: str
    value: str
    label: str
    sub: str
    price: str
    checked: bool


@dataclass(frozen=True)
class NewBookingPage:
    """Everything of PG-39."""

    title: str
    lead: str
    clients: list[Choice]
    clients_title: str
    is_found: bool
    is_new: bool
    services: list[Choice]
    kind: str
    has_price: bool
    ruler: Ruler | None
    client_name: str
    zone_note: str
    picker: Picker
    so_far: SoFar
    button: str
    busy: str
    icon: str
    action: str
    back: str


def action_of(policy: Policy) -> Action | None:
    """How providers of this marketplace make bookings; None where they don't (D16)."""
    return {"needs_client": Action.INVITE, "confirmed": Action.BOOK}.get(policy.provider_made)


def booking_of(desk: Desk, draft: Draft) -> Booking:
    """The booking as it would be, not saved; somebody who is no member yet lives where the marketplace is."""
    name = draft.name if draft.is_new and draft.name else f"the {desk.tenant.words.client}"
    client = draft.client or Membership(tenant=desk.tenant, user=User(), name=name)
    client.tenant = desk.tenant
    booking = new_booking(client, draft.service, "", desk.version, now=desk.viewer.now, notes="", request_key="")
    booking.minutes, booking.price = draft.times.minutes, draft.times.price
    return booking


def page_of(desk: Desk, draft: Draft, *, refusal: Refusal | None = None) -> NewBookingPage:
    """The page as the draft stands; `refusal` is why it was not sent."""
    booking, viewer, words = booking_of(desk, draft), desk.viewer, desk.tenant.words
    judged, context = _judged(desk, draft, booking)
    is_booked = desk.action == Action.BOOK
    found = clients_of(desk.provider, draft.find, most=FOUND_CLIENTS if draft.find else RECENT_CLIENTS)
    zone = other_zone(booking, Actor.PROVIDER)
    return NewBookingPage(
        title=f"New {words.session}" if is_booked else f"Invite to {words.a_session}",
        lead=_lead(desk),
        clients=_clients(found, draft),
        clients_title=f"Found for “{draft.find}”" if draft.find else f"Your latest {words.clients}",
        is_found=bool(found) or not draft.find,
        is_new=draft.is_new or not found,
        services=_services(desk, draft),
        kind=words.kind,
        has_price=desk.policy.price_unit != "none",
        ruler=two_clocks(viewer.now, viewer.reader.zone, zone, viewer.reader.hour_cycle) if draft.client else None,
        client_name=booking.client.name,
        zone_note=f"Times are shown in {formatting.city_name(viewer.reader.zone)} time.",
        picker=picking.picker(booking, viewer, _pick(draft, judged, viewer, is_single=is_booked)),
        so_far=_sentences(suggesting.summary_of(booking, viewer, context, judged, refusal)),
        button=f"Book this {words.session}" if is_booked else "Send invitation",
        busy="Booking…" if is_booked else "Sending…",
        icon="calendar-check" if is_booked else "send",
        action=reverse("new_booking"),
        back=reverse("booking", args=[draft.again.code]) if draft.again else reverse("today"),
    )


def so_far(desk: Desk, draft: Draft) -> SoFar:
    """The summary alone, while somebody chooses."""
    booking = booking_of(desk, draft)
    judged, context = _judged(desk, draft, booking)
    return _sentences(suggesting.summary_of(booking, desk.viewer, context, judged, None))


def _sentences(summary: SoFar) -> SoFar:
    """The summary with capitals where "the client" stands for a name that nobody has given yet."""
    effects = [replace(line, text=_capital(line.text)) for line in summary.effects]
    return replace(summary, answer=_capital(summary.answer), problem=_capital(summary.problem), effects=effects)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _judged(desk: Desk, draft: Draft, booking: Booking) -> tuple[list[Judged], Context]:
    context = services.facts_about(
        booking,
        action=desk.action or Action.INVITE,
        actor=Actor.PROVIDER,
        now=desk.viewer.now,
        by=desk.viewer.member,
        reader=desk.viewer.reader,
        offer=draft.times.offer,
        **FILLED,
    )
    return suggesting.judge(booking, context), context


def _lead(desk: Desk) -> str:
    if desk.action == Action.BOOK:
        return "It is booked at once, and both of you get a confirmation by mail."
    most, client = suggesting.MOST_SUGGESTIONS, desk.tenant.words.client
    return f"Choose up to {most} times. The {client} picks one, suggests others or declines."


def _clients(found: Sequence[Membership], draft: Draft) -> list[Choice]:
    people = list(found)
    if draft.client and draft.client not in people:
        people.insert(0, draft.client)
    chosen = draft.client.pk if draft.client else None
    return [
        Choice(f"client_{number}", str(member.pk), member.name, "", "", checked=member.pk == chosen)
        for number, member in enumerate(people)
    ] + [Choice("client_new", NEW, "Somebody else, by email", "", "", checked=draft.is_new)]


def _services(desk: Desk, draft: Draft) -> list[Choice]:
    return [
        Choice(
            id="id_service" if number == 0 else f"id_service_{number}",
            value=str(service.pk),
            label=service.name,
            sub=", ".join(
                filter(None, [service.topic.name if service.topic else "", formatting.length(service.minutes)])
            ),
            price=price_in_words(service.price, desk.policy, desk.tenant.words),
            checked=service == draft.service,
        )
        for number, service in enumerate(desk.services)
    ]


def _pick(draft: Draft, judged: Sequence[Judged], viewer: Viewer, *, is_single: bool) -> Pick:
    lost = [one.time.starts_at for one in judged if one.refusal]
    starts = draft.times.starts
    wanted = (lost or list(starts) or [viewer.now])[0]
    return Pick(
        minutes=draft.times.minutes,
        wanted=wanted,
        near_title="Free for you near that time" if starts else "Free for you next",
        chosen=starts,
        notes={one.time.starts_at: one.note for one in judged},
        since=draft.times.since,
        is_single=is_single,
    )


def with_terms_of(service: Service, times: suggesting.Draft, *, before: Service) -> suggesting.Draft:
    """The same times with length and price of the service chosen instead of `before`; what was typed in their place stays."""
    return replace(
        times,
        minutes=service.minutes if times.minutes == before.minutes else times.minutes,
        price=service.price if times.price == before.price else times.price,
    )
