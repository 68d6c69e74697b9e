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
OVER = (Status.NOSHOW, Status.COMPLETED)
AGREED_ONCE = (*AGREED, *OVER)


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


SIDES = [(Actor.CLIENT.value, "client"), (Actor.PROVIDER.value, "provider")]


class Action(models.TextChoices):
    """What can be done to a booking: the rows of the workflow table."""

    REQUEST = "request"
    BOOK = "book"
    INVITE = "invite"
    ACCEPT = "accept"
    DECLINE = "decline"
    SUGGEST = "suggest"
    WITHDRAW = "withdraw"
    CHANGE_NOTES = "change_notes"
    EXPIRE = "expire"
    PAY = "pay"
    CLOSE = "close"
    FINISH_SETUP = "finish_setup"
    CANCEL = "cancel"
    REOPEN = "reopen"
    ASK_TO_CANCEL = "ask_to_cancel"
    RESCHEDULE = "reschedule"
    ASK_SUPPORT = "ask_support"
    REFUSE_SUPPORT = "refuse_support"
    AMEND = "amend"
    REASSIGN = "reassign"
    CHANGE_PRICE = "change_price"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    UNDO = "undo"
    CONTEST = "contest"
    UPHOLD = "uphold"
    NOTE = "note"


class LateChangeKind(models.TextChoices):
    """Late cancellations and late moves are counted apart (decisions.md 13, S1.16, S1.21)."""

    CANCEL = "cancel", "Late cancellation"
    RESCHEDULE = "reschedule", "Late move"


class LateChangeState(models.TextChoices):
    """Whether a late change counts: an accepted explanation voids it (S1.17, T44), and it is undone with what it changed."""

    COUNTED = "counted"
    VOIDED = "voided"
    UNDONE = "undone"


class ExplanationReason(models.TextChoices):
    """What a provider says was in the way (S1.17, PG-49)."""

    ILLNESS = "illness", "I was ill or had an accident"
    FAMILY = "family", "Something happened in my family"
    CLIENT = "client", "The change was asked of me"
    TECHNICAL = "technical", "Technical trouble"
    OTHER = "other", "Something else"


class ExplanationState(models.TextChoices):
    """Life of an explanation: staff accept it, which voids the late change, or don't (T44)."""

    OPEN = "open", "Under review"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Not accepted"


class SupportState(models.TextChoices):
    """Life of a wish to have staff change an agreed booking (PG-35b, S1.18)."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


class CreditStatus(models.TextChoices):
    """State of the credits held for a booking (decisions.md 18)."""

    NONE = "none"
    BLOCKED = "blocked"
    RETURNED = "returned"
    CHARGED = "charged"
    PARTLY_CHARGED = "partly_charged"
