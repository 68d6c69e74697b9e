"""The start page of a development installation: every demo marketplace, and one press to be any demo person in it."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login, logout
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import queries, sessions
from accounts.accent import derive, theme_css
from accounts.addresses import link_to
from accounts.enums import Role
from accounts.faces import initials, tint
from accounts.models import Membership, Tenant
from accounts.tenancy import tenant_scope
from config.demo.samples import MAIL_DOMAIN, Sample, samples

BACKEND = "accounts.backends.PeopleBackend"
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
    sessions.begin(request.session, timezone.now())
    return HttpResponseRedirect(link_to(request, tenant) + _first_page(member), status=303)


def _marketplace(request: HttpRequest, tenant: Tenant) -> Marketplace:
    sample = next((sample for sample in samples() if sample.slug == tenant.slug), None)
    people = _personas(tenant, sample) if sample else []
    sub = sample.shows if sample else tenant.tagline
    return Marketplace(tenant.slug, tenant.name, sub, tenant.icon, link_to(request, tenant), people)


def _personas(tenant: Tenant, sample: Sample) -> list[Persona]:
    with tenant_scope(tenant):
        members = {member.user.email: member for member in _demo_members()}
    return [
        Persona(
            value=f"{tenant.slug}/{members[person.email].user_id}",
            label=person.name,
            note=person.note,
            initials=initials(person.name),
            tint=tint(person.name),
        )
        for person in sample.personas
        if person.email in members
    ][:NOTABLE]


def _demo_members() -> QuerySet[Membership]:
    demo = Membership.objects.filter(user__email__endswith=f"@{MAIL_DOMAIN}", suspended_at=None)
    return demo.select_related("user")


def _first_page(member: Membership) -> str:
    if member.has(Role.PROVIDER):
        return reverse("today", urlconf=settings.TENANT_URLCONF).removeprefix("/")
    return ""
