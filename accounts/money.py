"""Amounts of money in words. Everywhere else they are whole numbers of the currency's smallest unit."""

import re
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision


def money(amount: int, currency: str) -> str:
    """ "€30.00", "¥3,000", "DKK 30.00"; `amount` in the smallest unit of the currency (ISO 4217)."""
    said = format_currency(Decimal(amount).scaleb(-get_currency_precision(currency)), currency, locale="en")
    return re.sub(r"([A-Za-z])(?=\d)", "\\1\N{NO-BREAK SPACE}", said)
