"""A provider makes a booking: PG-39. Looking and choosing changes nothing."""

import secrets
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts import queries as accounts
from accounts.models import Membership
from marketplace import queries as marketplace
from marketplace.models import Service
from marketplace.timewords import UnclearTime, read_time

from .. import queries, services
from ..client_queries import client_of
from ..context import Refusal
from ..enums import Action, Actor
from ..forms import read_moment
from ..forms.new_booking import NEW, NewBookingForm
from ..guards.proposing import clients_ask
from ..models import Booking
from ..pages import new_booking as pages
from ..pages import suggesting
from ..pages.new_booking import Desk, Draft
from ..services import newcomers
from .acting import UNPROCESSABLE, href_of, status_of
from .changing import CHECK_TYPED, LOOKED_UP, read_date
from .door import see_other, viewer_of

CHECK_TERMS = "You chose something else to offer. Check length and price, then send."
NO_SERVICES = "You offer nothing at the moment, so there is nothing to book. Ask support to put something on your page."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@vary_on_headers("HX-Request")
def new_booking(request: HttpRequest) -> HttpResponse:
    """`/portal/bookings/new/?client=&service=&at=&again=`: an invitation, or booked at once (T12, S3.12, S4.14-S4.17)."""
    desk = _desk(request)
    reason = clients_ask(desk.tenant.words) if desk.action is None else "" if desk.services else NO_SERVICES
    if reason:
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(
            request, "bookings/new_booking_off.html", {"reason": reason, "now": desk.viewer.now}, status=status
        )
    if request.method != "POST":
        return _first_look(request, desk)
    form = _form(desk, request.POST)
    is_valid = form.is_valid()
    draft = _draft(desk, form)
    if "show" in request.POST or "add" in request.POST or form.typed():
        return _look(request, desk, form, draft)
    if is_valid and form.cleaned_data["terms_of"] != str(draft.service.pk):
        return _again(request, desk, _with_terms(desk, form, draft), note=CHECK_TERMS)
    if not is_valid or not _names_somebody(form, draft):
        return _page(request, desk, form, draft, status=UNPROCESSABLE)
    return _send(request, desk, form, draft)


def _desk(request: HttpRequest) -> Desk:
    viewer = viewer_of(request)
    provider = queries.provider_of(viewer.member)
    if provider is None:
        raise Http404
    provider.tenant = viewer.member.tenant = request.tenant
    offered = marketplace.services_of(provider)
    for service in offered:
        service.provider = provider
    version = accounts.current_policy()
    return Desk(provider, offered, version, viewer, pages.action_of(version.policy))


def _form(desk: Desk, data: Any = None, **kwargs: Any) -> NewBookingForm:
    has_credits = desk.policy.price_unit != "none"
    return NewBookingForm(
        data,
        credits=desk.tenant.words.credits if has_credits else "",
        is_agreed_at_once=desk.action == Action.BOOK,
        **kwargs,
    )


# --- reading ----------------------------------------------------------------------------------------


def _first_look(request: HttpRequest, desk: Desk) -> HttpResponse:
    asked = request.GET
    service = _service(desk, asked.get("service", ""))
    again = _own_booking(desk, asked.get("again", ""))
    starts = [moment for text in asked.getlist("at")[:LOOKED_UP] if (moment := read_moment(text))]
    times = suggesting.Draft(
        tuple(sorted(set(starts))), service.minutes, service.price, read_date(asked.get("since", ""))
    )
    draft = Draft(_client(desk, asked.get("client", "")), False, "", "", service, times, again)
    return _page(request, desk, _form(desk, initial=_terms(draft) | {"request_key": _new_key()}), draft)


def _draft(desk: Desk, form: NewBookingForm) -> Draft:
    said = form.cleaned_data
    service = _service(desk, said.get("service", ""))
    times = suggesting.Draft(
        form.starts()[:LOOKED_UP],
        said.get("minutes") or service.minutes,
        service.price if said.get("price") is None else said["price"],
        read_date(form.data.get("show") or form.data.get("since", "")),
    )
    return Draft(
        client=_client(desk, said.get("client", "")),
        is_new=said.get("client") == NEW,
        name=said.get("name", "").strip(),
        find=said.get("find", "").strip(),
        service=service,
        times=times,
        again=_own_booking(desk, said.get("again", "")),
    )


def _service(desk: Desk, text: str) -> Service:
    return next((service for service in desk.services if str(service.pk) == text.lower()), desk.services[0])


def _client(desk: Desk, text: str) -> Membership | None:
    try:
        return client_of(desk.provider, UUID(text))
    except ValueError:
        return None


def _own_booking(desk: Desk, code: str) -> Booking | None:
    """The earlier booking that this one follows, if it is the provider's own (T30)."""
    return Booking.objects.filter(provider=desk.provider, code=code.upper()).first() if code else None


# --- looking ----------------------------------------------------------------------------------------


