"""What becomes of a session's price when it is cancelled: pure arithmetic in whole credits (D6, T18-T22)."""

from dataclasses import dataclass
from datetime import timedelta

from accounts.policies import CancelTier, Policy


@dataclass(frozen=True)
class Split:
    """A price in whole credits, divided: what the client gets back, what is kept, and how much of that is the provider's."""

    returned: int
    kept: int = 0
    to_provider: int = 0


def tier_of(policy: Policy, remaining: timedelta) -> CancelTier:
    """The tier that holds so long before the start. Exactly at a threshold counts as early (decisions.md 10)."""
    tiers = sorted(policy.client_cancel_tiers, key=lambda tier: -tier.hours)
    return next((tier for tier in tiers if remaining >= timedelta(hours=tier.hours)), CancelTier(0, 0))


def when_client_cancels(price: int, policy: Policy, remaining: timedelta) -> Split:
    """The split for a client who cancels `remaining` before the start; fractions fall to the client."""
    tier = tier_of(policy, remaining)
    kept = price * (100 - tier.returned) // 100
    return Split(price - kept, kept, min(kept, price * tier.to_provider // 100))


def as_decided(price: int, returned: int, policy: Policy, remaining: timedelta) -> Split:
    """The split where staff decide what comes back (T34): what is kept is shared as the tenant's rules share it.

    That is by the tier that holds `remaining` before the start, where it keeps something, else by the next one that does.
    """
    kept, tiers = price - returned, sorted(policy.client_cancel_tiers, key=lambda tier: -tier.hours)
    keeping = [tier for tier in tiers if tier.returned < 100 and tier.hours <= tier_of(policy, remaining).hours]
    if not keeping:
        return Split(returned, kept)
    share = kept * keeping[0].to_provider // (100 - keeping[0].returned)
    return Split(returned, kept, min(kept, share))


def free_until(policy: Policy) -> timedelta | None:
    """How long before the start cancelling still returns everything; None where it never does."""
    full = [tier.hours for tier in policy.client_cancel_tiers if tier.returned == 100]
    return timedelta(hours=min(full)) if full else None
