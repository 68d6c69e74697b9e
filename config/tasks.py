"""What workers do. Each task looks for due rows by itself, so a lost or doubled message changes nothing (reliability.md 6.1)."""

from celery import shared_task
from django.utils import timezone

from accounts.models import Tenant
from accounts.tasks import TenantTask
from bookings.services.deadlines import complete_ended, expire_overdue, settle_waiting
from calendars.services import extend_free_time
from credits import tasks as credit_tasks
from credits.services import give_allowances
from marketplace.services import follow_names
from notifications import doorbell, relay

from .subscriptions import HANDLERS
from .verification import verify_all


@shared_task(base=TenantTask)
def run_tenant_work_task(tenant: Tenant) -> int:
    """The doorbell: do one tenant's due work, one fair share of it; ring again when more waits."""
    tried = relay.run_tenant(tenant, HANDLERS, now=timezone.now())
    if tried == relay.FAIR_SHARE:
        doorbell.ring(tenant.pk)
    return tried


@shared_task
def run_due_work_task() -> int:
    """The poll: do every tenant's due work, whether or not a doorbell rang for it."""
    return run_due_work()


def run_due_work() -> int:
    """Do every tenant's due work, for about 20 s at most; returns how many rows were tried. Needs no broker."""
    return relay.run_due(HANDLERS, now=timezone.now())


@shared_task
def expire_overdue_task() -> int:
    """Close the proposals whose answer-by moment has passed, in every tenant (decisions.md 9); returns how many."""
    now = timezone.now()
    return sum(expire_overdue(tenant=tenant, now=now) for tenant in Tenant.objects.order_by("pk"))


@shared_task
def settle_waiting_task() -> int:
    """Move on what waited for credits that are there by now, free what was not paid for in time (T7c); returns how many."""
    now = timezone.now()
    return sum(settle_waiting(tenant=tenant, now=now) for tenant in Tenant.objects.order_by("pk"))


@shared_task
def complete_ended_task() -> int:
    """Complete the sessions that are over and that nobody contradicted, in every tenant (T40); returns how many."""
    now = timezone.now()
    return sum(complete_ended(tenant=tenant, now=now) for tenant in Tenant.objects.order_by("pk"))


@shared_task
def extend_free_time_task() -> int:
    """Keep free time worked out as far ahead as people may book (decisions.md 22); returns how many calendars moved on."""
    now = timezone.now()
    return sum(extend_free_time(tenant=tenant, now=now) for tenant in Tenant.objects.order_by("pk"))


@shared_task
def follow_names_task() -> int:
    """Bring the names of providers up to date with those of their members, in every tenant; returns how many."""
    return sum(follow_names(tenant=tenant) for tenant in Tenant.objects.order_by("pk"))


@shared_task
def forget_done_work_task() -> int:
    """Delete outgoing work that was done long ago, one bounded batch in every tenant; returns how many rows."""
    now = timezone.now()
    return sum(relay.forget_done(tenant, now=now) for tenant in Tenant.objects.order_by("pk"))


@shared_task
def give_allowances_task() -> int:
    """Give what programmes owe their members for the period under way, in every tenant (F83); returns to how many."""
    now = timezone.now()
    return sum(give_allowances(tenant=tenant, now=now) for tenant in Tenant.objects.order_by("pk"))


@shared_task
def verify_books_task() -> int:
    """Ask every law of every tenant's books and keep the answer for its staff (6.10); returns how many do not hold."""
    return sum(len(findings) for _, findings in verify_all(now=timezone.now()))


@shared_task
def tidy_credits_task() -> int:
    """Forget keys of forms that were sent long ago, close purchases that nobody paid, in every tenant (6.5); returns how many."""
    return sum(credit_tasks.tidy(tenant) for tenant in Tenant.objects.order_by("pk"))
