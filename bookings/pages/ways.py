"""From one page on which somebody acts to the next: what is possible instead, and where (Refusal.instead)."""

from dataclasses import replace

from django.urls import reverse

from .. import queries, services, workflow
from ..context import Context, OpenProposal, Refusal, TimeOnTable
from ..enums import Action, Actor, CreditStatus, ProposalState, Status
from ..models import Booking
from .parts import Button, Viewer, side_of

PAGES = {
    Action.ACCEPT: "booking_accept",
    Action.DECLINE: "booking_decline",
    Action.WITHDRAW: "booking_withdraw",
    Action.SUGGEST: "booking_suggest",
    Action.RESCHEDULE: "booking_reschedule",
    Action.CANCEL: "booking_cancel",
    Action.ASK_TO_CANCEL: "booking_ask_to_cancel",
    Action.CHANGE_NOTES: "booking_notes",
    Action.ASK_SUPPORT: "booking_support",
}


def context_of(booking: Booking, viewer: Viewer, action: Action, **details: object) -> Context:
    """The facts on which `workflow` judges this viewer's action."""
    facts = services.facts_about(
        booking,
        action=action,
        actor=side_of(booking, viewer),
        now=viewer.now,
        by=viewer.member,
        reader=viewer.reader,
        **details,
    )
    return services.with_balance(facts, booking)


def context_from(booking: Booking, viewer: Viewer, action: Action) -> Context:
    """The same facts without a query, for bookings of `queries`; left out are what happened last, late changes, wishes."""
    proposals = queries.proposals_of(booking)
    newest = proposals[0] if proposals else None
    times = tuple(TimeOnTable.of(time) for time in newest.times.all()) if newest else ()
    is_open = newest is not None and newest.state == ProposalState.OPEN
    return Context(
        action=action,
        actor=side_of(booking, viewer),
        now=viewer.now,
        policy=booking.policy,
        words=booking.tenant.words,
        reader=viewer.reader,
        status=Status(booking.status),
        provider_name=booking.provider.name,
        service_name=booking.service.name,
        client_name=booking.client.name,
        proposal=OpenProposal(Actor(newest.made_by), newest.made_at, newest.answer_by, times) if is_open else None,
        newest_times=times,
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        price=booking.price,
        credit_status=CreditStatus(booking.credit_status),
        hold_id=booking.hold_id,
        pay_by=booking.pay_by,
        cancel_asked=booking.cancel_asked_at is not None,
        held_said_by=Actor(booking.held_by) if booking.held_by else None,
        place=booking.service.place,
        is_instant=booking.service.is_instant,
    )


def rule_against(context: Context) -> Refusal | None:
    """Why this can't be done whatever somebody fills in; None where the page of the action has a use."""
    refusal = workflow.check(context)
    if workflow.exists_for(context) and (refusal is None or refusal.field):
        return None
    return refusal


def to_another_time(booking: Booking, viewer: Viewer, context: Context | None = None) -> Action | None:
    """How this person gets another time for this booking, by the tenant's rules; None where there is no way (D7)."""
    facts = context or context_from(booking, viewer, Action.SUGGEST)
    if facts.actor == Actor.STAFF:
        return None
    ways = (Action.SUGGEST, Action.RESCHEDULE, Action.ASK_SUPPORT)
    return next((action for action in ways if rule_against(replace(facts, action=action)) is None), None)


def href_of(booking: Booking, action: Action) -> str:
    """The address of the page on which `action` is done."""
    return reverse(PAGES[action], args=[booking.code])


def button_to(booking: Booking, viewer: Viewer, action: Action | None, *, kind: str = "") -> Button | None:
    """The way to the page of an action, in words for this person; None where it has no page for them."""
    if action == Action.REQUEST:
        return Button("Ask for a time", href=reverse("provider", args=[booking.provider.slug]), kind=kind)
    if action in (Action.INVITE, Action.BOOK):
        return Button("Make a booking", href=reverse("new_booking"), kind=kind)
    if action not in PAGES:
        return None
    is_provider = side_of(booking, viewer) == Actor.PROVIDER
    other = booking.client.name if is_provider else booking.provider.name
    labels = {
        Action.SUGGEST: "Suggest another time",
        Action.RESCHEDULE: "Move it",
        Action.CANCEL: f"Cancel the {booking.tenant.words.session}",
        Action.ASK_TO_CANCEL: f"Ask {other} to cancel",
        Action.ASK_SUPPORT: "Ask support to change it",
        Action.ACCEPT: "Accept",
        Action.DECLINE: "Decline",
        Action.WITHDRAW: "Withdraw",
        Action.CHANGE_NOTES: "Change your notes",
    }
    return Button(labels[action], href=href_of(booking, action), kind=kind)
