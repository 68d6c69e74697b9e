"""Asked again, done once: a key of the sender's makes a repeated form or call find what the first one did (reliability.md 6.5).

The key, the effect and the answer are one transaction. Where it is refused nothing is kept, so that a form that is sent again,
corrected, keeps its key. After KEPT the natural keys still protect: ids of transfers, codes of vouchers, forms' own columns.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import Membership

from .models import RequestKey
from .refusals import Refused

KEPT = timedelta(hours=72)
LONGEST_KEY = 255
FORGOTTEN_AT_ONCE = 5000


@dataclass(frozen=True)
class Done:
    """What came of it, as it was kept; `again` when an earlier one had done it."""

    result: dict[str, Any]
    again: bool


def once(
    *, actor: Membership, key: str, asked: Mapping[str, Any], do: Callable[[], dict[str, Any]], now: datetime
) -> Done:
    """Do it and keep what `do` returns (JSON); the same key of the same person, whenever it comes, gets that and does nothing.

    `asked` is all that was asked for, what it is included. One that comes at the same moment waits for the first. Raises
    Refused for a key that asked for something else before or is none, and what `do` raises; then nothing is kept.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise Refused("key", "This form was not complete. Open the page again, and send it from there.")
    digest = _digest(asked)
    with transaction.atomic():
        row, is_new = RequestKey.objects.get_or_create(actor=actor, key=key, defaults={"asked": digest, "at": now})
        if not is_new:
            if row.asked != digest:
                raise Refused("key", "This form was sent before with something else in it. Open the page again.")
            return Done(row.result, again=True)
        row.result = do()
        row.save(update_fields=["result"])
    return Done(row.result, again=False)


def forget_keys(*, now: datetime) -> int:
    """Delete the tenant's keys that are older than KEPT, one bounded batch; returns how many. Needs the tenant's scope."""
    old = RequestKey.objects.filter(at__lt=now - KEPT).order_by("at").values_list("pk", flat=True)
    return RequestKey.objects.filter(pk__in=list(old[:FORGOTTEN_AT_ONCE])).delete()[0]


def _digest(asked: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
