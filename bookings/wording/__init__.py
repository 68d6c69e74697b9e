"""Sentences about a booking: its state in a word, what happens next, what has happened. Pure, for one reader (ux.md 0.1)."""

from .about import Facts
from .mail_names import MAIL_NAMES
from .next_lines import next_line
from .short import next_in_short
from .states import DISPLAY, WORDS, State, credit_state, state_key, state_of, states_of, table_key
from .terms import cancel_terms
from .timeline import Event, Happening, rule_in_words, what_happened

__all__ = [
    "DISPLAY",
    "MAIL_NAMES",
    "WORDS",
    "Event",
    "Facts",
    "Happening",
    "State",
    "cancel_terms",
    "credit_state",
    "next_in_short",
    "next_line",
    "rule_in_words",
    "state_key",
    "state_of",
    "states_of",
    "table_key",
    "what_happened",
]
