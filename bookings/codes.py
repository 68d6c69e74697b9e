"""Codes that people read out and type: no letter that looks like a digit (Crockford's alphabet)."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 5


def new_code(prefix: str) -> str:
    """A fresh code such as NW-7K4Q2. Unique only by the database; 24 million per tenant."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"
