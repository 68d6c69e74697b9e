"""Outgoing work as rows: written in the transaction that causes it, done afterwards (reliability.md 6.1)."""

from django.db import models
from django.db.models import Q

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel

from .enums import MailState, OutboxState


class OutboxMessage(TenantModel):
    """One piece of work that leaves after the commit. The payload holds ids, never personal data."""

    topic = models.CharField(max_length=60)
    dedupe_key = models.CharField(max_length=120)
    payload = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=OutboxState, default=OutboxState.QUEUED)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "topic", "dedupe_key"], name="outbox_once")]
        indexes = [
            models.Index(
                fields=["tenant", "due_at"],
                name="outbox_due",
                condition=Q(state__in=[OutboxState.QUEUED, OutboxState.CLAIMED]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.dedupe_key}"


class EmailMessage(TenantModel):
    """One mail to one person. Rendered when it is sent, in the reader's words and zone, and kept as it was sent (D-5)."""

    kind = models.CharField(max_length=60)
    recipient = TenantForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    to_address = models.EmailField(blank=True, help_text="For people who are no member yet, such as a sign-in code.")
    reference = models.CharField(max_length=60, blank=True, help_text="What it is about: booking:NW-7K4Q.")
    context = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=MailState, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(
        default=0, help_text="How many attempts ended without telling whether it left."
    )
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    calendar_file = models.TextField(blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "dedupe_key"], name="email_once"),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | ~Q(to_address=""), name="email_has_recipient"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "reference", "created_at"], name="email_by_reference"),
            models.Index(fields=["tenant", "-created_at"], name="email_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_address or self.recipient_id}"


class MailboxMessage(models.Model):
    """What the development mailbox received (PG-92): a mail server's book, outside of every tenant."""

    message_id = models.CharField(max_length=120, unique=True)
    thread = models.CharField(max_length=200, blank=True, help_text="What its References header names.")
    from_header = models.CharField(max_length=300)
    to_header = models.CharField(max_length=300)
    subject = models.CharField(max_length=300)
    source = models.BinaryField()
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.subject
