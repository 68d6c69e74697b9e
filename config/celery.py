"""Celery: only a doorbell (reliability.md 6.2). Rows in the outbox carry every promise; a lost message costs seconds."""

import os

from celery import Celery
from celery.signals import worker_init

from . import broker

broker.install()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("parley")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["config"])


@worker_init.connect
def _refuse_unsafe_start(**kwargs: object) -> None:
    from .startup import refuse_unsafe_start

    refuse_unsafe_start()
