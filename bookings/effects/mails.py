"""Effects that tell people: one mail per person and change, as rows in the same transaction (R-MAIL-2, W1)."""

from accounts.models import Membership
from notifications.services import draft

from .. import invites
from ..context import Consequence, Context
from ..enums import Actor
from .base import Change, Effect
from .mail_facts import mail_facts


def send(change: Change, to: Actor, kind: str, *, calendar_file: str = "") -> None:
    """One mail about this change to one side, as a row; the same change never makes it twice (W1)."""
    booking = change.booking
    recipient: Membership = booking.client if to == Actor.CLIENT else booking.provider.member
    mail = draft(
        recipient=recipient,
        kind=kind,
        context=mail_facts(change, to) | {"has_file": bool(calendar_file)},
        reference=booking.reference,
        dedupe_key=f"{booking.code}:{change.event.sequence}:{kind}",
        calendar_file=calendar_file,
    )
    change.mails.append(mail)


def tell_provider_of_request(change: Change) -> None:
    """EM-E1: somebody asks, until when to answer (S0.5-S0.10)."""
    send(change, Actor.PROVIDER, "booking_requested_provider")


def send_client_receipt(change: Change) -> None:
    """EM-C1: what was asked and what happens next."""
    send(change, Actor.CLIENT, "booking_requested_client")


def confirm_to_both(change: Change) -> None:
    """EM-C2 and EM-E3 or E5, each with a calendar file for that reader (S0.14, S0.15, R-MAIL-8)."""
    for side, kind in ((Actor.CLIENT, "booking_confirmed_client"), (Actor.PROVIDER, "booking_confirmed_provider")):
        send(change, side, kind, calendar_file=invites.confirmation(change.booking, side, change.context.now))


def tell_client_of_decline(change: Change) -> None:
    """EM-C3: not accepted, with the reason and the way to another time (S0.17, S0.22)."""
    send(change, Actor.CLIENT, "booking_declined_client")


def tell_provider_of_withdrawal(change: Change) -> None:
    """EM-E4: the client took the request back."""
    send(change, Actor.PROVIDER, "booking_withdrawn_provider")


def tell_both_of_expiry(change: Change) -> None:
    """EM-C4 and EM-E9: nobody answered in time (T16)."""
    send(change, Actor.CLIENT, "booking_expired_client")
    send(change, Actor.PROVIDER, "booking_expired_provider")


def foretell_confirmation(context: Context) -> list[Consequence]:
    """The line of the effect box about the confirmation."""
    return [Consequence("mail", f"{context.other_name} and you get a confirmation by mail with a calendar file.")]


def _foretell_request(context: Context) -> list[Consequence]:
    return [Consequence("mail", f"{context.provider_name} is told by mail and has to answer.")]


def _foretell_other_is_told(context: Context) -> list[Consequence]:
    return [Consequence("mail", f"{context.other_name} is told by mail.")]


def _foretell_decline(context: Context) -> list[Consequence]:
    return [Consequence("mail", f"{context.other_name} is told by mail, with your reason and your message.")]


TELL_PROVIDER_OF_REQUEST = Effect(tell_provider_of_request, _foretell_request)
SEND_CLIENT_RECEIPT = Effect(send_client_receipt)
CONFIRM_TO_BOTH = Effect(confirm_to_both, foretell_confirmation)
TELL_CLIENT_OF_DECLINE = Effect(tell_client_of_decline, _foretell_decline)
TELL_PROVIDER_OF_WITHDRAWAL = Effect(tell_provider_of_withdrawal, _foretell_other_is_told)
TELL_BOTH_OF_EXPIRY = Effect(tell_both_of_expiry)
