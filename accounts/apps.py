from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and rules"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers the system checks
        from .rls import grant_global_tables

        post_migrate.connect(grant_global_tables, sender=self)
