"""The control of every report: Django without middleware and one indexed query, by the same gunicorn on the same database.

What it takes today says how fast the machine is today.
"""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path

django.setup()
# After the setup, which insists on the middleware of the apps.
settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__
application = WSGIHandler()

from accounts.models import User  # noqa: E402 - Django must be set up first


def health(request: HttpRequest) -> JsonResponse:
    """Whether it runs."""
    return JsonResponse({})


def person(request: HttpRequest, pk: int) -> JsonResponse:
    """A name by primary key."""
    return JsonResponse({"name": User.objects.values_list("name", flat=True).get(pk=pk)})


urlpatterns = [path("health/", health), path("<int:pk>/", person)]
