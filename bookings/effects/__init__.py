"""Effects: what a transition does, in its transaction, and the sentence that foretells it (decisions.md 28, D-7)."""

from .base import Effect
from .mails import (
    CONFIRM_TO_BOTH,
    SEND_CLIENT_RECEIPT,
    TELL_BOTH_OF_EXPIRY,
    TELL_CLIENT_OF_DECLINE,
    TELL_PROVIDER_OF_REQUEST,
    TELL_PROVIDER_OF_WITHDRAWAL,
)
from .setup import SET_UP_OR_CONFIRM
from .time import CLAIM_SESSION, HOLD_ASKED_TIMES, RELEASE_TIME

__all__ = [
    "CLAIM_SESSION",
    "CONFIRM_TO_BOTH",
    "HOLD_ASKED_TIMES",
    "RELEASE_TIME",
    "SEND_CLIENT_RECEIPT",
    "SET_UP_OR_CONFIRM",
    "TELL_BOTH_OF_EXPIRY",
    "TELL_CLIENT_OF_DECLINE",
    "TELL_PROVIDER_OF_REQUEST",
    "TELL_PROVIDER_OF_WITHDRAWAL",
    "Effect",
]
