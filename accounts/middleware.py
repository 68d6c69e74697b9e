"""From URL to tenant: the address chooses the tenant, then one request is one tenant and one transaction."""

import re
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import split_domain_port
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone

from . import queries, sessions
from .afterwards import Afterwards
from .models import Tenant
from .tenancy import tenant_scope

TENANT_PATH = re.compile(r"^/t/(?P<slug>[-a-z0-9]+)(?P<rest>/|$)")

GetResponse = Callable[[HttpRequest], HttpResponse]


class TenantAddressMiddleware:
    """Choose the tenant by host, or by /t/<slug>/ on the platform's own hosts (ux.md 2.0).

    Below /t/<slug>/ the prefix becomes the script name, as if the tenant had a host of its own: one set of URLs and
    `{% url %}` serve both. An address of nobody is left to the platform's URLs, which know no such page: 404.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.tenant, prefix = _find(request)
        if request.tenant is None:
            return self.get_response(request)
        request.urlconf = settings.TENANT_URLCONF
        if prefix == request.path_info:  # /t/north, the slash forgotten
            return HttpResponseRedirect(request.get_full_path(force_append_slash=True))
        before = get_script_prefix()
        request.path_info = request.path_info[len(prefix) :]
        request.META["SCRIPT_NAME"] = request.META.get("SCRIPT_NAME", "") + prefix
        set_script_prefix(request.META["SCRIPT_NAME"] + "/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(before)


def _find(request: HttpRequest) -> tuple[Tenant | None, str]:
    """The tenant of the address, and how much of the path only says which it is."""
    host = split_domain_port(request.get_host())[0]
    if host not in settings.PLATFORM_HOSTS and (tenant := queries.tenant_by_host(host)):
        return tenant, ""
    is_platform = host in settings.PLATFORM_HOSTS or "*" in settings.PLATFORM_HOSTS
    if is_platform and (match := TENANT_PATH.match(request.path_info)):
        return queries.tenant_by_slug(match["slug"]), match[0].removesuffix("/")
    return None, ""


class TenantScopeMiddleware:
    """Enter the tenant's scope for the view: `request.membership` is who the viewer is here, or None.

    The response is rendered inside, unless it says that it comes afterwards. An exception rolls everything back; a refusal
    that a view answers does not, so services keep savepoints of their own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = None
        if request.tenant is None:
            return self.get_response(request)
        with tenant_scope(request.tenant):
            if request.user.is_authenticated:
                _recognise(request, timezone.now())
            response = self.get_response(request)
        return response.finish() if isinstance(response, Afterwards) else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        # Django turns the exception into a response before tenant_scope() could see it and roll back.
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)


def _recognise(request: HttpRequest, now: datetime) -> None:
    member = queries.membership_of(request.user)
    if sessions.has_ended(request.session, member, now):
        logout(request)
        return
    sessions.note_visit(request.session, member, now)
    request.membership = member
