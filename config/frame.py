"""What base.html shows around every page: who is here, where they can go, whose clock it is (ux.md 2.0).

Everything that needs the database is asked only when the template uses it, so a partial or a mail costs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import formatting, queries
from accounts.addresses import link_to
from accounts.enums import HourCycle, Role, Theme
from accounts.faces import initials, tint
from accounts.models import Membership, Tenant
from accounts.theme import fingerprint
from accounts.views.settings import KEPT_COOKIE, THEME_COOKIE
from accounts.zones import Source, device_zone, zone_of
from bookings.queries import needs_answer_count

FIND_PAGES = {"directory", "provider", "provider_times", "request"}
BOOKING_STEPS = (
    "sent", "accept", "decline", "withdraw", "suggest", "reschedule", "cancel", "ask_to_cancel", "notes",
    "join", "outcome", "undo", "contest", "support",
)  # fmt: skip
BOOKING_PAGES = {"bookings", "booking", "new_booking", *(f"booking_{step}" for step in BOOKING_STEPS)}
HOURS_PAGES = {"availability", *(f"availability_{part}" for part in ("days", "blocks", "rules", "zone"))}
CREDIT_PAGES = {"credits", "credits_statement", "credits_earned", "credits_buy", "purchase"}
# Where providers work. Elsewhere they see what clients see, so that everybody can browse.
PORTAL_PAGES = {"today", "standing", "explain"} | BOOKING_PAGES | HOURS_PAGES


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person looking at the page, or a guest: name, initials and clock as the header shows them."""

    is_authenticated: bool
    name: str
    initials: str
    avatar_tint: str
    zone: str
    zone_city: str
    zone_offset_label: str
    zone_is_the_marketplaces: bool
    hour_cycle: int


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place of the main navigation; `count` is visible, `count_words` say what is counted."""

    label: str
    url: str
    icon: str
    current: bool
    short_label: str = ""
    count: int = 0
    count_words: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the account menu that leads to another tenant or to one's other role."""

    label: str
    url: str
    current: bool = False


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of base.html on every page that is rendered with a request; views may override each name."""
    tenant: Tenant | None = getattr(request, "tenant", None)
    if not hasattr(request, "user"):  # refused before anybody was recognised
        return {"tenant": tenant}
    now = timezone.now()
    if tenant is not None:
        tenant.accent_css_url = reverse("theme_css", args=[fingerprint(tenant.accent)])
    return {
        "tenant": tenant,
        "words": tenant.words if tenant else None,
        "now": now,
        "theme": theme_of(request),
        "zone_question": _zone_question(request, now),
        "viewer": _lazy(lambda: _viewer(request, now)),
        "portal": _is_portal(request),
        "nav": _lazy(lambda: _nav(request, now)),
        "switcher": _lazy(lambda: _switcher(request)),
    }


def theme_of(request: HttpRequest) -> str:
    """The colours the viewer chose: the person's own, else a guest's cookie, else the device's."""
    if request.user.is_authenticated:
        return request.user.theme
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in Theme.values else Theme.SYSTEM


def _lazy(make: Callable[[], Any]) -> Any:
    return SimpleLazyObject(make)


def _viewer(request: HttpRequest, now: datetime) -> Viewer:
    user, zone = request.user, zone_of(request)
    member: Membership | None = request.membership
    name = (member.name if member else user.name or user.email) if user.is_authenticated else ""
    return Viewer(
        is_authenticated=user.is_authenticated,
        name=name,
        initials=initials(name),
        avatar_tint=tint(name),
        zone=zone.name,
        zone_city=formatting.city_name(zone.name),
        zone_offset_label=formatting.offset_label(now, zone.name),
        zone_is_the_marketplaces=zone.source == Source.MARKETPLACE,
        hour_cycle=user.hour_cycle if user.is_authenticated else HourCycle.TWELVE,
    )


def _is_portal(request: HttpRequest) -> bool:
    return _page(request) in PORTAL_PAGES and _is(request, Role.PROVIDER)


def _page(request: HttpRequest) -> str:
    return request.resolver_match.url_name if request.resolver_match else ""


def _is(request: HttpRequest, *roles: Role) -> bool:
    return request.membership is not None and request.membership.has(*roles)


def _nav(request: HttpRequest, now: datetime) -> list[NavItem]:
    tenant = request.tenant
    if tenant is None:
        return []
    page, is_provider = _page(request), _is(request, Role.PROVIDER)
    waiting = _waiting(request, now)
    bookings = NavItem("Bookings", reverse("bookings"), "calendar-check", page in BOOKING_PAGES)
    today = NavItem("Today", reverse("today"), "sun", page == "today")
    if _is_portal(request):
        hours = NavItem("Hours", reverse("availability"), "clock", page in HOURS_PAGES)
        return [_counted(today, waiting), bookings, hours]
    find = NavItem(
        f"Find {tenant.words.a_provider}", reverse("directory"), "search", page in FIND_PAGES, short_label="Find"
    )
    places = [find, _counted(today, waiting), bookings] if is_provider else [find, _counted(bookings, waiting)]
    if getattr(request.membership, "price_unit", None) == "credits":
        label = tenant.words.credits.capitalize()
        places.append(NavItem(label, reverse("credits"), "coins", page in CREDIT_PAGES))
    return places


def _counted(item: NavItem, count: int) -> NavItem:
    return replace(item, count=count, count_words="needs your answer" if count == 1 else "need your answer")


def _waiting(request: HttpRequest, now: datetime) -> int:
    # A page that tells of a rolled-back transaction can't ask the database any more.
    if request.membership is None or connection.needs_rollback:
        return 0
    counted = getattr(request, "waiting", None)  # by the page that lists them
    return needs_answer_count(request.membership, now) if counted is None else counted


def _switcher(request: HttpRequest) -> list[Place]:
    tenant, user = request.tenant, request.user
    if tenant is None or not user.is_authenticated:
        return []
    places = []
    if _is(request, Role.PROVIDER):
        places.append(
            Place("Switch to client view", reverse("home"))
            if _is_portal(request)
            else Place(f"Switch to {tenant.words.area}", reverse("today"))
        )
    if _is(request, Role.STAFF, Role.OWNER):
        places.append(Place("Administration", reverse("admin:index")))
    others = [] if connection.needs_rollback else queries.tenants_of(user)
    if len(others) > 1:
        places += [
            Place(
                f"You are in {other.name}" if other == tenant else other.name, link_to(request, other), other == tenant
            )
            for other in others
        ]
    return places


def _zone_question(request: HttpRequest, now: datetime) -> dict[str, str] | None:
    """Once for each zone a device comes to: its times, or those of the account? Never decided silently (R-TZ-5)."""
    device, account = device_zone(request), request.user.time_zone if request.user.is_authenticated else ""
    if request.tenant is None or not device or not account or device == request.COOKIES.get(KEPT_COOKIE):
        return None
    if not formatting.offsets_differ(now, device, zone_of(request).name):
        return None
    return {
        "zone": device, "city": formatting.city_name(device), "kept_city": formatting.city_name(zone_of(request).name),
    }  # fmt: skip
