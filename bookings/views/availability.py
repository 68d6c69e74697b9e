"""A provider edits their own hours: PG-42. Every page works without script; only POST changes anything."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts import formatting, zone_list, zones
from accounts import queries as accounts
from accounts.forms import ZoneForm
from calendars import services as calendars
from calendars.hours import local_minute, skipped_in_words, skipped_minutes, wall_instants
from calendars.hours_queries import OtherDays, week_of
from calendars.models import Block
from calendars.services import TimeTaken, UnusableHours
from marketplace import queries as marketplace
from marketplace import services as marketplace_services

from .. import queries
from ..forms.hours import BlockForm, DaysForm, Lines, WeekForm
from ..forms.service_rules import ServiceRulesForm
from ..pages import availability as pages
from ..pages.availability import Desk
from .acting import CONFLICT, UNPROCESSABLE
from .changing import read_date
from .door import see_other, viewer_of

METHODS = ["GET", "HEAD", "POST"]
BUSY = "Somebody books a time with you at this very moment, so nothing is saved yet. Press the button again."


@require_http_methods(METHODS)
@login_required
@vary_on_headers("HX-Request")
def availability(request: HttpRequest) -> HttpResponse:
    """`/portal/availability/?service=`: the weekly hours; 404 for who is no provider (S4.40, F35)."""
    desk = _desk(request)
    if request.method != "POST":
        form = WeekForm.shown(week_of(desk.provider.calendar), desk.hour_cycle)
        return _page(request, desk, "availability", {"form": form})
    form = WeekForm.sent(request.POST, desk.hour_cycle)
    button = request.POST.get("do", "save")
    if button != "save":
        form.press(button, request.POST)
        values = {"form": form, "action": desk.href("availability")}
        if request.htmx:
            return render(request, "bookings/_week.html", values)
        return _page(request, desk, "availability", values)
    if not form.is_valid():
        return _page(request, desk, "availability", {"form": form}, UNPROCESSABLE)
    calendar, now = desk.provider.calendar, desk.viewer.now
    return _saved(
        request,
        desk,
        "availability",
        write=lambda: calendars.set_weekly_hours(calendar=calendar, hours=form.hours(), now=now),
        said=lambda: pages.week_saved(desk),
        again=lambda: {"form": form},
    )


@require_http_methods(METHODS)
@login_required
@vary_on_headers("HX-Request")
def days(request: HttpRequest) -> HttpResponse:
    """`/portal/availability/days/`: away, or other hours, on a date or several; "look" shows what it does first (F35)."""
    desk = _desk(request)
    if request.method != "POST":
        lines = Lines.shown("date", [], desk.hour_cycle, least=1)
        form = DaysForm(today=desk.today, initial={"kind": DaysForm.AWAY})
        return _page(request, desk, "availability_days", _days_values(desk, form, lines))
    if request.POST.get("do") == "clear":
        return _clear_days(request, desk)
    form, lines = DaysForm(request.POST, today=desk.today), Lines.sent("date", request.POST, desk.hour_cycle)
    if request.POST.get("do") == "add":
        lines.add()
        form = DaysForm(today=desk.today, initial=request.POST.dict())
        return _page(request, desk, "availability_days", _days_values(desk, form, lines))
    chosen = _read_days(desk, form, lines)
    if chosen is None:
        return _page(request, desk, "availability_days", _days_values(desk, form, lines), UNPROCESSABLE)
    if request.POST.get("do") == "look":
        return _page(request, desk, "availability_days", _days_values(desk, form, lines, chosen))
    return _saved(
        request,
        desk,
        "availability_days",
        write=lambda: _save_days(desk, chosen),
        said=lambda: pages.days_saved(desk, chosen),
        again=lambda: _days_values(desk, form, lines),
    )


@require_http_methods(METHODS)
@login_required
@vary_on_headers("HX-Request")
def blocks(request: HttpRequest) -> HttpResponse:
    """`/portal/availability/blocks/`: time kept for oneself, with a note that nobody else sees (F44)."""
    desk = _desk(request)
    if request.method != "POST":
        lines = Lines.shown("block", [], desk.hour_cycle, least=1)
        return _page(request, desk, "availability_blocks", _block_values(desk, BlockForm(today=desk.today), lines))
    if request.POST.get("do") == "clear":
        return _clear_block(request, desk)
    form, lines = BlockForm(request.POST, today=desk.today), Lines.sent("block", request.POST, desk.hour_cycle)
    span = _read_block(desk, form, lines)
    if span is None:
        return _page(request, desk, "availability_blocks", _block_values(desk, form, lines), UNPROCESSABLE)
    start, end = span
    calendar, note = desk.provider.calendar, form.cleaned_data["note"]
    return _saved(
        request,
        desk,
        "availability_blocks",
        write=lambda: calendars.block(calendar=calendar, start=start, end=end, note=note),
        said=lambda: pages.block_saved(desk, start, end),
        again=lambda: _block_values(desk, form, lines),
    )


@require_http_methods(METHODS)
@login_required
@vary_on_headers("HX-Request")
def rules(request: HttpRequest) -> HttpResponse:
    """`/portal/availability/rules/?service=&change=1`: what each rule does; step, breaks and notice can be changed (F36)."""
    desk = _desk(request)
    is_change = request.method == "POST" or "change" in request.GET
    if not is_change or desk.service is None:
        return _page(request, desk, "availability_rules", {"services": pages.service_rules(desk)})
    form = ServiceRulesForm(request.POST if request.method == "POST" else None, service=desk.service)
    if request.method == "POST" and form.is_valid():
        marketplace_services.update_service(service=desk.service, **form.changes())
        messages.success(
            request, f"The rules of “{desk.service.name}” are saved. What is booked keeps the times it has."
        )
        return see_other(desk.href("availability_rules"))
    status = UNPROCESSABLE if request.method == "POST" else 200
    return _page(request, desk, "availability_rules", {"form": form, "service": desk.service}, status)


@require_http_methods(METHODS)
@login_required
def zone(request: HttpRequest) -> HttpResponse:
    """`/portal/availability/zone/?q=`: the zone that the hours are in (R-TZ-4, R-TZ-10)."""
    desk = _desk(request)
    form = ZoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen, calendar, now = form.cleaned_data["zone"], desk.provider.calendar, desk.viewer.now
        if not _done(request, lambda: calendars.set_time_zone(calendar=calendar, time_zone=chosen, now=now)):
            return see_other(reverse("availability_zone"))
        kept = f"What is agreed stays at the moment it was agreed for. {pages.outside_words(desk)}".strip()
        messages.success(request, f"Your hours are in {formatting.city_name(chosen)} time now. {kept}")
        return see_other(desk.href("availability"))
    query = request.GET.get("q", "")[:80].strip()
    options = zone_list.zone_options(
        query,
        now=timezone.now(),
        selected=desk.zone.key,
        first=[desk.viewer.reader.zone, zones.device_zone(request), request.tenant.time_zone],
        hour_cycle=desk.hour_cycle,
    )
    values = {"form": form, "options": options, "query": query, "zone": pages.zone_words(desk)}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "bookings/availability_zone.html", values, status=status)


# --- who and what -----------------------------------------------------------------------------------


def _desk(request: HttpRequest) -> Desk:
    viewer = viewer_of(request)
    provider = queries.provider_of(viewer.member)
    if provider is None:
        raise Http404
    provider.tenant = request.tenant
    offered = marketplace.services_of(provider)
    wanted = request.POST.get("service") or request.GET.get("service", "")
    chosen = next((row for row in offered if str(row.pk) == wanted), offered[0] if offered else None)
    policy = accounts.current_policy().policy
    return Desk(provider, offered, chosen, policy, request.tenant.words, viewer)


def _page(request: HttpRequest, desk: Desk, name: str, values: dict[str, Any], status: int = 200) -> HttpResponse:
    """The page of this name; only its preview where the script asks for another service."""
    if request.htmx and request.method != "POST":
        return render(request, "bookings/_preview.html", {"shown": pages.preview_frame(desk), "path": request.path})
    shown = {**values, "frame": pages.frame(desk, name), "action": desk.href(name), "now": desk.viewer.now}
    return render(request, f"bookings/{name}.html", shown, status=status)


def _saved(
    request: HttpRequest,
    desk: Desk,
    name: str,
    *,
    write: Callable[[], object],
    said: Callable[[], str],
    again: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """After `write`, back to the page with what was done; the page with `again` in it where that could not be."""
    if not _done(request, write):
        return _page(request, desk, name, again(), CONFLICT)
    messages.success(request, said())
    return see_other(desk.href(name))


def _done(request: HttpRequest, write: Callable[[], object]) -> bool:
    """Whether the change could be made; not while the queue at the calendar is too long, which the page then says (F25)."""
    try:
        write()
    except TimeTaken:
        messages.error(request, BUSY)
        return False
    return True


# --- other days -------------------------------------------------------------------------------------


def _days_values(desk: Desk, form: DaysForm, lines: Lines, chosen: OtherDays | None = None) -> dict[str, Any]:
    effects, held = pages.days_effects(desk, chosen) if chosen else ([], None)
    return {"form": form, "lines": lines, "rows": pages.day_rows(desk), "effects": effects, "held": held}


def _read_days(desk: Desk, form: DaysForm, lines: Lines) -> OtherDays | None:
    """The days as they were entered; None where something is wrong, which then stands at its field."""
    is_valid = form.is_valid()
    if form.cleaned_data.get("kind") != DaysForm.HOURS:
        return OtherDays(form.cleaned_data["first"], form.cleaned_data["last"], ()) if is_valid else None
    is_valid = lines.read() and is_valid
    if not lines.errors and not lines.hours:
        lines.refuse("Enter from when to when, or choose that you are away.")
        return None
    if not is_valid:
        return None
    chosen = OtherDays(form.cleaned_data["first"], form.cleaned_data["last"], tuple(lines.pairs()))
    try:
        calendars.check_override(desk.provider.calendar, chosen.first, chosen.last, chosen.hours)
    except UnusableHours as unusable:
        lines.refuse(unusable.sentences[0])
        return None
    return chosen


def _save_days(desk: Desk, chosen: OtherDays) -> None:
    calendars.set_override(
        calendar=desk.provider.calendar,
        date=chosen.first,
        last=chosen.last,
        ranges=chosen.hours,
        now=desk.viewer.now,
    )


def _clear_days(request: HttpRequest, desk: Desk) -> HttpResponse:
    first, last = (read_date(request.POST.get(name, "")) for name in ("from", "until"))
    if first is None or last is None:
        messages.info(request, "These days are as every week already.")
        return see_other(desk.href("availability_days"))
    calendar, now = desk.provider.calendar, desk.viewer.now
    if _done(request, lambda: calendars.clear_overrides(calendar=calendar, first=first, last=last, now=now)):
        messages.success(request, f"{pages.days_words(desk, first, last)}: your weekly hours count again.")
    return see_other(desk.href("availability_days"))


# --- blocked time -----------------------------------------------------------------------------------


def _block_values(desk: Desk, form: BlockForm, lines: Lines) -> dict[str, Any]:
    return {"form": form, "lines": lines, "rows": pages.block_rows(desk)}


def _read_block(desk: Desk, form: BlockForm, lines: Lines) -> tuple[datetime, datetime] | None:
    """From when to when (UTC); None where something is wrong, which then stands at its field."""
    is_valid, can_read = form.is_valid(), lines.read()
    if can_read and not lines.hours:
        lines.refuse("Enter from when to when.")
    if not is_valid or lines.errors:
        return None
    day, hours = form.cleaned_data["day"], lines.hours[0]
    gap = skipped_minutes(day, hours.opens, desk.zone) or skipped_minutes(day, hours.closes, desk.zone)
    if gap and hours.closes != gap[0]:
        lines.refuse(skipped_in_words(day, gap))
        return None
    # Where the clocks show a time twice, both are blocked.
    start = local_minute(day, hours.opens, desk.zone)
    end = max(wall_instants(day, hours.closes, desk.zone), default=local_minute(day, hours.closes, desk.zone))
    if end <= desk.viewer.now:
        lines.refuse("That time has passed. Enter a later one.", at_end=True)
        return None
    return start, end


def _clear_block(request: HttpRequest, desk: Desk) -> HttpResponse:
    calendar = desk.provider.calendar
    try:
        key = UUID(request.POST.get("block", ""))
        if _done(request, lambda: calendars.unblock(calendar=calendar, key=key)):
            messages.success(request, "The time can be booked again.")
    except (ValueError, Block.DoesNotExist):
        messages.info(request, "This time is not blocked any more.")
    return see_other(desk.href("availability_blocks"))
