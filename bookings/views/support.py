"""Asking staff to change what is agreed, where the rules leave it to them: PG-35b."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from ..context import Refusal, TimeOnTable
from ..enums import Action
from ..forms.outcome import SupportForm
from ..models import Booking
from ..pages.outcome import words_page
from ..pages.parts import other_of, side_of, support_answers
from .acting import form_page, handle, sent_by
from .door import booking_of, viewer_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask_support(request: HttpRequest, code: str) -> HttpResponse:
    """`/bookings/<code>/ask-support/`: wanted times and why; staff answer both (S1.18-S1.20)."""
    booking, viewer = booking_of(request, code), viewer_of(request)
    name = other_of(booking, side_of(booking, viewer)).name
    form = SupportForm(
        sent_by(request),
        reader=viewer.reader,
        now=viewer.now,
        label="What should be changed, and why?",
        help_text=f"Say what you and {name} agreed on. Support reads it, and {name} sees it here.",
    )
    promise = support_answers(booking, viewer, viewer.now)

    def show(booking: Booking, refusal: Refusal | None) -> HttpResponse:
        page = words_page(
            booking,
            viewer,
            Action.ASK_SUPPORT,
            title="Ask support to change it",
            lead=promise,
            button="Ask support",
        )
        return form_page(request, viewer, "bookings/words.html", page, form, refusal)

    wanted = form.cleaned_data.get("wanted", ()) if form.is_valid() else ()
    offer = tuple(TimeOnTable(start, booking.minutes, booking.price) for start in wanted)
    said = f"Support was asked. {promise}"
    return handle(request, booking, viewer, Action.ASK_SUPPORT, form, said=said, show=show, offer=offer)
