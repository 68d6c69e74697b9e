"""The development mailbox: every mail that left, as its reader gets it (PG-92). Development only."""

import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts import formatting
from accounts.zones import viewer_zone
from notifications.models import MailboxMessage

from . import scanner

PER_PAGE = 30
CODE_IN_THREAD = re.compile(r"^<booking\.(?P<code>[^.]+)\.")
PARTS = {"html": "As mail", "text": "Text", "headers": "Headers", "calendar": "Calendar file"}
# The mail brings its own colours, but can't run, load or send anything; its links open in a new tab.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; frame-ancestors 'self'"
)


class MailFilter(forms.Form):
    """Whose mails, and about which booking."""

    person = forms.CharField(label="Person", required=False, widget=forms.Select)
    booking = forms.CharField(
        label="Booking", required=False, widget=forms.TextInput(attrs={"placeholder": "NW-7K4Q", "autocomplete": "off"})
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        people = MailboxMessage.objects.order_by("to_header").values_list("to_header", flat=True).distinct()
        self.fields["person"].widget.choices = [("", "Everybody"), *((person, person) for person in people)]  # type: ignore[attr-defined]

    def mails(self) -> QuerySet[MailboxMessage]:
        """The mails that were asked for, newest first."""
        chosen = self.cleaned_data if self.is_valid() else {}
        mails = MailboxMessage.objects.order_by("-pk").defer("source")
        if person := chosen.get("person"):
            mails = mails.filter(to_header=person)
        if code := chosen.get("booking"):
            mails = mails.filter(thread__istartswith=f"<booking.{code.strip()}.")
        return mails


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """`GET /dev/mail/?person=&booking=`: all mails, newest first."""
    chosen = MailFilter(request.GET)
    page = Paginator(chosen.mails(), PER_PAGE).get_page(request.GET.get("page"))
    rows = [_row(request, mail) for mail in page]
    return render(request, "dev/mail.html", {"filter": chosen, "page_obj": page, "mails": rows})


@require_safe
def mail_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """`GET /dev/mail/<id>/?part=html|text|headers|calendar`: one mail from one side."""
    return _detail(request, get_object_or_404(MailboxMessage, pk=pk))


@require_safe
@xframe_options_sameorigin
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part on an address of its own, shut into a sandbox, for the frame in the page."""
    part = _parse(get_object_or_404(MailboxMessage, pk=pk)).get_body(("html",))
    if part is None:
        raise Http404("This mail has no HTML part.")
    html = part.get_content().replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})


@require_safe
def mail_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The attached calendar file, to be opened with a calendar program."""
    file = _calendar_file(_parse(get_object_or_404(MailboxMessage, pk=pk)))
    if not file:
        raise Http404("This mail has no calendar file.")
    disposition = 'attachment; filename="invite.ics"'
    return HttpResponse(file, content_type="text/calendar", headers={"Content-Disposition": disposition})


@require_POST
def mail_scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Open every link of the mail as a mail scanner does, and show that nothing changed by it (R-MAIL-1, F30)."""
    mail = get_object_or_404(MailboxMessage, pk=pk)
    return _detail(request, mail, scan=scanner.scan(_links(_parse(mail))))


def _detail(request: HttpRequest, mail: MailboxMessage, **extra: Any) -> HttpResponse:
    message = _parse(mail)
    there = {"html": message.get_body(("html",)), "text": message.get_body(("plain",)), "headers": True}
    there["calendar"] = _calendar_file(message)
    chosen = request.GET.get("part", "html")
    part = chosen if there.get(chosen) else "headers"
    thread = CODE_IN_THREAD.match(mail.thread)
    context = {
        "mail": _row(request, mail),
        "pk": mail.pk,
        "part": part,
        "parts": [
            {"label": label, "href": f"?part={name}", "current": name == part}
            for name, label in PARTS.items()
            if there[name]
        ],
        "text": message.get_body(("plain",)).get_content() if part == "text" else "",
        "headers": [{"label": name, "value": str(value)} for name, value in message.items()],
        "calendar": _calendar_file(message) if part == "calendar" else "",
        "person_href": _filtered(person=mail.to_header),
        "code": thread["code"] if thread else "",
        "booking_href": _filtered(booking=thread["code"]) if thread else "",
    }
    return render(request, "dev/mail_detail.html", {**context, **extra})


def _row(request: HttpRequest, mail: MailboxMessage) -> dict[str, str]:
    return {
        "href": reverse("dev_mail_detail", args=[mail.pk]),
        "subject": mail.subject,
        "to": mail.to_header,
        "kind": f"from {mail.from_header}",
        "state": "Received",
        "datetime": formatting.iso(mail.received_at),
        "at": formatting.day_and_time(mail.received_at, viewer_zone(request).key, timezone.now()),
    }


def _filtered(**chosen: str) -> str:
    return f"{reverse('dev_mail')}?{urlencode(chosen)}"


def _parse(mail: MailboxMessage) -> EmailMessage:
    return email.message_from_bytes(bytes(mail.source), policy=email.policy.default)  # type: ignore[return-value]


def _calendar_file(message: EmailMessage) -> str:
    parts = (part for part in message.walk() if part.get_content_type() == "text/calendar")
    return next((part.get_payload(decode=True).decode() for part in parts), "")  # type: ignore[union-attr]


def _links(message: EmailMessage) -> list[str]:
    """Every address in the mail once, from the HTML as from the text."""
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    found = re.findall(r'href="(https?://[^"]+)"', html.get_content()) if html else []
    found += re.findall(r"https?://\S+", text.get_content()) if text else []
    return list(dict.fromkeys(found))
