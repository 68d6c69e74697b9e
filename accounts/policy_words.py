"""A tenant's rules in plain words, made from the very settings that are applied, so that they can't drift (PG-07).

"You" is the client. Pure; every field of Policy that is applied has its sentence, which tests/accounts/test_policy_words.py
holds it to. Reminders and messages have none until they are built: what nobody does is not promised.
"""

from collections.abc import Mapping
from typing import NamedTuple

from .formatting import plural
from .money import money
from .policies import CancelTier, Policy, Reason, Selling, Vocabulary

HOUR, DAY = 60, 24 * 60
# Up to here people count in hours, "48 hours"; beyond, in days.
IN_HOURS_UP_TO = 3 * DAY


class Topic(NamedTuple):
    """One heading of the policies page with its sentences."""

    heading: str
    sentences: list[str]


def policy_topics(policy: Policy, words: Vocabulary) -> list[Topic]:
    """The rules of one policy in the tenant's words, in the order in which people meet them."""
    return [
        Topic(f"Asking for {words.a_session}", _asking(policy, words)),
        Topic("Prices", _prices(policy, words)),
        Topic("Getting an answer", _answering(policy, words)),
        Topic("Moving it", [_moving(policy, words)]),
        Topic("Cancelling", [*_client_cancels(policy, words), *_provider_cancels(policy, words)]),
        Topic("Late changes", _late_changes(policy, words)),
        Topic("Before and after", [_meeting_place(policy, words), _completion(policy, words)]),
    ]


def status_meanings(words: Vocabulary) -> dict[str, str]:
    """What each display state of ux.md 3.4 means to somebody who sees its badge."""
    return {
        "needs_you": "It is your turn: somebody waits for your answer.",
        "requested": f"{words.a_provider.capitalize()} was asked and has not answered yet. Nothing is booked.",
        "suggested": f"The {words.provider} put other times on the table. Nothing is booked until the {words.client} accepts one.",
        "invited": f"The {words.provider} suggested {words.a_session}. Nothing is booked until the {words.client} accepts.",
        "waiting": f"The time is kept until it is paid with {words.credits}.",
        "setting_up": "It is agreed. The calendar entry and the video link are being made.",
        "confirmed": f"It is agreed. The {words.session} takes place at this time.",
        "change_proposed": "It is agreed, and one of you asked for another time. Until that is accepted, the first time stands.",
        "in_progress": f"The {words.session} is on now.",
        "ended": "The time is over, and nobody has said yet whether it took place.",
        "completed": f"The {words.session} took place.",
        "declined": f"The {words.provider} can't do it. Nothing is booked.",
        "cancelled": "One of you cancelled. It does not take place.",
        "expired": "Nobody answered in time, so the request closed by itself. Nothing is booked.",
        "noshow": "One of you did not come.",
    }


