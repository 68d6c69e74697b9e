"""Why a time can't be asked for, in a client's words: something they can use, and nothing private (D-3, CK-45). Pure."""

from datetime import datetime

from accounts import formatting
from calendars.slots import Reason, ReasonCode

from .cards import Reader


def why_not(when: str, start: datetime, reason: Reason, *, name: str, zone: str, reader: Reader) -> str:
    """The sentence for a refused start (UTC), which `when` names; `name` and `zone` are the provider's.

    Busy time, a buffer and somebody else's request sound the same: what the provider does then is nobody's business.
    """
    match reason.code:
        case ReasonCode.PAST:
            return f"{when} has passed. Enter a later time."
        case ReasonCode.TOO_SOON:
            earliest = formatting.day_and_time(reason.earliest, reader.zone, reader.now, reader.hour_cycle)
            return f"{when} is too soon. You can ask for times from {earliest} on."
        case ReasonCode.TOO_FAR:
            latest = formatting.short_day(reason.latest, reader.zone, reader.now)
            return f"{when} is too far ahead. You can ask for times until {latest}."
        case ReasonCode.OUTSIDE_HOURS:
            other = formatting.other_time(start, None, reader.zone, zone, reader.now, reader.hour_cycle)
            return (
                f"{when} is {other}, outside the hours of {name}."
                if other
                else f"{when} is outside the hours of {name}."
            )
        case ReasonCode.OFF_STEP:
            return f"{when} is between the times of {name}, which begin every {formatting.length(reason.limit or 0)}."
        case _:
            return f"{name} is not available on {when}."


def not_offered(name: str) -> str:
    """What is said of a time that a client suggests anyway to the provider of this name (D-3)."""
    return f"This time is not offered. {name} may still accept it."
