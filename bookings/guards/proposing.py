"""Putting times on the table, or booking one directly."""

import itertools
from collections.abc import Sequence

from accounts.policies import Vocabulary
from calendars.slots import ReasonCode

from .. import deadlines
from ..context import MOST_SUGGESTIONS, Context, Refusal, TimeOnTable
from ..enums import Action, Actor


def times_are_offered(context: Context) -> Refusal | None:
    """One to three times, none of them twice (S1.8, S1.13)."""
    if not context.offer:
        return Refusal("no_time", "Choose a time first.", field="time")
    if len({time.starts_at for time in context.offer}) != len(context.offer):
        return Refusal("same_time", "You chose one time twice. Remove one of them.", field="time")
    if len(context.offer) > MOST_SUGGESTIONS:
        return Refusal(
            "too_many", f"You can suggest {MOST_SUGGESTIONS} times at most. Remove the others.", field="time"
        )
    return _overlap_of_own(context.offer)


def _overlap_of_own(offer: Sequence[TimeOnTable]) -> Refusal | None:
    ordered = sorted(offer, key=lambda time: time.starts_at)
    if any(before.ends_at > after.starts_at for before, after in itertools.pairwise(ordered)):
        return Refusal("overlap", "Two of your times overlap each other. Move one of them.", field="time")
    return None


def one_time_is_offered(context: Context) -> Refusal | None:
    """A direct move or booking names exactly one time."""
    if len(context.offer) == 1:
        return None
    if context.offer:
        return Refusal("too_many", "Only one time is possible here. Remove the others.", field="time")
    return Refusal("no_time", "Choose a time first.", field="time")


def offered_times_are_possible(context: Context) -> Refusal | None:
    """Each time can still be agreed: in the future and outside the answer lead (S4.42, decisions.md 9)."""
    late = [time for time in context.offer if not deadlines.is_possible(time.starts_at, context.policy, context.now)]
    if not late:
        return None
    when, lead = context.when(late[0].starts_at), context.policy.answer_lead_hours
    if late[0].starts_at <= context.now:
        return Refusal("past", f"{when} has passed. Choose a later time.", field="time", is_conflict=True)
    why = f"{when} is too soon: {context.words.a_session} is agreed at least {lead} hours before it starts."
    return Refusal("too_soon", f"{why} Choose a later time.", field="time", is_conflict=True)


def offer_is_new(context: Context) -> Refusal | None:
    """What is offered differs from what stands."""
    for time in context.offer:
        if time.starts_at == context.starts_at and time.minutes == context.minutes:
            return Refusal("no_change", "This is the time that stands already. Choose another one.", field="time")
    if context.proposal and context.proposal.made_by == context.actor and context.proposal.times == context.offer:
        return Refusal("no_change", "These times are on the table already. Choose another one.", field="time")
    return None


def offered_times_are_free(context: Context) -> Refusal | None:
    """A client chooses among the provider's free times; whoever owns the calendar may offer any (T23, PG-35)."""
    if context.actor != Actor.CLIENT or not context.gone:
        return None
    gone = context.gone[0]
    when = context.when(gone.start)
    sentence = f"{when} has passed." if gone.reason.code == ReasonCode.PAST else f"{when} is not free."
    return Refusal("gone", f"{sentence} Choose another time.", field="time", is_conflict=True)


def provider_may_invite(context: Context) -> Refusal | None:
    """Whether providers of this tenant may propose a session themselves (S4.14, D16)."""
    if context.policy.provider_made == "needs_client":
        return None
    if context.policy.provider_made == "confirmed":
        return Refusal("books_directly", f"You book {context.words.sessions} directly here.", instead=Action.BOOK)
    return _not_made_by_providers(context)


def provider_makes_bookings(context: Context) -> Refusal | None:
    """Whether a provider's booking is agreed at once (S3.12, D16)."""
    if context.policy.provider_made == "confirmed":
        return None
    if context.policy.provider_made == "needs_client":
        sentence = f"{context.client_name} has to agree first. Send an invitation."
        return Refusal("needs_client", sentence, instead=Action.INVITE)
    return _not_made_by_providers(context)


def _not_made_by_providers(context: Context) -> Refusal:
    return Refusal("client_asks", clients_ask(context.words))


def clients_ask(words: Vocabulary) -> str:
    """Why a provider makes no bookings in this tenant (D16)."""
    return f"Here {words.clients} ask for {words.a_session} themselves."


def service_is_instant(context: Context) -> Refusal | None:
    """A client books at once only what the provider offers so (T7b, S3.3)."""
    if context.is_instant:
        return None
    return Refusal("needs_answer", f"{context.provider_name} answers each request. Send one.", instead=Action.REQUEST)