def span(minutes: int) -> str:
    """A length of time as people say it: "15 minutes", "24 hours", "5 days"."""
    if minutes % HOUR or not minutes:
        return plural(minutes, "minute")
    if minutes % DAY or minutes <= IN_HOURS_UP_TO:
        return plural(minutes // HOUR, "hour")
    return plural(minutes // DAY, "day")


def _asking(policy: Policy, words: Vocabulary) -> list[str]:
    modes = {
        "one_date": f"You ask for {plural(policy.max_times, 'time')} with each request.",
        "preferred_dates": f"You name up to {plural(policy.max_times, 'time')}; the {words.provider} takes one of them.",
        "no_date": f"You ask without a time. The {words.provider} accepts you first, then you agree on a time.",
    }
    notice = (
        f"You ask at least {span(policy.notice_minutes)} before the start."
        if policy.notice_minutes
        else f"You can ask at short notice, unless the {words.provider} asks for more time."
    )
    hidden = (
        "While somebody waits for an answer, the time is not offered to others."
        if policy.hides_asked_times
        else "Several people can ask for the same time; it goes to the one who is accepted."
    )
    other = (
        f"You can suggest a time that is not offered, too; the {words.provider} accepts it or not."
        if policy.takes_other_times
        else "You ask for times that are offered, and for no others."
    )
    made = {
        "off": f"Only you can ask: {words.providers} don't book for you.",
        "confirmed": f"{words.a_provider.capitalize()} who knows you can book for you; it is agreed at once and you are told.",
        "needs_client": f"{words.a_provider.capitalize()} can propose {words.a_session} to you; it is agreed when you accept.",
    }
    ahead = f"You can ask for times up to {plural(policy.bookable_days, 'day')} ahead."
    new = (
        f"{words.a_provider.capitalize()} can invite up to {plural(policy.new_addresses_per_day, 'person', 'people')} a day by "
        "email who have not asked for anything."
    )
    mails = [] if policy.provider_made == "off" else [new]
    return [modes[policy.booking_mode], notice, ahead, other, hidden, made[policy.provider_made], *mails]


def _prices(policy: Policy, words: Vocabulary) -> list[str]:
    if policy.price_unit == "none":
        return [f"You pay nothing here for {words.sessions}."]
    return [
        *_selling(policy.selling, words),
        f"Prices are in {words.credits}. They are held when you ask and come back when nothing comes of it.",
        f"With too few {words.credits}, the time is kept for you for {span(policy.pay_by_minutes)}.",
        f"When staff give or take more than {plural(policy.adjust_alone_limit, words.credit, words.credits)}, two of them agree.",
        *_called(policy.credit_words, _CREDITS),
    ]


def _called(own: Mapping[str, str], what: Mapping[str, str]) -> list[str]:
    called = ", ".join(f"{what[key]} {_quoted(word)}" for key, word in own.items())
    return [f"Our pages call {called}."] if called else []


def _selling(selling: Selling | None, words: Vocabulary) -> list[str]:
    """What credits cost; whose page takes the money; what stands on the receipt."""
    if selling is None:
        return [f"{words.credits.capitalize()} are not sold here: they come from vouchers, programmes and our staff."]
    packs = [f"{pack.credits} for {money(pack.price, selling.currency)}" for pack in selling.packs]
    single = [f"any number for {money(selling.credit_price, selling.currency)} each"] if selling.credit_price else []
    who = {"stripe": "You pay on a page of Stripe.", "test": "You pay on a page for tests, where no money moves."}
    note = [f"Your receipt says: {_quoted(selling.receipt_note)}."] if selling.receipt_note else []
    return [
        f"You can buy {words.credits}: {' or '.join([*packs, *single])}. {who[selling.provider]}",
        f"{words.credits.capitalize()} that you bought and did not use can be paid back: write to us.",
        *note,
    ]


def _answering(policy: Policy, words: Vocabulary) -> list[str]:
    window = f"The {words.provider} answers within {span(policy.answer_window_hours * HOUR)}; then the request closes by itself."
    lead = (
        f"The answer comes at least {span(policy.answer_lead_hours * HOUR)} before the start."
        if policy.answer_lead_hours
        else "An answer can come until the time you asked for."
    )
    duty = "gives a reason" if policy.decline_reason == "required" else "may give a reason"
    sentences = [window, lead, f"{words.a_provider.capitalize()} who declines {duty}."]
    if policy.decline_reasons:
        sentences.append(f"The reasons are: {_listed(policy.decline_reasons)}.")
    return [*sentences, *_called(policy.status_words, _STATES)]


def _moving(policy: Policy, words: Vocabulary) -> str:
    return {
        "proposal": "Both of you can propose another time. The agreed time stands until the other one accepts.",
        "direct": f"The {words.provider} can move {words.a_session}, says why, and you are told at once.",
        "via_staff": f"To move an agreed {words.session}, write to us: our staff move it for both of you.",
    }[policy.reschedule]


def _client_cancels(policy: Policy, words: Vocabulary) -> list[str]:
    tiers = sorted(policy.client_cancel_tiers, key=lambda tier: -tier.hours)
    if policy.price_unit == "none":
        late = [tier.hours for tier in tiers if tier.hours and tier.returned == 100]
        return ["You can cancel at any time before the start."] + [
            f"Less than {span(hours * HOUR)} before the start it counts as late, so the {words.provider} may ask why."
            for hours in late
        ]
    return [_tier(tier, words, is_only=len(tiers) == 1) for tier in tiers]


def _tier(tier: CancelTier, words: Vocabulary, *, is_only: bool) -> str:
    if tier.hours:
        when = f"If you cancel {span(tier.hours * HOUR)} or more before the start,"
    else:
        when = "If you cancel before the start," if is_only else "If you cancel later,"
    back = {100: f"all {words.credits} come back", 0: f"no {words.credits} come back"}.get(
        tier.returned, f"{tier.returned}% of the {words.credits} come back"
    )
    rest = 100 - tier.returned - tier.to_provider
    share = f" and {tier.to_provider}% go to the {words.provider}" if tier.to_provider else ""
    if share and rest:
        share = f", {tier.to_provider}% go to the {words.provider} and {rest}% to the marketplace"
    return f"{when} {back}{share}."


def _provider_cancels(policy: Policy, words: Vocabulary) -> list[str]:
    form = f"Less than {span(policy.cancel_form_under_hours * HOUR)} before the start they also explain it in a form."
    duty = "says" if policy.cancel_reason == "required" else "may say"
    may = f"{words.a_provider.capitalize()} can cancel an agreed {words.session} and {duty} why."
    rules = {
        "direct": [may],
        "direct_with_form_under": [may, form],
        "ask_client": [
            f"{words.a_provider.capitalize()} can't cancel an agreed {words.session} alone: they ask you first."
        ],
    }[policy.provider_cancel]
    return [*rules, f"The reasons are: {_listed(policy.cancel_reasons)}."] if policy.cancel_reasons else rules


def _late_changes(policy: Policy, words: Vocabulary) -> list[str]:
    if not policy.late_change_hours:
        return [f"When {words.a_provider} cancels or moves late, it is not counted."]
    after = f"After more than {policy.late_change_limit} of one kind in 12 months our staff look into it"
    theirs = f"the {words.topics} of this {words.provider}"
    counts = f"When {words.a_provider} cancels or moves less than {span(policy.late_change_hours * HOUR)} before the start, it"
    explain = (
        f"{words.a_provider.capitalize()} can explain what happened, with files; what our staff accept does not count."
    )
    follows = {
        "never": f"{after}.",
        "by_staff": f"{after} and may pause {theirs}.",
        "at_once": f"{after}, and {theirs} are paused at once.",
    }[policy.suspends_topics]
    return [
        f"{counts} counts as a late change. Cancellations and moves are counted apart.",
        f"{follows} What is agreed goes on.",
        explain,
    ]


def _meeting_place(policy: Policy, words: Vocabulary) -> str:
    return {
        "automatic": "We make the calendar entry and the video link for both of you.",
        "manual": f"You and the {words.provider} agree where you meet.",
    }[policy.logistics]


def _completion(policy: Policy, words: Vocabulary) -> str:
    after = span(policy.complete_after_hours * HOUR)
    return {
        "provider": f"Afterwards the {words.provider} notes that it took place, or that you did not come.",
        "both": f"Afterwards both of you say that it took place; without an answer it counts as completed after {after}.",
        "automatic": f"It counts as completed {after} after its end, unless somebody says otherwise.",
    }[policy.completion]


def _listed(reasons: tuple[Reason, ...]) -> str:
    return ", ".join(_quoted(reason.text) for reason in reasons)


def _quoted(words: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{words}\N{RIGHT DOUBLE QUOTATION MARK}"


_CREDITS = {
    "blocked": "what is held",
    "returned": "what came back",
    "charged": "what was spent",
    "partly_charged": "what was spent in part",
}
_STATES = {
    "requested": "a request that waits",
    "waiting": "one that waits for payment",
    "setting_up": "one whose links are being made",
    "confirmed": "one that is agreed",
    "completed": "one that took place",
    "declined": "one that was declined",
    "cancelled": "one that was called off",
    "expired": "one that was not answered in time",
    "noshow": "one that somebody missed",
}
