"""What the rules of a service do to its times, in words with their effect now (PG-42). Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from accounts import formatting
from accounts.policies import Policy
from accounts.policy_words import HOUR, span

from .cards import Reader
from .models import Service
from .queries import hides_asked, rules_of


class Rule(NamedTuple):
    """A rule, what it is set to, and what follows. `is_ours`: the marketplace sets it, not the provider."""

    label: str
    value: str
    sub: str
    is_ours: bool = False


def rules_in_words(service: Service, policy: Policy, reader: Reader) -> list[Rule]:
    """Length, starts, buffers, notice, bookable period and what is asked for. `reader` is in the calendar's zone."""
    return [
        _starts(service, reader),
        _buffers(service, reader),
        _notice(service, policy, reader),
        _period(policy, reader),
        _asked(service, policy),
    ]


def _starts(service: Service, reader: Reader) -> Rule:
    step = service.step_minutes
    # From midnight on, so that the ladder of a step that does not divide nine hours is told as it is.
    begin = -(-9 * 60 // step) * step
    first = [formatting.time_of_day(begin + number * step, reader.hour_cycle) for number in range(3)]
    return Rule(
        "Start every", span(step), f"In open hours, {reader.words.sessions} begin at {', '.join(first)} and so on."
    )


def _buffers(service: Service, reader: Reader) -> Rule:
    before, after = service.buffer_before, service.buffer_after
    if not before and not after:
        return Rule("Breaks", "None", f"{reader.words.a_session.capitalize()} may begin the moment another one ends.")
    parts = [f"{span(minutes)} {when}" for minutes, when in ((before, "before"), (after, "after")) if minutes]
    taken = span(before + service.minutes + after)
    return Rule(
        "Breaks",
        " and ".join(parts),
        f"{reader.words.a_session.capitalize()} of {span(service.minutes)} keeps {taken} of your time free of others.",
    )


def _notice(service: Service, policy: Policy, reader: Reader) -> Rule:
    minutes = rules_of(service, policy).notice_minutes
    own, lead = service.notice_minutes, policy.answer_lead_hours * HOUR
    if not minutes:
        return Rule("Notice", "None", "Times can be asked for until they begin.")
    earliest = formatting.day_and_time(
        reader.now + timedelta(minutes=minutes), reader.zone, reader.now, reader.hour_cycle
    )
    effect = f"Asked now, the first time that can be had is {earliest} or later."
    if minutes == own:
        return Rule("Notice", span(minutes), effect)
    why = f"you have to answer {span(lead)} before the start" if minutes == lead else "the marketplace asks for it"
    mine = f"Yours is {span(own)}, but" if own else "You ask for none, but"
    return Rule("Notice", span(minutes), f"{mine} {why}. {effect}")


def _period(policy: Policy, reader: Reader) -> Rule:
    days: datetime = reader.now + timedelta(days=policy.bookable_days)
    last = formatting.short_day(days, reader.zone, reader.now)
    return Rule(
        "Bookable period",
        formatting.plural(policy.bookable_days, "day"),
        f"Today, times can be asked for until {last}.",
        True,
    )


def _asked(service: Service, policy: Policy) -> Rule:
    is_own = service.hides_asked_times is not None
    if hides_asked(service, policy):
        return Rule(
            "Times asked for",
            "Hidden",
            "While one person waits for your answer, nobody else is offered that time.",
            not is_own,
        )
    return Rule(
        "Times asked for", "Offered", "Several people may ask for the same time; you choose one of them.", not is_own
    )
