import pytest

from accounts.money import money


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (3000, "EUR", "€30.00"), (5, "EUR", "€0.05"), (123456789, "USD", "$1,234,567.89"), (3000, "JPY", "¥3,000"),
        (64000, "DKK", "DKK\N{NO-BREAK SPACE}640.00"), (1234, "KWD", "KWD\N{NO-BREAK SPACE}1.234"), (0, "GBP", "£0.00"),
    ],
)  # fmt: skip
def test_money_is_said_in_its_currency(amount, currency, words):
    """R-LOC-6: each currency has its own smallest unit."""
    assert money(amount, currency) == words
