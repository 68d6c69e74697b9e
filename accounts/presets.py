"""The five presets: policy and vocabulary of the five source texts, as data (presets.md). An owner starts from one."""

from dataclasses import dataclass
from typing import Any

from .policies import CancelTier, Policy, Reason, Reminder


@dataclass(frozen=True)
class Preset:
    """What a tenant starts with."""

    policy: Policy
    vocabulary: dict[str, Any]


DAY, BOTH = 24 * 60, ("client", "provider")
OTHER = Reason("other", "Something else", asks_text=True)

CONSULT = Preset(
    Policy(
        answer_window_hours=48,
        answer_lead_hours=24,
        provider_cancel="direct_with_form_under",
        cancel_form_under_hours=24,
        client_cancel_tiers=(CancelTier(24, 100), CancelTier(0, 0)),
        decline_reasons=(
            Reason("unavailable", "I am not available then"),
            Reason("not_my_field", "This is not my field"),
            OTHER,
        ),
        status_words={"requested": "Pending", "confirmed": "Confirmed", "declined": "Declined"},
    ),
    {
        "provider": "consultant", "providers": "consultants", "kind": "type",
        "area": "My Consult", "sessions_tab": "Sessions",
    },
)  # fmt: skip

TALKS = Preset(
    Policy(
        booking_mode="preferred_dates",
        max_times=3,
        answer_window_hours=7 * 24,
        provider_cancel="ask_client",
        client_cancel_tiers=(CancelTier(0, 100),),
        reschedule="via_staff",
        late_change_hours=5 * 24,
        late_change_limit=2,
        suspends_topics="by_staff",
        decline_reasons=(
            Reason("conflict", "A scheduling conflict"),
            Reason("topic", "I no longer give this talk"),
            OTHER,
        ),
        logistics="manual",
        completion="provider",
        enquiry_chat="on",
        status_words={"requested": "Pending"},
    ),
    {
        "session": "booking", "sessions": "bookings", "kind": "format",
        "area": "Provider Portal", "sessions_tab": "Bookings",
    },
)  # fmt: skip

PRACTICE = Preset(
    Policy(
        booking_mode="one_date",
        answer_window_hours=14 * 24,
        price_unit="credits",
        provider_cancel="direct",
        client_cancel_tiers=(CancelTier(24, 100), CancelTier(0, 0)),
        reschedule="direct",
        decline_reasons=(
            Reason("no_capacity", "I can't take on new clients now"),
            Reason("other_help", "Somebody else can help you better"),
            OTHER,
        ),
        cancel_reasons=(
            Reason("by_professional", "Cancelled by the professional"),
            Reason("by_client", "Cancelled by the client"),
            Reason("no_show", "Did not come"),
            OTHER,
        ),
        logistics="manual",
        completion="provider",
        provider_made="confirmed",
        enquiry_chat="after_acceptance",
        status_words={"requested": "Requested", "confirmed": "Booked"},
        credit_words={"charged": "Used"},
    ),
    {
        "provider": "professional", "providers": "professionals", "topic": "speciality", "topics": "specialities",
        "area": "Workstation", "sessions_tab": "Calendar",
    },
)  # fmt: skip

STUDIO = Preset(
    Policy(
        answer_window_hours=48,
        price_unit="credits",
        pay_by_minutes=15,
        provider_cancel="direct",
        client_cancel_tiers=(CancelTier(0, 100),),
        reschedule="direct",
        cancel_reason="required",
        decline_reason="required",
        decline_reasons=(Reason("text", "In your own words", asks_text=True),),
        reminders=(Reminder(DAY, BOTH), Reminder(60, BOTH)),
        completion="provider",
        provider_made="confirmed",
        status_words={
            "requested": "Pending", "waiting": "Waiting", "setting_up": "Confirming",
            "noshow": "No-show", "completed": "Completed",
        },
        credit_words={"blocked": "Paid", "charged": "Paid"},
    ),
    {
        "provider": "organizer", "providers": "organizers", "client": "customer", "clients": "customers",
        "session": "booking", "sessions": "bookings", "kind": "event type", "area": "Studio", "sessions_tab": "Bookings",
    },
)  # fmt: skip

MENTORS = Preset(
    Policy(
        answer_window_hours=72,
        price_unit="credits",
        provider_cancel="direct_with_form_under",
        cancel_form_under_hours=48,
        client_cancel_tiers=(CancelTier(48, 100), CancelTier(0, 50, 25)),
        late_change_hours=48,
        decline_reason="required",
        decline_reasons=(
            Reason("time", "The time does not suit me"),
            Reason("skill", "I am not the right expert for this"),
            Reason("capacity", "I have no capacity at the moment"),
            OTHER,
        ),
        cancel_reason="required",
        cancel_reasons=(
            Reason("ill", "I am ill"),
            Reason("work", "Something urgent came up at work"),
            Reason("technical", "Technical trouble"),
            OTHER,
        ),
        reminders=(Reminder(DAY, ("client",)), Reminder(60, BOTH)),
        completion="both",
        complete_after_hours=48,
        provider_made="needs_client",
        enquiry_chat="on",
        status_words={
            "requested": "Awaiting approval", "confirmed": "Agreed", "declined": "Rejected", "cancelled": "Cancelled",
        },
        credit_words={"blocked": "Blocked", "returned": "Returned", "charged": "Charged"},
    ),
    {
        "provider": "expert", "providers": "experts", "client": "user", "clients": "users", "session": "meeting",
        "sessions": "meetings", "topic": "skill", "topics": "skills", "area": "Meetings", "sessions_tab": "Meetings",
    },
)  # fmt: skip

PRESETS = {"consult": CONSULT, "talks": TALKS, "practice": PRACTICE, "studio": STUDIO, "mentors": MENTORS}
