"""The few pages of the platform itself: they belong to no tenant and name none."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The platform's own address: it lists nothing and says where to go."""
    return render(request, "platform/front.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Help for people who are in no marketplace yet."""
    return render(request, "platform/help.html")