def _look(request: HttpRequest, desk: Desk, form: NewBookingForm, draft: Draft) -> HttpResponse:
    """The same form with what is chosen so far; nothing is done yet (R-FORM-5)."""
    if request.htmx and "show" in request.POST:
        values = {"so_far": pages.so_far(desk, draft), "form": form, "now": desk.viewer.now}
        return render(request, "bookings/_so_far.html", values)
    if form.errors:
        return _page(request, desk, form, draft, status=UNPROCESSABLE)
    if form.cleaned_data["terms_of"] != str(draft.service.pk):
        draft = _with_terms(desk, form, draft)
    if typed := form.typed():
        try:
            return _again(request, desk, _with_typed(desk, draft, typed), note=CHECK_TYPED, read="typed")
        except UnclearTime as unclear:
            form.add_error("at", unclear.sentence)
            return _page(request, desk, form, draft, status=UNPROCESSABLE)
    if "add" in request.POST:
        form.add_error("at", "Enter a day and a time first, like 26 Nov and 3pm.")
        return _page(request, desk, form, draft, status=UNPROCESSABLE)
    return _again(request, desk, draft)


def _with_typed(desk: Desk, draft: Draft, typed: str) -> Draft:
    reader = desk.viewer.reader
    starts = read_time(typed, now=desk.viewer.now, zone=ZoneInfo(reader.zone), hour_cycle=reader.hour_cycle)
    kept = () if desk.action == Action.BOOK else draft.times.starts
    return replace(draft, times=replace(draft.times, starts=tuple(sorted({*kept, starts[0]}))))


def _with_terms(desk: Desk, form: NewBookingForm, draft: Draft) -> Draft:
    before = _service(desk, form.cleaned_data["terms_of"])
    return replace(draft, times=pages.with_terms_of(draft.service, draft.times, before=before))


def _again(request: HttpRequest, desk: Desk, draft: Draft, *, note: str = "", read: str = "") -> HttpResponse:
    """The form once more with all that was typed; day and time are among the chosen ones once they were read."""
    kept = {name: request.POST.get(name, "") for name in ("find", "name", "email", "message", "request_key", "again")}
    kept |= {} if read else {name: request.POST.get(name, "") for name in ("day", "at")}
    kept["clash_accepted"] = "clash_accepted" in request.POST
    return _page(request, desk, _form(desk, initial=kept | _terms(draft)), draft, note=note)


def _terms(draft: Draft) -> dict[str, Any]:
    again = draft.again.code if draft.again else ""
    terms = {"minutes": draft.times.minutes, "price": draft.times.price, "terms_of": str(draft.service.pk)}
    return {**terms, "again": again}


# --- sending ----------------------------------------------------------------------------------------


def _names_somebody(form: NewBookingForm, draft: Draft) -> bool:
    """Whether the form says for whom; says at its field what is missing."""
    said = form.cleaned_data
    if draft.client:
        return True
    if not draft.is_new:
        form.add_error("client", "Choose who it is for, or somebody else by email.")
        return False
    missing = []
    if not said["email"]:
        missing.append(("email", "Enter the email address of the person, like name@example.org."))
    if not draft.name:
        missing.append(("name", "Enter the name of the person, as you call them."))
    for field, sentence in missing:
        form.add_error(field, sentence)
    return not missing


def _send(request: HttpRequest, desk: Desk, form: NewBookingForm, draft: Draft) -> HttpResponse:
    try:
        # Joining and inviting are one step: where it is refused, nobody has become a member.
        with transaction.atomic():
            client = draft.client or newcomers.bring_in(
                provider=desk.provider,
                email=form.cleaned_data["email"],
                name=draft.name,
                reader=desk.viewer.reader,
                now=desk.viewer.now,
            )
            booking = services.begin(
                action=desk.action or Action.INVITE,
                actor=Actor.PROVIDER,
                client=client,
                service=draft.service,
                offer=draft.times.offer,
                now=desk.viewer.now,
                request_key=_key_of(form.cleaned_data["request_key"], draft),
                reader=desk.viewer.reader,
                earlier=draft.again if draft.again and draft.again.client_id == client.pk else None,
                **form.details(),
            )
    except services.Refused as refused:
        form.refuse(refused.refusal)
        return _page(request, desk, form, draft, refusal=refused.refusal, status=status_of(refused.refusal))
    messages.success(request, _said(desk, booking))
    return see_other(href_of(booking))


def _new_key() -> str:
    return secrets.token_urlsafe(16)


def _key_of(key: str, draft: Draft) -> str:
    """Pressed twice is made once; the same page sent later with another time is another booking."""
    if not key:
        return ""
    said = f"{draft.service.pk} {' '.join(start.isoformat() for start in draft.times.starts)}"
    return f"{key[:40]}:{sha256(said.encode()).hexdigest()[:16]}"


def _said(desk: Desk, booking: Booking) -> str:
    if desk.action == Action.BOOK:
        return f"It is booked. {booking.client.name} is told by mail."
    return f"You invited {booking.client.name}, who is told by mail and has to answer."


def _page(
    request: HttpRequest,
    desk: Desk,
    form: NewBookingForm,
    draft: Draft,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
    note: str = "",
) -> HttpResponse:
    page = pages.page_of(desk, draft, refusal=refusal)
    values = {"page": page, "so_far": page.so_far, "form": form, "note": note, "now": desk.viewer.now}
    return render(request, "bookings/new_booking.html", values, status=status)
