"""More effects that tell people: one kind of mail for each thing that happens, one mail per person (R-MAIL-2)."""

from collections.abc import Callable
from dataclasses import replace

from accounts.enums import Role
from accounts.models import Membership
from notifications.services import draft

from .. import invites
from ..context import Consequence, Context
from ..enums import Actor, Status
from ..models import Booking, SupportRequest
from .base import Change, Effect, says_nothing
from .mail_facts import OTHER, mail_facts
from .mails import send

SIDES = (Actor.CLIENT, Actor.PROVIDER)


def _side(kind: str, side: Actor) -> Callable[[Change], None]:
    def tell(change: Change) -> None:
        send(change, side, f"{kind}_{side}")

    tell.__name__ = f"tell_{side}_{kind}"
    return tell


def _other(kind: str) -> Callable[[Change], None]:
    def tell(change: Change) -> None:
        side = OTHER[change.context.actor]
        send(change, side, f"{kind}_{side}")

    tell.__name__ = f"tell_other_{kind}"
    return tell


def _both(kind: str, file: Callable[..., str] | None = None) -> Callable[[Change], None]:
    def tell(change: Change) -> None:
        for side in SIDES:
            calendar_file = file(change.booking, side, change.context.now) if file else ""
            send(change, side, f"{kind}_{side}", calendar_file=calendar_file)

    tell.__name__ = f"tell_both_{kind}"
    return tell


def _other_is_told(context: Context) -> list[Consequence]:
    return [Consequence("mail", f"{context.other_name} is told by mail.")]


def _other_answers(context: Context) -> list[Consequence]:
    return [Consequence("mail", f"{context.other_name} is told by mail and has to answer.")]


def _both_are_told(context: Context) -> list[Consequence]:
    if context.actor == Actor.STAFF:
        return [Consequence("mail", f"{context.other_name} are told by mail, with the reason.")]
    return [Consequence("mail", f"{context.other_name} and you are told by mail, with a calendar file.")]


def _move_is_proposed(context: Context) -> list[Consequence]:
    stands = f"{context.when(context.agreed_start)} stays until {context.other_name} agrees."
    return [Consequence("calendar-check", stands), *_other_answers(context)]


def _still_stands(context: Context) -> list[Consequence]:
    return [
        Consequence("calendar-check", f"{context.when(context.agreed_start)} stays as it is."),
        *_other_is_told(context),
    ]


def _asked_to_cancel(context: Context) -> list[Consequence]:
    return [
        Consequence("calendar-check", f"It stays agreed until {context.client_name} cancels it."),
        Consequence(
            "mail", f"{context.client_name} is told by mail, with your words, and loses nothing by cancelling."
        ),
    ]


def _cancelled(context: Context) -> list[Consequence]:
    lines = []
    if context.starts_at:
        lines.append(
            Consequence("calendar-x", f"{context.when(context.starts_at)} is free again and leaves both calendars.")
        )
    if context.actor == Actor.CLIENT and context.price:
        lines.append(Consequence("coins", _price_line(context)))
    return [*lines, *_both_are_told(context)]


def _price_line(context: Context) -> str:
    split, words = context.fee, context.words
    if not split.kept:
        return f"You pay nothing: all {split.returned} {words.credits} come back."
    return f"{split.kept} of {context.price} {words.credits} are kept, since so little time is left."


def _support_is_told(context: Context) -> list[Consequence]:
    stays = f"{context.when(context.agreed_start)} stays until support has changed it."
    return [Consequence("calendar-check", stays), Consequence("mail", "Support is told and answers you both by mail.")]


def tell_staff(kind: str) -> Callable[[Change], None]:
    """A mail to everybody who may amend bookings in this tenant (EM-S1, EM-S2)."""

    def tell(change: Change) -> None:
        facts = mail_facts(change, Actor.STAFF)
        for member in Membership.objects.filter(roles__overlap=[Role.STAFF, Role.OWNER]).select_related("user"):
            mail = draft(
                recipient=member,
                kind=kind,
                context=facts,
                reference=change.booking.reference,
                dedupe_key=f"{change.booking.code}:{change.event.sequence}:{kind}:{member.pk}",
            )
            change.mails.append(mail)

    tell.__name__ = f"tell_staff_{kind}"
    return tell


def tell_asker_of_support_answer(change: Change) -> None:
    """Who asked support reads why it stays as it is."""
    wish = SupportRequest.objects.filter(booking=change.booking).latest("made_at")
    send(change, Actor(wish.made_by), f"booking_support_refused_{wish.made_by}")


def tell_client_of_completion(change: Change) -> None:
    """EM-C19; where both have to say it, the client who said it first knows (D15)."""
    if change.booking.status == Status.COMPLETED or change.context.actor == Actor.PROVIDER:
        send(change, Actor.CLIENT, "booking_completed_client")


def tell_of_lapse(change: Change) -> None:
    """EM-C13's end: the time is free again; a provider who had agreed to it hears so, too (C13)."""
    send(change, Actor.CLIENT, "booking_unpaid_client")
    if _was_accepted(change.context):
        send(change, Actor.PROVIDER, "booking_unpaid_provider")


def tell_provider_who_agreed(change: Change) -> None:
    """A request that waited for credits was never shown to its provider; what they have accepted is theirs to know of."""
    if _was_accepted(change.context):
        send(change, Actor.PROVIDER, "booking_withdrawn_provider")


def _was_accepted(context: Context) -> bool:
    return context.starts_at is not None and bool(context.newest_times)


def tell_both_of_price(change: Change) -> None:
    """T34. A request that waits for credits was never shown to its provider."""
    send(change, Actor.CLIENT, "booking_repriced_client")
    if change.context.status != Status.WAITING or _was_accepted(change.context):
        send(change, Actor.PROVIDER, "booking_repriced_provider")


