"""From URL to tenant: the address chooses the tenant, then one request is one tenant and one transaction."""

import re
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import set_script_prefix

from . import queries
from .tenancy import tenant_scope

TENANT_PATH = re.compile(r"^/t/(?P<slug>[-a-z0-9]+)(?=/)")

GetResponse = Callable[[HttpRequest], HttpResponse]


class TenantAddressMiddleware:
    """Choose the tenant by host, or by /t/<slug>/ on the platform's own hosts (ux.md 2.0).

    Below /t/<slug>/ the prefix becomes the script name, as if the tenant had a host of its own: one set of URLs and
    `{% url %}` serve both. An address of nobody is left to the platform's URLs, which know no such page: 404.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.tenant = None
        host = request.get_host().rpartition(":")[0] or request.get_host()
        if host not in settings.PLATFORM_HOSTS:
            request.tenant = queries.tenant_by_host(host)
        elif match := TENANT_PATH.match(request.path_info):
            request.tenant = queries.tenant_by_slug(match["slug"])
            if request.tenant is not None:
                request.path_info = request.path_info[match.end() :]
                request.META["SCRIPT_NAME"] = match[0]
                set_script_prefix(match[0] + "/")
        if request.tenant is None:
            return self.get_response(request)
        request.urlconf = settings.TENANT_URLCONF
        try:
            return self.get_response(request)
        finally:
            set_script_prefix("/")


class TenantScopeMiddleware:
    """Enter the tenant's scope for the view: `request.membership` is who the viewer is here, or None.

    The response is rendered inside. An exception rolls everything back; a refusal that a view answers does not, so
    services keep savepoints of their own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = None
        if request.tenant is None:
            return self.get_response(request)
        with tenant_scope(request.tenant):
            if request.user.is_authenticated:
                request.membership = queries.membership_of(request.user)
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        # Django turns the exception into a response before tenant_scope() could see it and roll back.
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
