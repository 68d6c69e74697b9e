"""What cancelling costs, from the very arithmetic that takes it (D6, T21-T22, PG-32 "Free to cancel until")."""

from datetime import datetime, timedelta

from accounts.formatting import plural
from accounts.policies import Policy, Vocabulary

from .. import fees
from ..context import Reader
from ..enums import Actor
from .about import Facts, when

A_MOMENT = timedelta(seconds=1)


def cancel_terms(facts: Facts, price: int, policy: Policy, words: Vocabulary, reader: Reader, now: datetime) -> str:
    """Until when the client cancels for nothing, and what it costs after; nothing where there is no price or no time.

    `price` is in whole credits.
    """
    if not price or facts.starts_at is None or now >= facts.starts_at:
        return ""
    whole, who = plural(price, words.credit, words.credits), _who(facts)
    if facts.cancel_asked:
        return f"Free for {who}, since {facts.provider_name} asked for it: all {whole} come back."
    free = fees.free_until(policy)
    late = fees.when_client_cancels(price, policy, facts.starts_at - now)
    if late.kept:
        return f"Now {late.kept} of {whole} are kept if {who} {'cancel' if who == 'you' else 'cancels'}."
    free = fees.free_until(policy)
    if not free:
        return f"Free for {who} until the start."
    kept = fees.when_client_cancels(price, policy, free - A_MOMENT).kept
    return f"Free for {who} until {when(facts.starts_at - free, reader, now)}. After that {kept} of {whole} are kept."


def _who(facts: Facts) -> str:
    return "you" if facts.viewer == Actor.CLIENT else facts.client_name
