from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from ..theme import fingerprint, style_sheet
from .answers import YEAR_SECONDS


@require_safe
def theme_css(request: HttpRequest, name: str) -> HttpResponse:
    """The tenant's colours; kept by browsers for a year, since another colour has another address. 404 for an old one."""
    accent = request.tenant.accent
    if name != fingerprint(accent):
        raise Http404
    response = HttpResponse(style_sheet(accent), content_type="text/css; charset=utf-8")
    patch_cache_control(response, public=True, max_age=YEAR_SECONDS, immutable=True)
    return response
