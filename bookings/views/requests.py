"""Asking for a session: PG-05."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts import queries as accounts
from accounts.addresses import page_url
from accounts.enums import Role
from accounts.guests import GuestCode, TooMany
from accounts.models import Membership
from accounts.policies import Policy
from accounts.services import join
from calendars.slots import Reason
from marketplace import queries as marketplace
from marketplace.models import Provider, Service

from .. import queries, services
from ..context import Refusal
from ..enums import Action, Actor
from ..forms import RequestForm
from ..models import Booking
from ..pages import requesting
from ..pages.requesting import Asker, Draft
from . import drafts
from .door import reader_of, see_other

CONFLICT, UNPROCESSABLE = 409, 422
CODE = re.compile(r"[A-Za-z0-9-]{1,12}")
TOO_MANY_CODES = "We have just sent you several emails. Look for the latest one, or wait a few minutes and send again."


@dataclass(frozen=True)
class Desk:
    """What the form is filled in with: the provider, what they offer, the rules, who asks.

    `paused` says that what was chosen, or all there is, can't be asked for at the moment.
    """

    provider: Provider
    services: list[Service]
    asker: Asker
    paused: str = ""

    @cached_property
    def policy(self) -> Policy:
        """The rules in force, which only a page that is shown needs: what is sent is judged by the service's own look."""
        return accounts.current_policy().policy

    def form(self, data: QueryDict | None = None, **kwargs: Any) -> RequestForm:
        """The form over what was sent, or an empty one."""
        kind = self.provider.tenant.words.kind
        is_guest = not self.asker.is_signed_in
        name = self.provider.name
        return RequestForm(data, services=self.services, provider_name=name, kind=kind, is_guest=is_guest, **kwargs)

    def draft(self, form: RequestForm) -> Draft:
        """What can be read of a checked form."""
        service = form.cleaned_data.get("service")
        code = CODE.fullmatch(form.data.get("again", ""))
        again = code[0] if code else ""
        # What is booked at once is not answered: nothing can be suggested there.
        is_instant = service is not None and service.is_instant
        suggested = [] if is_instant else form.read(form.data.getlist("anyway")[: requesting.LOOKED_UP])
        anyway = frozenset(suggested)
        return Draft(self.provider, self.services, service, tuple(form.readable_starts()), again, anyway)


@require_http_methods(["GET", "HEAD", "POST"])
def request_form(request: HttpRequest, slug: str) -> HttpResponse:
    """`/experts/<slug>/request/?service=&slot=&slot=`: what, when in order of preference, why; then send (S0.6-S0.10, S1.8)."""
    desk = desk_for(request, slug)
    form = desk.form(request.POST if request.method == "POST" else request.GET)
    is_valid = form.is_valid()
    draft = desk.draft(form)
    if request.method != "POST":
        typed = drafts.kept(request, slug, desk.asker.now)
        shown = desk.form(initial={**_typed(typed), "request_key": _new_key()})
        return _show(request, desk, draft, shown, is_unreadable=bool(form.errors.get("slot")))
    if "go" in request.POST:
        drafts.keep(request, slug, request.POST, desk.asker.now)
        return see_other(_way_to(request.POST["go"], draft))
    if {"move", "drop", "add", "change"} & request.POST.keys():
        changed = _changed(draft, request.POST, requesting.gone_times(draft, desk.policy, desk.asker.now))
        return _show(request, desk, changed, desk.form(initial=_typed(request.POST)))
    if not is_valid:
        return _show(request, desk, draft, form, status=UNPROCESSABLE)
    return send(request, desk, draft, form)


def _way_to(place: str, draft: Draft) -> str:
    if place == "signin":
        return f"{reverse('account_login')}?{urlencode({'next': requesting.form_href(draft)})}"
    return requesting.times_href(draft)


def _typed(data: QueryDict) -> dict[str, str]:
    return {name: data.get(name, "") for name in ("notes", "name", "email", "request_key")}


def desk_for(request: HttpRequest, slug: str) -> Desk:
    """The desk at which this viewer asks this provider. Raises Http404 when there is no such provider."""
    try:
        provider = marketplace.get_provider(slug)
    except Provider.DoesNotExist:
        raise Http404 from None
    provider.tenant = request.tenant
    if request.membership is not None:
        request.membership.tenant = request.tenant
    offered = marketplace.services_of(provider)
    for service in offered:
        service.provider = provider
    asker = Asker(request.membership, request.user.is_authenticated, reader_of(request), timezone.now())
    paused = _paused(request, provider, offered)
    return Desk(provider, offered, asker, paused)


def _paused(request: HttpRequest, provider: Provider, offered: list[Service]) -> str:
    chosen = (request.POST if request.method == "POST" else request.GET).get("service", "")
    if any(chosen == str(service.pk) for service in offered) or (offered and not chosen):
        return ""
    paused = marketplace.paused_services(provider)
    found = next((service for service in paused if not chosen or chosen == str(service.pk)), None)
    if found is None:
        return ""
    found.provider = provider
    return services.is_paused(found).sentence


