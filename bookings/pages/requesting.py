"""Asking for a session (PG-05)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.http import urlencode

from accounts import formatting
from accounts.models import Membership, Tenant
from accounts.policies import Policy
from calendars.slots import Reason, ReasonCode
from credits.queries import balances
from marketplace import cards, whynot
from marketplace import queries as marketplace
from marketplace.models import Provider, Service

from .. import deadlines, workflow
from ..context import Context, OpenProposal, Reader, TimeOnTable
from ..enums import Action, Actor
from . import alternatives
from .parts import (
    EffectLine,
    Person,
    effect_lines,
    person,
    price_in_words,
)

TAKEN = "Taken a moment ago"
JUST_LOST = {
    ReasonCode.PAST: "That time has passed",
    ReasonCode.BUSY: TAKEN,
    ReasonCode.BUFFER: TAKEN,
    ReasonCode.ASKED: TAKEN,
}
# More than any tenant allows: what is beyond is not looked up, only refused.
LOOKED_UP = 10


@dataclass(frozen=True)
class Asker:
    """Who fills in the form: perhaps nobody we know yet."""

    member: Membership | None
    is_signed_in: bool
    reader: Reader
    now: datetime


@dataclass(frozen=True)
class Draft:
    """What the form says so far: the service, the starts (UTC) in order of preference.

    `anyway` are those that are suggested although they are not offered (D-3). `again` is the code of the booking that this
    one tries again, as the address has it (T30).
    """

    provider: Provider
    services: Sequence[Service]
    service: Service | None
    starts: tuple[datetime, ...]
    again: str = ""
    anyway: frozenset[datetime] = frozenset()


@dataclass(frozen=True)
class Pick:
    """A chosen time; `gone` ones are struck through and say why in `warning`."""

    label: str
    other: str
    warning: str
    gone: bool
    up: str
    down: str
    drop: str


@dataclass(frozen=True)
class ServiceChoice:
    """A service to choose."""

    id: str
    value: str
    label: str
    price: str
    sub: str
    checked: bool


@dataclass(frozen=True)
class NearTime:
    """A free time to take with one press."""

    value: str
    label: str
    other: str


@dataclass(frozen=True)
class RequestPage:
    """Everything of PG-05. `services` is empty once one is chosen; `values` are the chosen starts for hidden fields.

    `free_label`: what leads to the free times where nothing that was chosen can be had and none stand here.
    """

    title: str
    lead: str
    who: Person
    service_id: str
    service_name: str
    service_sub: str
    price: str
    services: list[ServiceChoice]
    kind: str
    times_title: str
    picks: list[Pick]
    values: list[str]
    anyway: list[str]
    add_label: str
    near_title: str
    near: list[NearTime]
    free_label: str
    effects: list[EffectLine]
    button: str
    is_guest: bool
    can_change_service: bool
    action: str
    back_href: str
    again: str
    is_instant: bool
    icon: str


def gone_times(draft: Draft, policy: Policy, now: datetime) -> dict[datetime, Reason]:
    """The chosen starts that can't be asked for as things stand, each with its reason. One query per start.

    As long as no service is chosen, those that come too late for any. No query.
    """
    if draft.service is None:
        reasons = {start: _too_late(start, policy, now) for start in draft.starts[:LOOKED_UP]}
    else:
        service, anyway = draft.service, draft.anyway
        reasons = {
            start: marketplace.why_not(draft.provider, service, policy, start, now=now, anyway=start in anyway)
            for start in draft.starts[:LOOKED_UP]
        }
    return {start: reason for start, reason in reasons.items() if reason}


def _too_late(start: datetime, policy: Policy, now: datetime) -> Reason | None:
    if start < now:
        return Reason(ReasonCode.PAST)
    earliest = now + timedelta(minutes=marketplace.notice_of(policy))
    return Reason(ReasonCode.TOO_SOON, earliest=earliest) if start < earliest else None


def times_href(draft: Draft) -> str:
    """The address of the time picker with everything chosen so far."""
    return f"{reverse('provider', args=[draft.provider.slug])}{_chosen(draft)}#times"


def form_href(draft: Draft) -> str:
    """The address of this form with everything chosen so far."""
    return f"{reverse('request', args=[draft.provider.slug])}{_chosen(draft)}"


def _chosen(draft: Draft) -> str:
    asks = [("service", str(draft.service.pk))] if draft.service else []
    asks += [("slot", formatting.iso(start)) for start in draft.starts[:LOOKED_UP]]
    asks += [("anyway", formatting.iso(start)) for start in draft.starts[:LOOKED_UP] if start in draft.anyway]
    asks += [("again", draft.again)] if draft.again else []
    return f"?{urlencode(asks)}" if asks else ""


def request_page(
    draft: Draft, asker: Asker, tenant: Tenant, policy: Policy, *, gone: Mapping[datetime, Reason]
) -> RequestPage:
    """The form as it stands; `gone` are the chosen starts that can't be had (CK-15)."""
    name, words, service = draft.provider.name, tenant.words, draft.service
    open_starts = [start for start in draft.starts if start not in gone]
    is_instant = service is not None and service.is_instant
    near = _near(draft, asker, policy) if service and (gone or not draft.starts) else []
    several = policy.max_times > 1 and not is_instant
    return RequestPage(
        title=f"Book a time with {name}" if is_instant else f"Ask {name} for a time",
        lead=_lead_at_once(name) if is_instant else _lead(name, open_starts, policy, asker),
        who=person(name, sub=_where(draft.provider)),
        service_id=str(service.pk) if service else "",
        service_name=service.name if service else "",
        service_sub=_service_sub(service) if service else "",
        price=price_in_words(service.price, policy, words) if service else "",
        services=_services(draft, policy, tenant) if service is None else [],
        kind=words.kind,
        times_title="Your times, best first" if several else "Your time",
        picks=_picks(draft, asker, policy, gone),
        values=[formatting.iso(start) for start in draft.starts[:LOOKED_UP]],
        anyway=[formatting.iso(start) for start in draft.starts[:LOOKED_UP] if start in draft.anyway],
        add_label="Add or change times" if several else "Choose another time" if draft.starts else "Choose a time",
        near_title="The nearest free times" if gone else "The next free times",
        near=near,
        free_label=f"See when {name} is free" if gone and not open_starts and not near else "",
        effects=_effects(draft, asker, tenant, policy, open_starts),
        button=_book_button(open_starts, asker) if is_instant else "Send request",
        is_guest=not asker.is_signed_in,
        can_change_service=len(draft.services) > 1,
        action=reverse("request", args=[draft.provider.slug]),
        back_href=times_href(draft),
        again=draft.again,
        is_instant=is_instant,
        icon="calendar-check" if is_instant else "send",
    )


