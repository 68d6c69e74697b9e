"""What search engines may read (PG-95): each marketplace's public pages, never anybody's own."""

from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.addresses import page_url
from marketplace.models import Provider

PRIVATE = ("admin", "bookings", "portal", "reset", "settings", "signin", "signout", "signup")
PUBLIC = ("home", "directory", "help", "policies")
# The protocol's limit for one file.
MOST = 50_000


@require_safe
def tenant_robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt` of one marketplace. Below /t/<slug>/ crawlers never ask for it; the platform's speaks for all."""
    lines = ["User-agent: *", *(f"Disallow: {reverse('home')}{path}/" for path in PRIVATE)]
    return _text([*lines, f"Sitemap: {page_url(request.tenant, 'sitemap')}"])


@require_safe
def platform_robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt` of the platform: a development installation wants no visitors at all."""
    return _text(
        ["User-agent: *", *(["Disallow: /"] if settings.DEMO else [f"Disallow: /t/*/{path}/" for path in PRIVATE])]
    )


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """`/sitemap.xml`: the public pages and every published provider, in one query."""
    slugs = Provider.objects.filter(is_published=True).order_by("slug").values_list("slug", flat=True)
    pages = [page_url(request.tenant, name) for name in PUBLIC]
    pages += [page_url(request.tenant, "provider", slug) for slug in slugs[: MOST - len(pages)]]
    rows = "".join(f"<url><loc>{escape(page)}</loc></url>" for page in pages)
    xml = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    return HttpResponse(xml, content_type="application/xml; charset=utf-8")


def _text(lines: list[str]) -> HttpResponse:
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
