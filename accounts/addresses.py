"""Where a tenant lives: paths on its own pages, and addresses for links from elsewhere (mails, the switcher)."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf, reverse

from .models import Tenant


def path_to(name: str, *args: str) -> str:
    """`reverse()` for pages that write dozens of paths: it takes longer to make one than to remember it."""
    return _path(get_script_prefix(), get_urlconf() or settings.ROOT_URLCONF, name, args)


@lru_cache(maxsize=8192)
def _path(prefix: str, urlconf: str, name: str, args: tuple[str, ...]) -> str:
    # Of the prefix, too, reverse() would make this path: it is a parameter so that each tenant has its own.
    return reverse(name, urlconf=urlconf, args=args)


def tenant_url(tenant: Tenant) -> str:
    """The absolute address of the tenant's pages without the last slash: "https://north.example", ".../t/north"."""
    if not tenant.host:
        return f"{settings.PLATFORM_URL}/t/{tenant.slug}"
    platform = urlsplit(settings.PLATFORM_URL)
    port = f":{platform.port}" if platform.port else ""
    return f"{platform.scheme}://{tenant.host}{port}"


def page_url(tenant: Tenant, name: str, *args: str) -> str:
    """The absolute address of one of the tenant's pages, for mails: never made from what a browser calls this host."""
    path = reverse(name, urlconf=settings.TENANT_URLCONF, args=args)
    return f"{tenant_url(tenant)}/{path.removeprefix(get_script_prefix())}"


def link_to(request: HttpRequest, tenant: Tenant) -> str:
    """The first page of another tenant, as a path where it shares this request's host, so that one stays signed in."""
    on_platform = request.tenant is None or not request.tenant.host
    return f"/t/{tenant.slug}/" if on_platform and not tenant.host else f"{tenant_url(tenant)}/"
