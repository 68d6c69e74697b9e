"""One provider and their times (PG-04). Everything works by links and one GET form; htmx only makes it quicker."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect, push_url, reswap, retarget

from accounts import formatting
from accounts.faces import initials, tint
from accounts.policies import Policy, with_article
from accounts.queries import current_policy

from .. import queries
from ..cards import (
    Fact,
    Reader,
    answer_habit,
    hours_in_words,
    language_names,
    new_booking_href,
    price_in_words,
    request_href,
)
from ..models import Provider
from ..picker import Picker, build
from ..wishes import Wish, read_wish
from .readers import reader_of


@require_safe
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """`/experts/<slug>/?service=&from=&slot=…`: who they are, and the time picker. 404 for the unpublished."""
    return _profile(request, slug, "marketplace/profile.html")


@require_safe
def provider_times(request: HttpRequest, slug: str) -> HttpResponse:
    """`/experts/<slug>/times/`: the picker alone for htmx; its address as a page is the profile's (R-HX-2)."""
    if not request.htmx:
        query = request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(f"{reverse('provider', args=[slug])}{'?' if query else ''}{query}#times")
    return _profile(request, slug, "marketplace/_picker.html")


def _profile(request: HttpRequest, slug: str, template: str) -> HttpResponse:
    try:
        chosen = queries.get_provider(slug)
    except Provider.DoesNotExist:
        raise Http404 from None
    policy, now = current_policy().policy, timezone.now()
    reader = reader_of(request, policy, now)
    wish = read_wish(request.GET, max_times=policy.max_times)
    services = queries.services_of(chosen)
    picker = build(chosen, services, policy, wish, reader) if services else None
    if picker and (elsewhere := _elsewhere(request, chosen, picker, wish)):
        return elsewhere
    page = _page(request, chosen, policy, reader, picker)
    page["again"] = wish.again
    # A tick changes the tray alone: what is ticked meanwhile stays. Refused ticks need the times anew, and so do times that
    # were shown in the marketplace's zone, when nobody knew the device's yet.
    is_same_zone = request.GET.get("zone", reader.zone) == reader.zone
    is_tick = request.htmx and request.GET.get("part") == "tray" and picker and not picker.notes and is_same_zone
    page["tray_focus"] = request.htmx and not is_tick and wish.did in ("add", "drop")
    response = render(request, "marketplace/_chosen.html" if is_tick else template, page)
    patch_vary_headers(response, ["HX-Request"])
    if request.htmx and picker:
        push_url(response, _address(chosen, picker, wish))
    if request.htmx and not is_tick:
        reswap(retarget(response, "#picker"), "outerHTML")
    return response


def _elsewhere(request: HttpRequest, chosen: Provider, picker: Picker, wish: Wish) -> HttpResponse | None:
    """Continue leads to the request. A move is done once: after it the address holds its outcome."""
    if wish.do == "continue" and picker.chosen and not picker.notes:
        makes_bookings = current_policy().policy.provider_made != "off" and _is_own(request, chosen)
        if makes_bookings:
            to = new_booking_href(picker.service, picker.chosen)
            return HttpResponseClientRedirect(to) if request.htmx else HttpResponseRedirect(to)
        to = request_href(chosen.slug, picker.service, picker.chosen, anyway=picker.anyway, again=wish.again)
        return HttpResponseClientRedirect(to) if request.htmx else HttpResponseRedirect(to)
    if wish.did in ("up", "down", "drop") and not request.htmx:
        return HttpResponseRedirect(f"{_address(chosen, picker, wish)}#times")
    return None


def _address(chosen: Provider, picker: Picker, wish: Wish) -> str:
    slots = [("slot", formatting.iso(start)) for start in picker.chosen]
    day = [("day", picker.shown)] if picker.shown != picker.week else []
    slots += [("anyway", value) for value in picker.insisted]
    again = [("again", wish.again)] if wish.again else []
    query = urlencode([("service", picker.service.pk), ("from", picker.week), *day, *slots, *again])
    return f"{reverse('provider', args=[chosen.slug])}?{query}"


def _page(
    request: HttpRequest, chosen: Provider, policy: Policy, reader: Reader, picker: Picker | None
) -> dict[str, Any]:
    page: dict[str, Any] = {
        "now": reader.now,
        "find": f"Find {reader.words.a_provider}",
        "a_kind": with_article(reader.words.kind),
        "empty_title": f"{chosen.name} offers nothing to ask for right now",
        "empty_text": f"Other {reader.words.providers} may be able to help.",
        "provider": chosen,
        "initials": initials(chosen.name),
        "tint": tint(chosen.name),
        "facts": _facts(chosen, reader),
        "topics": chosen.on_card.get("topics", []),
        "is_own": _is_own(request, chosen),
        "makes_bookings": policy.provider_made != "off",
        "away": _away(chosen, reader),
        "picker": picker,
    }
    if picker:
        price = price_in_words(picker.service.price, reader)
        page |= {
            "tray": {
                "eyebrow": f"{picker.service.name}, {formatting.length(picker.service.minutes)}",
                "title": "Your time"
                if policy.max_times == 1
                else f"Your times ({len(picker.chosen)} of {policy.max_times})",
                "open": _open_place(picker),
                "button": {"label": _continue(picker), "name": "do", "value": "continue"},
                "note": _note(chosen, policy, price),
            },
            "price": price,
        }
    return page


def _is_own(request: HttpRequest, chosen: Provider) -> bool:
    return request.membership is not None and request.membership.pk == chosen.member_id


def _facts(chosen: Provider, reader: Reader) -> list[Fact]:
    zone = chosen.calendar.time_zone
    there = f"{formatting.clock(reader.now, zone, reader.hour_cycle)} there now"
    facts = [Fact("map-pin", f"{chosen.city or formatting.city_name(zone)}, {there}")]
    if chosen.languages:
        facts.append(Fact("languages", language_names(chosen.languages)))
    if habit := answer_habit(chosen):
        facts.append(Fact("clock", habit))
    return facts


def _away(chosen: Provider, reader: Reader) -> str:
    if queries.takes_requests_from(chosen, reader.now) <= reader.now:
        return ""
    return formatting.day_words(chosen.paused_until, reader.now.date())


def _open_place(picker: Picker) -> str:
    left = picker.max_times - len(picker.chosen)
    if not picker.chosen:
        return picker.counted
    return f"You can add {formatting.plural(left, 'more time', 'more times')}" if left else ""


def _continue(picker: Picker) -> str:
    if not picker.chosen or picker.max_times == 1:
        return "Continue"
    return f"Continue with {formatting.plural(len(picker.chosen), 'time')}"


def _note(chosen: Provider, policy: Policy, price: str) -> str:
    deadline = f"{chosen.name} answers within {hours_in_words(policy.answer_window_hours)}."
    return f"{price}. {deadline}" if price else deadline
