from django.db import models


class Status(models.TextChoices):
    """Where a booking stands (decisions.md 4). Whose answer is awaited follows from the open proposal."""

    WAITING = "waiting", "Waiting for credits"
    PENDING = "pending", "Requested"
    CONFIRMING = "confirming", "Setting up"
    CONFIRMED = "confirmed", "Confirmed"
    DECLINED = "declined", "Declined"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Not answered in time"
    NOSHOW = "noshow", "No-show"
    COMPLETED = "completed", "Completed"


AGREED = (Status.CONFIRMING, Status.CONFIRMED)
AGREED_ONCE = (*AGREED, Status.NOSHOW, Status.COMPLETED)


class ProposalState(models.TextChoices):
    """Life of a proposal (decisions.md 5)."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    VOID = "void"


class Actor(models.TextChoices):
    """Who acts on a booking; the system acts by the clock and by finished jobs."""

    CLIENT = "client"
    PROVIDER = "provider"
    STAFF = "staff"
    SYSTEM = "system"


class Action(models.TextChoices):
    """What can be done to a booking: the rows of the workflow table."""

    REQUEST = "request"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    FINISH_SETUP = "finish_setup"


class CreditStatus(models.TextChoices):
    """State of the credits held for a booking (decisions.md 18)."""

    NONE = "none"
    BLOCKED = "blocked"
    RETURNED = "returned"
    CHARGED = "charged"
    PARTLY_CHARGED = "partly_charged"
