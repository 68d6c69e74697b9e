"""Background tasks that belong to one tenant."""

from typing import Any

from celery import Task

from .models import Tenant


class TenantTask(Task):
    """A task of one tenant. Its message carries the tenant's id first; its function gets the Tenant in that place.

    Without an id it refuses to run. No scope is open when the function begins, since a network call must not wait inside a
    transaction: the function enters `tenant_scope(tenant)` around each of its reads and writes (architecture.md 5).
    """

    abstract = True

    def __call__(self, tenant_id: int | None = None, *args: Any, **kwargs: Any) -> Any:
        """Run for the tenant. Raises TypeError without an id, Tenant.DoesNotExist when there is no such tenant."""
        if not isinstance(tenant_id, int):
            raise TypeError(f"{self.name} needs the id of its tenant as the first argument.")
        return super().__call__(Tenant.objects.get(pk=tenant_id), *args, **kwargs)