def _lead(name: str, starts: Sequence[datetime], policy: Policy, asker: Asker) -> str:
    if not starts:
        return f"{name} sees it at once and answers you here and by mail."
    until = _deadline(deadlines.closes_at(asker.now, starts, policy), asker)
    return f"{name} sees it at once and answers by {until}."


def _lead_at_once(name: str) -> str:
    return f"It is booked at once: {name} does not have to answer."


def _book_button(starts: Sequence[datetime], asker: Asker) -> str:
    """What is pressed says what is booked (T7b, S3.3): "Book Tue 24 Nov, 3pm"."""
    return f"Book {asker.reader.when(starts[0], asker.now)}" if len(starts) == 1 else "Book"


def _deadline(moment: datetime, asker: Asker) -> str:
    return formatting.deadline(moment, asker.reader.zone, asker.now, asker.reader.hour_cycle).label


def _where(provider: Provider) -> str:
    return provider.headline or formatting.city_name(provider.calendar.time_zone)


def _service_sub(service: Service) -> str:
    at_once = ", booked at once" if service.is_instant else ""
    return f"{formatting.length(service.minutes)}, {service.get_place_display().lower()}{at_once}"


def _services(draft: Draft, policy: Policy, tenant: Tenant) -> list[ServiceChoice]:
    return [
        ServiceChoice(
            id="id_service" if number == 0 else f"id_service_{number}",
            value=str(service.pk),
            label=service.name,
            price=price_in_words(service.price, policy, tenant.words),
            sub=_service_sub(service),
            checked=False,
        )
        for number, service in enumerate(draft.services)
    ]


