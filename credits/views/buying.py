"""Buying credits (PG-50): choose, pay on the provider's page, come back; and the address where providers tell what came of it."""

import logging
from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts import queries as accounts
from accounts.afterwards import Afterwards
from accounts.models import Tenant
from accounts.money import money

from .. import services
from ..enums import EventOutcome
from ..forms.buying import BuyForm, suggested
from ..models import Purchase
from ..pages_buying import choices, purchase_page
from ..payments import Forged, Unreachable, What, provider_of
from ..payments.local import TestCheckout, TestPayments
from .own import reader_of

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def buy(request: HttpRequest) -> HttpResponse:
    """`/credits/buy/?for=booking:NW-7K4Q&need=10`: how many; POST begins a purchase and goes to where it is paid."""
    reader, selling = reader_of(request), services.selling_here(request.tenant)
    if selling is None:
        return HttpResponseRedirect(reverse("credits"))
    begins = {"reference": request.GET.get("for", ""), **suggested(selling, request.GET.get("need", ""))}
    form = BuyForm(selling, reader.words.credits, request.POST or None, initial=begins)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            purchase = services.begin_purchase(
                member=reader.member,
                credits=said["amount"],
                request_key=said["request_key"],
                reference=said["reference"],
                now=reader.now,
            )
        except services.Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return Afterwards(partial(_open_checkout, request.tenant, purchase))
    name, href = reader.named(form.about) if form.about else ("", "")
    shown = {
        "form": form,
        "words": reader.words,
        "choices": choices(selling, form, reader),
        "each": money(selling.credit_price, selling.currency) if selling.credit_price else "",
        "is_test": selling.provider == TestPayments.name,
        "back": {"name": name, "href": href} if href else None,
    }
    return render(request, "credits/buy.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@vary_on_headers("HX-Request")
def purchase(request: HttpRequest, code: str) -> HttpResponse:
    """`/credits/purchases/<code>/?paid=1`: what is known of a purchase, which is its receipt. POST asks for the page to pay on."""
    reader = reader_of(request)
    found = get_object_or_404(Purchase, code=code, member=reader.member)
    if request.method == "POST":
        return Afterwards(partial(_open_checkout, request.tenant, found))
    selling = accounts.current_policy().policy.selling
    page = purchase_page(found, reader, came_back="paid" in request.GET, note=selling.receipt_note if selling else "")
    shown = {"page": page, "words": reader.words, "path": f"{request.path}?paid=1"}
    return render(request, "credits/_purchase.html" if request.htmx else "credits/purchase.html", shown)


def _open_checkout(tenant: Tenant, purchase: Purchase) -> HttpResponse:
    services.start_checkout(tenant=tenant, purchase_id=purchase.pk)
    return HttpResponseRedirect(reverse("purchase", args=[purchase.code], urlconf=settings.TENANT_URLCONF), status=303)


@csrf_exempt
@require_POST
def payment_event(request: HttpRequest, provider: str) -> HttpResponse:
    """`/credits/payments/<provider>/events/`: what a payment provider tells us. 400 for what it has not signed; nothing changes."""
    payments = provider_of(request.tenant, provider)
    if payments is None:
        raise Http404
    try:
        event = payments.read(request.body, request.headers)
    except Forged as forged:
        logger.warning("%s: a message was refused: %s", provider, forged)
        return HttpResponse("The signature does not hold.", status=400, content_type="text/plain")
    outcome = services.take_event(tenant=request.tenant, provider=provider, event=event, now=timezone.now())
    if outcome == EventOutcome.MISMATCH:
        logger.error("%s: event %s does not fit its purchase: see the staff's list.", provider, event.id)
    # Whatever we make of it: it has come, and must not be sent again.
    return HttpResponse(outcome.label, content_type="text/plain")


@require_http_methods(["GET", "HEAD", "POST"])
def test_payment(request: HttpRequest, token: str) -> HttpResponse:
    """`/credits/test-payment/<token>/`: the test provider's own page, where nobody pays anything."""
    payments = provider_of(request.tenant, TestPayments.name)
    checkout = payments.opened(token) if isinstance(payments, TestPayments) else None
    if checkout is None:
        raise Http404
    if request.method == "POST":
        what = {"pay": What.PAID, "decline": What.NOT_PAID}.get(request.POST.get("do", ""))
        if what is None:
            return HttpResponseRedirect(checkout.cancel_url, status=303)
        return Afterwards(partial(_tell, payments, checkout, what, request.path))
    shown = {
        "checkout": checkout,
        "price": money(checkout.price, checkout.currency),
        "is_lost": "lost" in request.GET,
    }
    return render(request, "credits/pay_test.html", shown)


def _tell(payments: TestPayments, checkout: TestCheckout, what: What, page: str) -> HttpResponse:
    try:
        payments.tell(checkout, what)
    except Unreachable as lost:
        logger.warning("The test provider's message did not get through: %s", lost)
        return HttpResponseRedirect(f"{page}?{urlencode({'lost': 1})}", status=303)
    to = checkout.return_url if what == What.PAID else checkout.cancel_url
    return HttpResponseRedirect(to, status=303)
