"""Pages about a member's own credits (PG-50)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from accounts import queries as accounts
from accounts.enums import Role
from accounts.zones import viewer_zone

from .. import pages, services
from ..forms import StatementForm, VoucherForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def credits(request: HttpRequest) -> HttpResponse:
    """`/credits/`: what there is, what is held for what, and a place for a voucher. POST redeems one."""
    reader = reader_of(request)
    form = VoucherForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            voucher = services.redeem(member=reader.member, **form.cleaned_data, now=reader.now)
        except services.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        else:
            messages.success(request, f"The voucher gave you {reader.counted(voucher.amount)}.")
            return HttpResponseRedirect(reverse("credits"), status=303)
    shown = {
        "page": pages.overview(reader),
        "form": form,
        "words": reader.words,
        "sells": services.selling_here(request.tenant) is not None,
        "is_provider": reader.member.has(Role.PROVIDER),
    }
    return render(request, "credits/credits.html", shown, status=422 if form.errors else 200)


@require_safe
@login_required
def statement(request: HttpRequest) -> HttpResponse:
    """`/credits/statement/?month=&kind=&page=`: every line, in words."""
    return _statement(request, earned=False)


@require_safe
@login_required
def earned(request: HttpRequest) -> HttpResponse:
    """`/credits/earned/?month=&page=`: what sessions earned (F90)."""
    return _statement(request, earned=True)


def _statement(request: HttpRequest, *, earned: bool) -> HttpResponse:
    reader, form = reader_of(request), StatementForm(request.GET)
    wanted = form.wanted(reader.zone, earned=earned)
    if request.GET.get("format") == "csv":
        lines = list(pages.lines_of(reader.member, wanted))
        # Inside the request's transaction, so not streamed row by row: the scope ends with the view.
        text = "".join(pages.as_csv(lines, reader))
        name = "earned" if earned else "credits"
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
    page, rows = pages.statement(reader, wanted, request.GET.get("page"))
    form.offer_months(pages.months(reader, wanted))
    kept = {name: value for name in ("month", "kind") if (value := request.GET.get(name, ""))}
    shown = {
        "title": f"{reader.words.credits.capitalize()} you earned" if earned else f"Your {reader.words.credits}",
        "page": page,
        "rows": rows,
        "columns": pages.columns(earned=earned),
        "form": form,
        "says": form.says,
        "whose": reader.member.name,
        "printed": reader.printed,
        "earned": earned,
        "is_filtered": bool(kept),
        "csv": f"?{urlencode({**kept, 'format': 'csv'})}",
    }
    return render(request, "credits/statement.html", shown)


def reader_of(request: HttpRequest) -> pages.Reader:
    """The member who looks. Raises Http404 for others, and where nothing costs credits (T2)."""
    member = request.membership
    if member is None or accounts.current_policy().policy.price_unit != "credits":
        raise Http404
    member.tenant = request.tenant
    return pages.Reader(member, request.tenant.words, viewer_zone(request).key, request.user.hour_cycle, timezone.now())
