"""A tenant's rules and words as frozen objects, read from versioned data (decisions.md 3, 16; requirements.md 3.5).

Hours and minutes are elapsed time on UTC instants; `remaining >= threshold` counts as early (decisions.md 10).
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What a tenant calls things (D18). Code never uses these; screens and mails always do."""

    provider: str = "provider"
    providers: str = "providers"
    client: str = "client"
    clients: str = "clients"
    session: str = "session"
    sessions: str = "sessions"
    topic: str = "topic"
    topics: str = "topics"
    kind: str = "service"
    credit: str = "credit"
    credits: str = "credits"
    area: str = "Portal"
    sessions_tab: str = "Sessions"

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The words in `data`; standard terms where it is silent."""
        known = {entry.name for entry in fields(cls)}
        return cls(**{key: value for key, value in data.items() if key in known})

    @property
    def a_provider(self) -> str:
        """ "an expert", "a consultant"."""
        return with_article(self.provider)

    @property
    def a_session(self) -> str:
        """ "a session", "an appointment"."""
        return with_article(self.session)


def with_article(noun: str) -> str:
    """The English noun with "a" or "an" before it."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


@dataclass(frozen=True)
class Reason:
    """One line of a reason list (D9). `asks_text`: choosing it asks for words of one's own."""

    code: str
    text: str
    asks_text: bool = False


@dataclass(frozen=True)
class CancelTier:
    """From `hours` before the start on, `returned` percent of the price come back; `to_provider` percent go to them (D6)."""

    hours: int
    returned: int
    to_provider: int = 0


@dataclass(frozen=True)
class Reminder:
    """A notice this many minutes before the start, to these roles (D14, S4.38, S4.39)."""

    minutes: int
    to: tuple[str, ...]


@dataclass(frozen=True)
class Pack:
    """So many credits for one price, in the currency's smallest unit."""

    credits: int
    price: int


@dataclass(frozen=True, kw_only=True)
class Selling:
    """How credits are bought for money (decisions.md 19); prices in the smallest unit of the currency (ISO 4217)."""

    provider: Literal["stripe", "test"]
    currency: str = "EUR"
    packs: tuple[Pack, ...] = ()
    credit_price: int = 0  # for any number of them; 0 sells packs only
    receipt_note: str = ""  # who sells, what tax is in the price: for receipts (EM-C25)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The terms in `data`."""
        return cls(**{**data, "packs": tuple(Pack(**pack) for pack in data.get("packs", ()))})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of a tenant's rules. Each field is a row of presets.md; the D-ids are of requirements.md 3.5."""

    booking_mode: Literal["one_date", "preferred_dates", "no_date"] = "one_date"  # D1
    max_times: int = 1  # D1, S1.8
    price_unit: Literal["none", "credits"] = "none"  # D13
    selling: Selling | None = None  # decisions.md 19
    pay_by_minutes: int = 24 * 60  # decisions.md 19
    adjust_alone_limit: int = 100  # L10: credits that one of the staff may give or take without a second person
    answer_window_hours: int = 48  # D4
    answer_lead_hours: int = 0  # D4, S0.21
    notice_minutes: int = 0
    bookable_days: int = 60
    hides_asked_times: bool = True  # D11
    takes_other_times: bool = True  # T7, D-3: whether a client may suggest a time that is not offered
    decline_reason: Literal["optional", "required"] = "optional"  # D9
    decline_reasons: tuple[Reason, ...] = ()
    cancel_reason: Literal["optional", "required"] = "optional"  # D9
    cancel_reasons: tuple[Reason, ...] = ()
    provider_cancel: Literal["direct", "direct_with_form_under", "ask_client"] = "direct_with_form_under"  # D5
    cancel_form_under_hours: int = 48
    client_cancel_tiers: tuple[CancelTier, ...] = (CancelTier(48, 100), CancelTier(0, 0))  # D6
    reschedule: Literal["proposal", "direct", "via_staff"] = "proposal"  # D7
    late_change_hours: int = 0  # D8; 0 counts nothing
    late_change_limit: int = 2
    suspends_topics: Literal["never", "by_staff", "at_once"] = "never"  # S1.16
    logistics: Literal["automatic", "manual"] = "automatic"  # D12
    reminders: tuple[Reminder, ...] = (Reminder(24 * 60, ("client", "provider")),)  # D14
    completion: Literal["provider", "both", "automatic"] = "automatic"  # D15
    complete_after_hours: int = 24
    provider_made: Literal["off", "confirmed", "needs_client"] = "off"  # D16
    new_addresses_per_day: int = 20  # PG-39: strangers whom one provider may write to in 24 hours
    enquiry_chat: Literal["off", "on", "after_acceptance"] = "off"  # D17
    status_words: dict[str, str] = field(default_factory=dict)  # requirements.md 3.2
    credit_words: dict[str, str] = field(default_factory=dict)  # S4.41: what becomes of a booking's credits

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The rules in `data`; defaults where it is silent. Unknown keys are refused with ValueError."""
        unknown = set(data) - {entry.name for entry in fields(cls)}
        if unknown:
            raise ValueError(f"Unknown policy settings: {', '.join(sorted(unknown))}.")
        values = dict(data)
        for key, kind in (("decline_reasons", Reason), ("cancel_reasons", Reason), ("client_cancel_tiers", CancelTier)):
            if key in values:
                values[key] = tuple(kind(**row) for row in values[key])
        if "reminders" in values:
            values["reminders"] = tuple(Reminder(row["minutes"], tuple(row["to"])) for row in values["reminders"])
        if values.get("selling"):
            values["selling"] = Selling.from_json(values["selling"])
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """The same rules as plain data, to be kept in a PolicyVersion."""
        return asdict(self)
