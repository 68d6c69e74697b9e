from django.db import models


class WalletKind(models.TextChoices):
    """What a wallet is for. Only `issuance`, the tenant's own, goes below zero: it is where credits come from and end."""

    AVAILABLE = "available", "To use"
    HELD = "held", "Held"
    EARNED = "earned", "Earned"
    ISSUANCE = "issuance", "Issued by the marketplace"


class TransferKind(models.TextChoices):
    """Why credits moved."""

    GRANT = "grant", "Given by staff"
    CORRECTION = "correction", "Taken back by staff"
    VOUCHER = "voucher", "Voucher"
    ALLOWANCE = "allowance", "Allowance"
    PURCHASE = "purchase", "Bought"
    REFUND = "refund", "Paid back"
    UNREFUND = "unrefund", "Could not be paid back"
    HOLD = "hold", "Held"
    RETURN = "return", "Came back"
    EARNING = "earning", "Spent"
    FEE = "fee", "Kept by the marketplace"
    REVERSAL = "reversal", "Taken back into the hold"


BY_STAFF = (TransferKind.GRANT, TransferKind.CORRECTION)


class HoldState(models.TextChoices):
    """Life of a hold (decisions.md 18)."""

    BLOCKED = "blocked", "Held"
    RETURNED = "returned", "Returned"
    CHARGED = "charged", "Spent"
    PARTLY_CHARGED = "partly_charged", "Partly spent"


class AdjustmentState(models.TextChoices):
    """Life of an adjustment by staff: above the tenant's limit it waits for a second person (L10)."""

    WAITING = "waiting", "Waits for a second person"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class Period(models.TextChoices):
    """How often a programme gives its allowance; a period begins with the calendar month of the tenant's zone."""

    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    YEAR = "year", "Year"


class PurchaseState(models.TextChoices):
    """Life of a purchase of credits for money. What was not paid can still be paid: money that came counts."""

    OPEN = "open", "Not paid yet"
    PAID = "paid", "Paid"
    LAPSED = "lapsed", "Not paid"


class RefundState(models.TextChoices):
    """Life of a refund: the credits leave when it is asked for, the money afterwards (F91)."""

    ASKED = "asked", "On its way"
    DONE = "done", "Paid back"
    FAILED = "failed", "Failed"
    WITHDRAWN = "withdrawn", "Failed, the credits were given back"


class EventOutcome(models.TextChoices):
    """What came of an event that a payment provider told of."""

    DONE = "done", "Done"
    NOTHING = "nothing", "Nothing to do"
    FOREIGN = "foreign", "Not of this marketplace"
    MISMATCH = "mismatch", "Another amount or payment: look at it"
