"""Every address of the product, found by walking the URLs, and values for its parameters.

An address with a parameter that nobody gave values for makes the crawl fail: a new page is crawled from its first day.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import quote

from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize

from accounts.tenancy import tenant_scope
from accounts.theme import fingerprint
from bookings.models import EvidenceFile, LateChange
from credits.models import Purchase
from credits.payments import Order, provider_of

from .world import World

ABSENT_ID = "01a00000-0000-7000-8000-000000000000"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One URL pattern: `route` as path() writes it, with all that stands before it."""

    route: str
    name: str

    @property
    def parameters(self) -> list[str]:
        return _PARAMETER.findall(self.route)

    def path(self, values: dict[str, str]) -> str:
        """The path with values for the parameters."""
        return _PARAMETER.sub(lambda match: quote(values[match[1]]), self.route)


def addresses(urlconf: str) -> list[Address]:
    """All addresses of a URLconf, each route once."""
    found = {address.route: address for address in _walk(import_module(urlconf).urlpatterns, "")}
    return list(found.values())


def _walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Address]:
    for entry in patterns:
        route = before + _route(entry)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, route)
        else:
            yield Address(route, entry.name or "")


def _route(entry: URLPattern | URLResolver) -> str:
    if isinstance(entry.pattern, RoutePattern):
        return str(entry.pattern)
    [(route, _), *_] = normalize(entry.pattern.regex.pattern)
    return re.sub(r"%\((\w+)\)s", r"<\1>", route)


# --- values -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Values:
    """What may stand for a parameter: things of a world, and one that looks the same and is nowhere."""

    of: Callable[[World, re.Match], list[str]]
    absent: str


def _keys(world: World, model: type[Model]) -> list[str]:
    with tenant_scope(world.tenant):
        return [str(model.objects.order_by("pk").values_list("pk", flat=True)[0])]


def _rows(world: World, match: re.Match) -> list[str]:
    return _keys(world, apps.get_model(match["app"], match["model"]))


def _purchases(world: World) -> list[str]:
    with tenant_scope(world.tenant):
        return list(Purchase.objects.values_list("code", flat=True))


def _checkouts(world: World) -> list[str]:
    """What stands in the address of the test provider's page."""
    order = Order(
        key="1", tenant=world.tenant.slug, purchase=ABSENT_ID, title=f"10 credits {world.marker}", price=900, currency="EUR",
        email="", return_url="/", cancel_url="/",
    )  # fmt: skip
    return [provider_of(world.tenant, "test").start(order).url.split("/")[-2]]


# A parameter that chooses no row: the same for everybody.
FIXED = {
    r"^admin/<app_label>/:app_label": "bookings",
    r"^admin/<url>:url": "nowhere",
    r"^credits/payments/<slug:provider>/events/:provider": "test",
}

VALUES = {
    r"^portal/standing/files/<uuid:key>/:key": Values(lambda world, _: _keys(world, EvidenceFile), ABSENT_ID),
    r"^portal/standing/<uuid:key>/explain/:key": Values(lambda world, _: _keys(world, LateChange), ABSENT_ID),
    r"^admin/(?P<app>\w+)/(?P<model>\w+)/<path:object_id>/.*:object_id": Values(_rows, ABSENT_ID),
    r"^admin/(?P<app>\w+)/(?P<model>\w+)/<uuid:pk>/.*:pk": Values(_rows, ABSENT_ID),
    r"^credits/purchases/<slug:code>/:code": Values(lambda world, _: _purchases(world), "ABCDEFGH"),
    r"^credits/test-payment/<str:token>/:token": Values(lambda world, _: _checkouts(world), "nothing"),
    r"^theme/<slug:name>\.css:name": Values(lambda world, _: [fingerprint(world.tenant.accent)], "0123456789ab"),
    r"^experts/<slug:slug>/.*:slug": Values(lambda world, _: [world.provider.slug], "nobody-of-this-name"),
    r"^bookings/<\w+:code>.*:code": Values(
        lambda world, _: [world.bookings[name].code for name in ("pending", "confirmed")], "ZZQ-7K4Q"
    ),
}


class Unknown(Exception):
    """The crawl has no values for a parameter: add them to VALUES, or to FIXED when it chooses no row."""


def fillings(address: Address, world: World | None) -> list[dict[str, str]]:
    """Values for the address's parameters: those of `world`, or absent ones without a world. Raises Unknown."""
    filled: list[dict[str, str]] = [{}]
    for parameter in address.parameters:
        choices = _choices(address, parameter, world)
        filled = [{**values, parameter: choice} for values in filled for choice in choices]
    return filled


def _choices(address: Address, parameter: str, world: World | None) -> list[str]:
    key = f"{address.route}:{parameter}"
    for pattern, value in FIXED.items():
        if re.match(pattern, key):
            return [value]
    for pattern, values in VALUES.items():
        if match := re.match(pattern, key):
            return values.of(world, match) if world else [values.absent]
    raise Unknown(f"{address.route} ({address.name}): {parameter}")


def chooses_a_row(address: Address) -> bool:
    """Whether a parameter names something of a tenant."""
    keys = [f"{address.route}:{parameter}" for parameter in address.parameters]
    return any(re.match(pattern, key) for key in keys for pattern in VALUES)
