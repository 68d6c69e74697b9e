from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Membership
from accounts.tenancy import TenantForeignKey, TenantModel
from calendars.models import Calendar

from ..enums import Listing
from .topic import Topic


class Provider(TenantModel):
    """The public side of a member who offers sessions: consultant, expert, professional (C27)."""

    member = TenantForeignKey(Membership, models.PROTECT, related_name="providers")
    calendar = TenantForeignKey(Calendar, models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=80, help_text="As on the membership; here so that a list needs no join.")
    name_key = models.CharField(
        max_length=240, editable=False, help_text="The name as it is sorted: lower case, no accents. Kept by services."
    )
    headline = models.CharField(max_length=140)
    bio = models.TextField(max_length=4000, blank=True)
    city = models.CharField(max_length=80, blank=True)
    languages = ArrayField(
        models.CharField(max_length=12), default=list, blank=True, help_text="Language codes, such as en, cs."
    )
    is_published = models.BooleanField(default=False)
    paused_until = models.DateField(null=True, blank=True, help_text="Takes no new requests before this day.")
    topics = models.ManyToManyField(Topic, through="ProviderTopic", related_name="providers")
    answers_within_hours = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Median of the last answers; empty with fewer than five."
    )
    price_from = models.PositiveIntegerField(
        null=True,
        editable=False,
        help_text="Lowest price of the services offered; empty without any. Kept by services.",
    )
    on_card = models.JSONField(
        default=dict, editable=False, help_text="What a list shows of topics and services. Kept by services."
    )
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="provider_slug_once"),
            models.UniqueConstraint(fields=["tenant", "member"], name="provider_once"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "name_key", "id"], name="provider_by_name", condition=models.Q(is_published=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProviderTopic(TenantModel):
    """A provider's listing under a topic. Written out: the hidden table Django would make has no tenant."""

    provider = TenantForeignKey(Provider, models.CASCADE, related_name="listings")
    topic = TenantForeignKey(Topic, models.CASCADE, related_name="listings")
    listing = models.CharField(max_length=10, choices=Listing, default=Listing.LISTED)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_for = models.CharField(
        max_length=60, blank=True, editable=False, help_text="Neutral name of what paused it; empty: staff by hand."
    )

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "provider", "topic"], name="provider_topic_once")]
        indexes = [
            models.Index(
                fields=["tenant", "provider", "topic"],
                name="provider_topic_paused",
                condition=models.Q(listing=Listing.SUSPENDED),
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} in {self.topic}"


class SearchWord(TenantModel):
    """A word that a provider is found by, in lower case or as its English stem. Kept by marketplace/search.py.

    A table of words, not a text search vector: docs/decisions/0006-words-in-a-table.md.
    """

    provider = TenantForeignKey(Provider, models.CASCADE, related_name="+")
    # Compared byte by byte, so that all words with the same beginning stand together in the index.
    word = models.CharField(max_length=40, db_collation="C")
    weight = models.PositiveSmallIntegerField(help_text="Where it stands: 0 in the name, 1 in the offer, 2 in the bio.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "word", "provider"], include=["weight"], name="search_word_once"),
        ]

    def __str__(self) -> str:
        return self.word
