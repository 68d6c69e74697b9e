from django.db import models

from accounts.tenancy import TenantModel


class Topic(TenantModel):
    """What people need help with, and what providers are found under: topic, skill, speciality (S1.22, S4.15)."""

    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="topic_slug_once"),
        ]

    def __str__(self) -> str:
        return self.name
