"""Why not this time, for clients: useful, and nothing private (D-3, CK-45)."""

from datetime import UTC, datetime

import pytest

from accounts.policies import Vocabulary
from calendars.slots import Reason, ReasonCode
from marketplace.cards import Reader
from marketplace.whynot import why_not

NOW = datetime(2026, 11, 23, 8, 14, tzinfo=UTC)
START = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
WHEN = "Thu 26 Nov, 2pm to 2:30pm"


def sentence(reason: Reason, zone: str = "Europe/Prague") -> str:
    reader = Reader("America/Chicago", 12, NOW, Vocabulary(), priced=True)
    return why_not(WHEN, START, reason, name="Ana Nowak", zone=zone, reader=reader)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason(ReasonCode.PAST), f"{WHEN} has passed. Enter a later time."),
        (
            Reason(ReasonCode.TOO_SOON, earliest=datetime(2026, 11, 27, 15, 14, tzinfo=UTC), limit=1440),
            f"{WHEN} is too soon. You can ask for times from Fri 27 Nov, 9:14am on.",
        ),
        (
            Reason(ReasonCode.TOO_FAR, latest=datetime(2026, 11, 25, 12, tzinfo=UTC), limit=2),
            f"{WHEN} is too far ahead. You can ask for times until Wed 25 Nov.",
        ),
        (Reason(ReasonCode.OUTSIDE_HOURS), f"{WHEN} is 9pm in Prague, outside the hours of Ana Nowak."),
        (
            Reason(ReasonCode.OFF_STEP, limit=30),
            f"{WHEN} is between the times of Ana Nowak, which begin every 30 minutes.",
        ),
    ],
)
def test_sentence_can_be_used(reason, words):
    assert sentence(reason) == words


def test_outside_hours_on_the_same_clock_names_no_other_place():
    assert sentence(Reason(ReasonCode.OUTSIDE_HOURS), "America/Chicago") == f"{WHEN} is outside the hours of Ana Nowak."


@pytest.mark.parametrize("code", [ReasonCode.BUSY, ReasonCode.BUFFER, ReasonCode.ASKED])
def test_what_the_provider_does_then_stays_private(code):
    """Busy, a buffer and another client's request sound the same, also in their length."""
    assert sentence(Reason(code, limit=15)) == f"Ana Nowak is not available on {WHEN}."


def test_every_reason_has_a_sentence():
    moments = {"earliest": START, "latest": START, "limit": 30}
    assert all(sentence(Reason(code, **moments)).endswith(".") for code in ReasonCode)
