"""Who names what a line of the ledger is about: the one place that knows both sides (architecture.md 1)."""

from bookings.pages.naming import names_of
from credits.references import named_by

named_by("booking", names_of)
