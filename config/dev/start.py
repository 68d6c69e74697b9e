"""The start page of a development installation: every demo marketplace, and one press to be any demo person in it."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login, logout
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import queries
from accounts.accent import derive, theme_css
from accounts.addresses import link_to
from accounts.enums import Role
from accounts.faces import initials, tint
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope

DEMO_DOMAIN = "@demo.parley.example"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NOTABLE = 6
DEVELOPER_PAGES = (("Every email that was sent", "dev_mail"), ("Component sheet", "dev_ui"), ("Health", "health"))


@dataclass(frozen=True, slots=True)
class Persona:
    """A demo person to become: what the button shows, and what it sends."""

    value: str
    label: str
    note: str
    initials: str
    tint: str


@dataclass(frozen=True, slots=True)
class Marketplace:
    """One demo tenant on the start page."""

    slug: str
    name: str
    sub: str
    icon: str
    href: str
    people: list[Persona]


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """All tenants with up to six of their demo people, whoever can do most first."""
    marketplaces = [_marketplace(request, tenant) for tenant in Tenant.objects.order_by("pk")]
    links = [{"label": label, "href": reverse(name)} for label, name in DEVELOPER_PAGES]
    return render(request, "dev/start.html", {"marketplaces": marketplaces, "links": links})


@require_safe
def themes(request: HttpRequest) -> HttpResponse:
    """The colours of all tenants in one style sheet, each for its own row of the start page."""
    sheets = (theme_css(derive(tenant.accent), f'[data-tenant="{tenant.slug}"]') for tenant in Tenant.objects.all())
    return HttpResponse("".join(sheets), content_type="text/css; charset=utf-8")


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Become the demo person named by `as` ("<slug>/<user id>") and go to the first page; 404 for anybody else."""
    slug, _, user_id = request.POST.get("as", "").partition("/")
    tenant = queries.tenant_by_slug(slug)
    if tenant is None or not user_id.isdecimal():
        raise Http404
    with tenant_scope(tenant):
        member = _demo_members().filter(user_id=user_id).first()
    if member is None:
        raise Http404
    logout(request)
    login(request, member.user, backend=BACKEND)
    return HttpResponseRedirect(link_to(request, tenant) + _first_page(member), status=303)


def _marketplace(request: HttpRequest, tenant: Tenant) -> Marketplace:
    with tenant_scope(tenant):
        members = sorted(_demo_members(), key=lambda member: (_standing(member), member.joined_at))[:NOTABLE]
        people = [_persona(tenant, member) for member in members]
    return Marketplace(tenant.slug, tenant.name, tenant.tagline, tenant.icon, link_to(request, tenant), people)


def _demo_members() -> QuerySet[Membership]:
    return Membership.objects.filter(user__email__endswith=DEMO_DOMAIN, suspended_at=None).select_related("user")


def _standing(member: Membership) -> int:
    """Clients first, then providers, then those who run the place: the order of the page."""
    order = (Role.OWNER, Role.STAFF, Role.PROVIDER, Role.CLIENT)
    return 3 - next(place for place, role in enumerate(order) if role in member.roles)


def _persona(tenant: Tenant, member: Membership) -> Persona:
    words = tenant.words
    notes = {
        Role.CLIENT: words.client, Role.PROVIDER: words.provider, Role.STAFF: "staff", Role.OWNER: "owner",
    }  # fmt: skip
    return Persona(
        value=f"{tenant.slug}/{member.user_id}",
        label=member.name,
        note=", ".join(notes[Role(role)] for role in member.roles),
        initials=initials(member.name),
        tint=tint(member.name),
    )


def _first_page(member: Membership) -> str:
    if member.has(Role.PROVIDER):
        return reverse("today", urlconf=settings.TENANT_URLCONF).removeprefix("/")
    return ""
