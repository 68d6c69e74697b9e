"""Whole credits that always add up (the ledger lands with its own issue)."""
