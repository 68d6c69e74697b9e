"""What people choose for themselves: name, clock, colours, time zone (PG-60). Guests keep theirs in cookies."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from .. import formatting, services, zones
from ..enums import Theme
from ..forms import ProfileForm, ZoneForm
from ..zone_list import zone_options
from .answers import back, remember

THEME_COOKIE, KEPT_COOKIE = "theme", "tz_kept"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """`/settings/`: name, clock and colours of the person (PG-60)."""
    user, member = request.user, request.membership
    shown = {"name": member.name if member else user.name, "hour_cycle": user.hour_cycle, "theme": user.theme}
    form = ProfileForm(request.POST or None, initial=shown)
    if request.method == "POST" and form.is_valid():
        services.set_preferences(user=user, **form.cleaned_data)
        if member:
            services.rename(member=member, name=form.cleaned_data["name"])
        messages.success(request, "Your settings are saved.")
        return back(request, reverse("settings"))
    return render(request, "accounts/settings.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def time_zone(request: HttpRequest) -> HttpResponse:
    """`/settings/time/`: the zone all times are shown in, found by city, country, offset or name (R-TZ-4).

    GET `q` narrows the list; POST `zone` chooses, for a person on the account, for a guest in a cookie.
    """
    form = ZoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _choose_zone(request, form.cleaned_data["zone"])
    now, mine = timezone.now(), zones.zone_of(request)
    query = request.GET.get("q", "")[:80].strip()
    options = zone_options(
        query,
        now=now,
        selected=mine.name,
        first=[zones.device_zone(request), request.tenant.time_zone],
        hour_cycle=request.user.hour_cycle if request.user.is_authenticated else 12,
    )
    page = {"form": form, "options": options, "query": query, "mine": mine, "next": request.GET.get("next", "")}
    return render(request, "accounts/time_zone.html", page, status=422 if form.errors else 200)


@require_POST
def keep_zone(request: HttpRequest) -> HttpResponse:
    """Don't ask again about the zone this device is in now (R-TZ-5)."""
    response = back(request, reverse("settings_time"))
    remember(request, response, KEPT_COOKIE, zones.device_zone(request))
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """The footer's switch of colours: on the account, for guests in a cookie; 400 for no theme of ours."""
    chosen = request.POST.get("theme", "")
    if chosen not in Theme.values:
        return HttpResponseBadRequest()
    response = back(request, reverse("home"))
    if request.user.is_authenticated:
        services.set_preferences(user=request.user, theme=chosen)
    else:
        remember(request, response, THEME_COOKIE, chosen)
    return response


def _choose_zone(request: HttpRequest, zone: str) -> HttpResponse:
    response = back(request, reverse("settings_time"))
    if request.user.is_authenticated:
        services.set_preferences(user=request.user, time_zone=zone)
    else:
        remember(request, response, zones.CHOICE_COOKIE, zone)
    messages.success(request, f"Times are now shown in {formatting.city_name(zone)} time.")
    return response