def _picks(draft: Draft, asker: Asker, policy: Policy, gone: Mapping[datetime, Reason]) -> list[Pick]:
    starts, name = draft.starts[:LOOKED_UP], draft.provider.name
    is_instant = draft.service is not None and draft.service.is_instant
    movable = policy.max_times > 1 and not is_instant
    picks = []
    for number, start in enumerate(starts, start=1):
        label, other = _words(start, draft, asker)
        notes = [other] if other else []
        if start not in gone and not is_instant:
            until = deadlines.closes_at(asker.now, [start], policy)
            notes.append(f"{name} must answer by {_deadline(until, asker)}")
        picks.append(
            Pick(
                label=label,
                other=". ".join(notes),
                warning=_warning(start, label, draft, asker, gone),
                gone=start in gone,
                up=f"{number}:up" if movable and number > 1 else "",
                down=f"{number}:down" if movable and number < len(starts) else "",
                drop=str(number),
            )
        )
    return picks


def _warning(start: datetime, label: str, draft: Draft, asker: Asker, gone: Mapping[datetime, Reason]) -> str:
    if start in gone:
        return _why(start, gone[start], label, draft, asker)
    return whynot.not_offered(draft.provider.name) if start in draft.anyway else ""


def _why(start: datetime, reason: Reason, when: str, draft: Draft, asker: Asker) -> str:
    """Why a chosen time can't be asked for; what else the provider does then stays private (D-3)."""
    if reason.code in JUST_LOST:
        return JUST_LOST[reason.code]
    zone, reader = draft.provider.calendar.time_zone, asker.reader
    words = draft.provider.tenant.words
    clock = cards.Reader(reader.zone, reader.hour_cycle, asker.now, words, priced=False)
    return whynot.why_not(when, start, reason, name=draft.provider.name, zone=zone, reader=clock)


def _words(start: datetime, draft: Draft, asker: Asker) -> tuple[str, str]:
    """A start by both clocks; as a span once the service, and so the length, is known."""
    zone, reader, now = draft.provider.calendar.time_zone, asker.reader, asker.now
    if draft.service is None:
        other = formatting.other_time(start, None, reader.zone, zone, now, reader.hour_cycle)
        return reader.when(start, now), other
    end = start + timedelta(minutes=draft.service.minutes)
    when = formatting.when(start, end, reader.zone, zone, now, reader.hour_cycle)
    return when.label, when.other


def _near(draft: Draft, asker: Asker, policy: Policy) -> list[NearTime]:
    wanted = draft.starts[0] if draft.starts else asker.now
    starts = alternatives.near(draft.service, wanted, policy, asker.now, without=draft.starts)
    return [NearTime(formatting.iso(start), *_words(start, draft, asker)) for start in starts]


def _effects(
    draft: Draft, asker: Asker, tenant: Tenant, policy: Policy, starts: Sequence[datetime]
) -> list[EffectLine]:
    """What sending does, from the workflow itself, and the rules that hold then (D-7)."""
    rules = _rules(draft)
    if draft.service is None or not starts:
        return rules
    times = tuple(TimeOnTable(start, draft.service.minutes, draft.service.price) for start in starts)
    is_instant = draft.service.is_instant
    context = Context(
        action=Action.BOOK if is_instant else Action.REQUEST,
        actor=Actor.CLIENT,
        now=asker.now,
        policy=policy,
        words=tenant.words,
        reader=asker.reader,
        status=None,
        provider_name=draft.provider.name,
        client_name=asker.member.name if asker.member else "",
        available=balances(asker.member).available if asker.member and draft.service.price else None,
        proposal=None
        if is_instant
        else OpenProposal(Actor.CLIENT, asker.now, deadlines.closes_at(asker.now, starts, policy), times),
        chosen=times[0] if is_instant else None,
        offer=times if is_instant else (),
        is_instant=is_instant,
        place=draft.service.place,
        hides_asked=marketplace.hides_asked(draft.service, policy),
    )
    return [*effect_lines(workflow.preview(context)), *rules]


def _rules(draft: Draft) -> list[EffectLine]:
    name = draft.provider.name
    if draft.service is not None and draft.service.is_instant:
        return [EffectLine("undo-2", "If you can't come, cancel it on its page.")]
    return [
        EffectLine("calendar", f"Nothing is booked until {name} accepts."),
        EffectLine("undo-2", f"You can take it back any time before {name} answers."),
    ]
