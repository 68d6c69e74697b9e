"""A tenant's addresses and some that go wrong in every way a view can."""

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseGone
from django.urls import include, path
from django.views.decorators.http import require_POST

from accounts.models import Membership
from config.urls.tenant import *  # noqa: F403 - its handlers are what is tried

RAISED = {
    "400": SuspiciousOperation("odd"),
    "403": PermissionDenied("no"),
    "404": Http404("gone"),
    "413": RequestDataTooBig("large"),
    "500": ZeroDivisionError("secret detail"),
    "503": OperationalError("could not connect: secret detail"),
}


def raising(request: HttpRequest, status: str) -> HttpResponse:
    if request.membership:
        Membership.objects.filter(pk=request.membership.pk).update(name="Half done")
    raise RAISED[status]


@require_POST
def only_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def gone(request: HttpRequest) -> HttpResponse:
    return HttpResponseGone()


urlpatterns = [
    path("raise/<status>/", raising),
    path("only-post/", only_post),
    path("gone/", gone),
    path("", include("config.urls.tenant")),
]