def send(request: HttpRequest, desk: Desk, draft: Draft, form: RequestForm) -> HttpResponse:
    """Send what a valid form says, or the code that a guest needs first; the form again when that can't be done."""
    try:
        if not desk.asker.is_signed_in:
            return _send_code(request, desk, draft, form)
        booking = _ask(request, desk, draft, form)
    except services.SlotGone as lost:
        form.refuse(lost.refusal)
        gone = {time.start: time.reason for time in lost.gone}
        return _show(request, desk, draft, form, gone=gone, status=CONFLICT)
    except services.Refused as refused:
        form.refuse(refused.refusal)
        status = CONFLICT if refused.refusal.is_conflict else UNPROCESSABLE
        return _show(request, desk, draft, form, status=status)
    drafts.forget(request, desk.provider.slug)
    return see_other(reverse("booking_sent", args=[booking.code]))


def _send_code(request: HttpRequest, desk: Desk, draft: Draft, form: RequestForm) -> HttpResponse:
    services.check_request(
        service=draft.service,
        starts=draft.starts,
        now=desk.asker.now,
        notes=form.cleaned_data["notes"],
        anyway=draft.anyway,
    )
    slug = desk.provider.slug
    try:
        GuestCode.begin(request, email=form.cleaned_data["email"], url=page_url(request.tenant, "request_code", slug))
    except TooMany:
        raise services.Refused(Refusal("too_many_codes", TOO_MANY_CODES, field="email")) from None
    drafts.keep(request, slug, request.POST, desk.asker.now)
    return see_other(reverse("request_code", args=[slug]))


def _ask(request: HttpRequest, desk: Desk, draft: Draft, form: RequestForm) -> Booking:
    if request.membership is not None:
        return _ask_as(request.membership, desk, draft, form)
    # Joining and asking are one step: who is refused has not become a member.
    with transaction.atomic():
        return _ask_as(_new_member(request), desk, draft, form)


def _ask_as(client: Membership, desk: Desk, draft: Draft, form: RequestForm) -> Booking:
    said: dict[str, Any] = {
        "client": client,
        "service": draft.service,
        "now": desk.asker.now,
        "notes": form.cleaned_data["notes"],
        "request_key": _key_of(form.cleaned_data["request_key"], draft),
        "reader": desk.asker.reader,
        "earlier": queries.closed_of(client, draft.again) if draft.again else None,
    }
    if draft.service.is_instant:
        times = services.sorted_times(draft.service, draft.starts)
        return services.begin(action=Action.BOOK, actor=Actor.CLIENT, offer=times, **said)
    return services.request_session(starts=draft.starts, anyway=draft.anyway, **said)


def _new_member(request: HttpRequest) -> Membership:
    if Membership.objects.filter(user=request.user).exists():
        # A membership that does not count as one is suspended.
        sentence = f"Your account is paused here. Write to {request.tenant.contact_email}."
        raise services.Refused(Refusal("suspended", sentence))
    return join(user=request.user, roles=[Role.CLIENT])


def _changed(draft: Draft, data: QueryDict, gone: Mapping[datetime, Reason]) -> Draft:
    """The draft after one of the buttons beside the times was pressed."""
    starts = list(draft.starts)
    if "change" in data:
        return replace(draft, service=None)
    if (number := _number(data.get("drop", ""))) and number <= len(starts):
        del starts[number - 1]
    position, _, direction = data.get("move", "").partition(":")
    if (number := _number(position)) and number <= len(starts):
        other = number - 1 if direction == "up" else number + 1
        if 1 <= other <= len(starts):
            starts[number - 1], starts[other - 1] = starts[other - 1], starts[number - 1]
    added = RequestForm.read(data.getlist("add"))
    if added:
        starts = [start for start in starts if start not in gone and start not in added] + added
    return replace(draft, starts=tuple(starts))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0


def _new_key() -> str:
    return secrets.token_urlsafe(16)


def _key_of(key: str, draft: Draft) -> str:
    """Pressed twice is sent once; the same page sent later with other times is another request."""
    if not key:
        return ""
    asked = f"{draft.service.pk} {' '.join(start.isoformat() for start in draft.starts)}"
    return f"{key[:40]}:{sha256(asked.encode()).hexdigest()[:16]}"


def _show(
    request: HttpRequest,
    desk: Desk,
    draft: Draft,
    form: RequestForm,
    *,
    gone: Mapping[datetime, Reason] | None = None,
    status: int = 200,
    is_unreadable: bool = False,
) -> HttpResponse:
    if gone is None:
        gone = requesting.gone_times(draft, desk.policy, desk.asker.now)
    page = requesting.request_page(draft, desk.asker, request.tenant, desk.policy, gone=gone)
    if page.is_instant:
        form.is_booked_at_once(desk.provider.name)
    values = {"form": form, "page": page, "is_unreadable": is_unreadable, "paused": desk.paused, "now": desk.asker.now}
    return render(request, "bookings/request.html", values, status=status)
