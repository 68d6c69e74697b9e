"""Suggesting other times and moving what is agreed, for both sides (PG-35). Looking and choosing changes nothing."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts import formatting
from marketplace.timewords import UnclearTime, read_time

from .. import queries
from ..context import Refusal
from ..enums import Action, Actor, ProposalState
from ..forms import RescheduleForm, SuggestForm, read_moment
from ..models import Booking
from ..pages import suggesting
from ..pages.parts import Viewer, other_of, side_of
from ..pages.suggesting import Draft, OwnTime
from .acting import UNPROCESSABLE, act, did, gate, seen_of, status_of
from .door import booking_of, viewer_of

# More than anybody may choose: what is beyond is not looked up, only refused.
LOOKED_UP = 10
CHECK_TYPED = "This is how we read the time you typed. Check it, then send."


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@vary_on_headers("HX-Request")
def suggest(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/suggest/?time=`: other times, another date, a declined one revived (T10, T11, T23, T29, T31, S4.14)."""
    return _other_time(request, code, Action.SUGGEST)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@vary_on_headers("HX-Request")
def reschedule(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/reschedule/?time=`: another time at once, with a reason (T32, S3.13, S3.14)."""
    return _other_time(request, code, Action.RESCHEDULE)


def _other_time(request: HttpRequest, code: str, action: Action) -> HttpResponse:
    booking, viewer = booking_of(request, code), viewer_of(request)

    def blocked() -> HttpResponse | None:
        return gate(request, booking, viewer, action, typed=request.POST.get("message", ""))

    if request.method != "POST":
        return blocked() or _first_look(request, booking, viewer, action)
    form = _form(booking, viewer, action, request.POST)
    is_valid = form.is_valid()
    draft = _draft(request, booking, viewer, form)
    if {"show", "add", "insist"} & request.POST.keys() or form.typed():
        return blocked() or _look(request, booking, viewer, action, form, draft)
    if not is_valid:
        return blocked() or _page(request, booking, viewer, action, form, draft, status=UNPROCESSABLE)

    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        return _page(request, booking, viewer, action, form, draft, refusal=refusal, status=status_of(refusal))

    def is_done(booking: Booking) -> bool:
        return _stands_already(booking, viewer, action, draft, seen_of(request))

    return act(
        request,
        booking,
        viewer,
        action,
        form,
        said=_said(booking, viewer, action, draft),
        show=show,
        is_done=is_done,
        offer=draft.offer,
        anyway=draft.anyway,
        **form.details(),
    )


def _form(booking: Booking, viewer: Viewer, action: Action, data: Any = None, **kwargs: Any) -> SuggestForm:
    actor = side_of(booking, viewer)
    has_credits = booking.policy.price_unit != "none"
    return (RescheduleForm if action == Action.RESCHEDULE else SuggestForm)(
        data,
        other_name=other_of(booking, actor).name,
        types=suggesting.types_times(actor, action),
        length=suggesting.changes_terms(booking, actor),
        credits=booking.tenant.words.credits if has_credits else "",
        **kwargs,
    )


def _first_look(request: HttpRequest, booking: Booking, viewer: Viewer, action: Action) -> HttpResponse:
    wanted = [moment for text in request.GET.getlist("time")[:LOOKED_UP] if (moment := read_moment(text))]
    draft = suggesting.draft_of(booking, sorted(set(wanted)), since=read_date(request.GET.get("since", "")))
    form = _form(booking, viewer, action, initial={"minutes": draft.minutes, "price": draft.price})
    return _page(request, booking, viewer, action, form, draft)


def _draft(request: HttpRequest, booking: Booking, viewer: Viewer, form: SuggestForm) -> Draft:
    terms = suggesting.draft_of(booking)
    since = read_date(request.POST.get("show") or request.POST.get("since", ""))
    sent = form.cleaned_data
    insisted = form.read(request.POST.getlist("insist")[:1])
    starts = {*form.starts()[:LOOKED_UP], *insisted}
    return Draft(
        tuple(sorted(starts)),
        sent.get("minutes") or terms.minutes,
        terms.price if sent.get("price") is None else sent["price"],
        since,
        frozenset([*form.read(request.POST.getlist("anyway")[:LOOKED_UP]), *insisted]) & starts,
    )


def _look(
    request: HttpRequest, booking: Booking, viewer: Viewer, action: Action, form: SuggestForm, draft: Draft
) -> HttpResponse:
    """The same form with what is chosen so far; nothing is done yet (R-FORM-5)."""
    if request.htmx and "show" in request.POST:
        summary = suggesting.so_far(booking, viewer, action, draft)
        values = {"so_far": summary, "form": form, "now": viewer.now}
        return render(request, "bookings/_so_far.html", values)
    note = ""
    if form.errors:
        return _page(request, booking, viewer, action, form, draft, status=UNPROCESSABLE)
    if "insist" in request.POST:
        note = CHECK_TYPED
    elif typed := form.typed():
        try:
            start = _read(typed, viewer)
        except UnclearTime as unclear:
            form.add_error("at", unclear.sentence)
            return _page(request, booking, viewer, action, form, draft, status=UNPROCESSABLE)
        is_client = side_of(booking, viewer) == Actor.CLIENT
        if own := suggesting.own_time(booking, viewer, start) if is_client else None:
            return _page(request, booking, viewer, action, form, draft, own=own)
        draft, note = _with(draft, start, action), CHECK_TYPED
    elif "add" in request.POST:
        form.add_error("at", "Enter a day and a time first, like 26 Nov and 3pm.")
        return _page(request, booking, viewer, action, form, draft, status=UNPROCESSABLE)
    shown = _form(booking, viewer, action, initial=_typed_so_far(request, form))
    return _page(request, booking, viewer, action, shown, draft, note=note)


def _read(typed: str, viewer: Viewer) -> datetime:
    zone = ZoneInfo(viewer.reader.zone)
    return read_time(typed, now=viewer.now, zone=zone, hour_cycle=viewer.reader.hour_cycle)[0]


def _with(draft: Draft, start: datetime, action: Action) -> Draft:
    kept = () if action == Action.RESCHEDULE else draft.starts
    return replace(draft, starts=tuple(sorted({*kept, start})))


def _typed_so_far(request: HttpRequest, form: SuggestForm) -> dict[str, str]:
    # Day and time were read and stand among the chosen ones.
    names = set(form.fields) - {"time", "day", "at"}
    return {name: request.POST.get(name, "") for name in names}


def _stands_already(booking: Booking, viewer: Viewer, action: Action, draft: Draft, seen: int | None) -> bool:
    """Whether exactly this was sent before: the second press of one button (R-HX-5)."""
    if action == Action.RESCHEDULE:
        return (booking.starts_at,) == draft.starts and did(booking, viewer, action, seen)
    newest = queries.proposals_of(booking)[0]
    mine = newest.made_by == side_of(booking, viewer) and newest.state == ProposalState.OPEN
    return (
        mine
        and [time.starts_at for time in newest.times.all()] == list(draft.starts)
        and did(booking, viewer, action, seen)
    )


def _said(booking: Booking, viewer: Viewer, action: Action, draft: Draft) -> str:
    name = other_of(booking, side_of(booking, viewer)).name
    what = viewer.at(draft.starts[0]) if len(draft.starts) == 1 else formatting.plural(len(draft.starts), "time")
    if action == Action.RESCHEDULE:
        return f"You moved it to {what}. {name} is told by mail."
    return f"You suggested {what}. {name} is told by mail and has to answer."


def _page(
    request: HttpRequest,
    booking: Booking,
    viewer: Viewer,
    action: Action,
    form: SuggestForm,
    draft: Draft,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
    note: str = "",
    own: OwnTime | None = None,
) -> HttpResponse:
    page = suggesting.suggest_page(booking, viewer, action, draft, refusal=refusal, own=own)
    values = {"page": page, "so_far": page.so_far, "form": form, "note": note, "now": viewer.now}
    return render(request, "bookings/suggest.html", values, status=status)


def read_date(text: str) -> date | None:
    """The day of an address or a button; None for what is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