def tell_both_of_cancellation(change: Change) -> None:
    """EM-C11, EM-C12, EM-E8: with a file that takes it out of calendars, if one ever put it in (R-MAIL-8)."""
    _both("booking_cancelled", invites.cancellation if _has_been_sent(change.booking) else None)(change)


def tell_of_handover(change: Change) -> None:
    """T34: client, new provider and the one before, who gets a file that takes it out of their calendar if one put it in.

    The others' file follows once it is set up. A request that waits for credits was never shown to a provider.
    """
    context, booking = change.context, change.booking
    is_agreed = booking.status == Status.CONFIRMED
    tells_providers = context.status != Status.WAITING or _was_accepted(context)
    for side in SIDES if tells_providers else (Actor.CLIENT,):
        file = invites.confirmation(booking, side, context.now) if is_agreed else ""
        send(change, side, f"booking_reassigned_{side}", calendar_file=file)
    if tells_providers:
        _tell_former(change)


def _tell_former(change: Change) -> None:
    former = change.former
    if former is None:
        raise LookupError("It had no other provider before.")
    former.calendar_sequence = change.booking.calendar_sequence
    had_file = change.context.status == Status.CONFIRMED
    file = invites.cancellation(former, Actor.PROVIDER, change.context.now) if had_file else ""
    send(replace(change, booking=former), Actor.PROVIDER, "booking_reassigned_former", calendar_file=file)


def _foretell_handover(context: Context) -> list[Consequence]:
    to = context.successor.name if context.successor else "who takes it over"
    return [
        Consequence(
            "mail", f"{context.client_name}, {context.provider_name} and {to} are told by mail, with the reason."
        )
    ]


def _has_been_sent(booking: Booking) -> bool:
    """Whether a calendar file has left: the confirmation carries the first one."""
    return booking.events.filter(status=Status.CONFIRMED).exists()


def _both_of_new_time(kind: str) -> Callable[[Change], None]:
    """With a file that moves the entry, unless it is still being set up: then the confirmation brings the first one."""

    def tell(change: Change) -> None:
        _both(kind, invites.confirmation if change.booking.status == Status.CONFIRMED else None)(change)

    tell.__name__ = f"tell_both_{kind}"
    return tell


ASK_FOR_CREDITS = Effect(_side("booking_waiting", Actor.CLIENT))  # EM-C13
TELL_OF_LAPSE = Effect(tell_of_lapse)
TELL_OF_HANDOVER = Effect(tell_of_handover, _foretell_handover)
TELL_PROVIDER_WHO_AGREED = Effect(tell_provider_who_agreed)
TELL_CLIENT_OF_INVITATION = Effect(_side("booking_invited", Actor.CLIENT), _other_answers)  # EM-C6
TELL_CLIENT_OF_SUGGESTION = Effect(_side("booking_suggested", Actor.CLIENT), _other_answers)  # EM-C5
TELL_PROVIDER_OF_SUGGESTION = Effect(_side("booking_suggested", Actor.PROVIDER), _other_answers)
TELL_CLIENT_OF_REVIVAL = Effect(_side("booking_revived", Actor.CLIENT), _other_answers)  # S4.27
TELL_PROVIDER_OF_DECLINE = Effect(_side("booking_declined", Actor.PROVIDER), _other_is_told)  # EM-E7
TELL_CLIENT_OF_WITHDRAWAL = Effect(_side("booking_withdrawn", Actor.CLIENT), _other_is_told)  # T15
TELL_CLIENT_OF_TAKEN_TIMES = Effect(_side("booking_taken", Actor.CLIENT))  # D11
TELL_OTHER_OF_MOVE_PROPOSAL = Effect(_other("booking_move_proposed"), _move_is_proposed)  # EM-C7, EM-E6
TELL_BOTH_OF_NEW_TIME = Effect(_both_of_new_time("booking_moved"), _both_are_told)  # EM-C8, EM-E5
TELL_OTHER_OF_DECLINED_MOVE = Effect(_other("booking_move_declined"), _still_stands)  # EM-C9, EM-E7
TELL_OTHER_OF_WITHDRAWN_MOVE = Effect(_other("booking_move_withdrawn"), _still_stands)  # EM-C10
TELL_BOTH_OF_LAPSED_MOVE = Effect(_both("booking_move_lapsed"))  # T28
TELL_BOTH_OF_CANCELLATION = Effect(tell_both_of_cancellation, _cancelled)
TELL_BOTH_OF_CANCEL_WISH = Effect(_both("booking_cancel_asked"), _asked_to_cancel)  # EM-E19
TELL_BOTH_OF_AMENDMENT = Effect(_both_of_new_time("booking_amended"), _both_are_told)  # EM-C16, EM-E16
TELL_BOTH_OF_PRICE = Effect(tell_both_of_price, _both_are_told)
TELL_CLIENT_OF_COMPLETION = Effect(tell_client_of_completion)
TELL_OTHER_OF_NO_SHOW = Effect(_other("booking_noshow"), _other_is_told)  # EM-C18
TELL_OTHER_OF_UNDO = Effect(_other("booking_undone"), _other_is_told)
TELL_OTHER_OF_CONTEST = Effect(_other("booking_contested"), _other_is_told)
TELL_BOTH_OF_DECISION = Effect(_both("booking_decided"), _both_are_told)
TELL_STAFF_OF_CONTEST = Effect(tell_staff("booking_contested_staff"), says_nothing)
TELL_STAFF_OF_SUPPORT_REQUEST = Effect(tell_staff("booking_support_asked_staff"), _support_is_told)  # EM-S2
TELL_ASKER_OF_SUPPORT_ANSWER = Effect(tell_asker_of_support_answer)
