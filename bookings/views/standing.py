"""A provider's standing, explaining a late change, and the files that go with it (PG-49)."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries as accounts
from marketplace.models import Provider

from .. import standing_queries
from ..evidence import MIME, FileKind
from ..forms.standing import ExplanationForm
from ..models import EvidenceFile, LateChange
from ..pages.parts import Viewer
from ..pages.standing import counts_anything, explain_page, standing_page
from ..services import Refused
from ..services import standing as services
from .door import see_other, viewer_of

CONFLICT, UNPROCESSABLE = 409, 422


@require_safe
@login_required
def standing(request: HttpRequest) -> HttpResponse:
    """`/portal/standing/`: what counts for the viewer, who is a provider, or that nothing does here; 404 for others."""
    viewer = viewer_of(request)
    provider, policy = _provider_of(viewer), accounts.current_policy().policy
    if not counts_anything(policy) and not LateChange.objects.filter(provider=provider).exists():
        return render(request, "bookings/standing_off.html", {"now": viewer.now})
    page = standing_page(provider, policy, request.tenant.words, viewer)
    return render(request, "bookings/standing.html", {"page": page, "now": viewer.now})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def explain(request: HttpRequest, key: UUID) -> HttpResponse:
    """`/portal/standing/<late change>/explain/`: say what happened, with files; 404 for everybody else's (S1.17, T44)."""
    viewer = viewer_of(request)
    change = _late_change_of(viewer, key)
    if request.method != "POST":
        return _explain_page(request, change, viewer, ExplanationForm())
    form = ExplanationForm(request.POST, request.FILES)
    if not form.is_valid():
        return _explain_page(request, change, viewer, form, UNPROCESSABLE)
    try:
        services.explain(late_change=change, by=viewer.member, now=viewer.now, **form.cleaned_data)
    except Refused as refused:
        form.refuse(refused.refusal)
        return _explain_page(request, change, viewer, form, CONFLICT if refused.refusal.is_conflict else UNPROCESSABLE)
    messages.success(request, "Sent. Our staff read it and answer you by mail.")
    return see_other(f"{reverse('standing')}#late-{change.pk}")


@require_safe
@login_required
def evidence(request: HttpRequest, key: UUID) -> HttpResponse:
    """`/portal/standing/files/<file>/`: a file as a download, for who handed it in and for staff; 404 for all others.

    Never shown in the browser: it comes from a member, and could be a page of theirs below our address.
    """
    try:
        row = standing_queries.file_for(request.membership, key)
        with row.file.open("rb") as file:
            content = file.read()
    except (EvidenceFile.DoesNotExist, FileNotFoundError):
        raise Http404 from None
    return HttpResponse(
        content,
        content_type=MIME[FileKind(row.kind)],
        headers={
            "Content-Disposition": content_disposition_header(True, row.name),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _provider_of(viewer: Viewer) -> Provider:
    provider = Provider.objects.select_related("calendar").filter(member=viewer.member).first()
    if provider is None:
        raise Http404
    return provider


def _late_change_of(viewer: Viewer, key: UUID) -> LateChange:
    try:
        return standing_queries.late_change_of(_provider_of(viewer), key)
    except LateChange.DoesNotExist:
        raise Http404 from None


def _explain_page(
    request: HttpRequest, change: LateChange, viewer: Viewer, form: ExplanationForm, status: int = 200
) -> HttpResponse:
    page = explain_page(change, viewer, request.tenant.words)
    return render(request, "bookings/explain.html", {"page": page, "form": form, "now": viewer.now}, status=status)
