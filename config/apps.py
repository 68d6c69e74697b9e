from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from . import checks, references  # noqa: F401 - register the system checks, and who names what


class StaffAdminConfig(AdminConfig):
    """Django's admin with our own site as `admin.site`, so that apps register there without importing upwards."""

    default_site = "config.admin.StaffSite"
