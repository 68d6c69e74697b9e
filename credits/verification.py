"""The laws of the ledger as queries that must find nothing (reliability.md, L1-L11), asked within one tenant's scope.

Keys and checks make most of them impossible; this looks again, from the outside, as if they were not there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.tenancy import active_tenant_id

from .models import Verification

EXAMPLES = 5


@dataclass(frozen=True)
class Law:
    """What must hold, and the query of what breaks it: one column that says where. `%(tenant)s` and `%(now)s` are filled in."""

    name: str
    says: str
    breaches: str


@dataclass(frozen=True)
class Finding:
    """A law that does not hold: how often, and the first places."""

    law: str
    says: str
    count: int
    examples: list[str]


LAWS = (
    Law(
        "L1",
        "All entries together are 0.",
        "SELECT 'sum ' || sum(amount) FROM credits_entry WHERE tenant_id = %(tenant)s HAVING sum(amount) <> 0",
    ),
    Law(
        "L2",
        "A transfer has exactly two entries: what it takes at one wallet and gives at the other.",
        """SELECT 'transfer ' || t.id FROM credits_transfer t
           LEFT JOIN credits_entry e ON e.tenant_id = t.tenant_id AND e.transfer_id = t.id
           WHERE t.tenant_id = %(tenant)s GROUP BY t.tenant_id, t.id
           HAVING count(e.id) <> 2
               OR count(*) FILTER (WHERE e.wallet_id = t.debit_id AND e.amount = -t.amount) <> 1
               OR count(*) FILTER (WHERE e.wallet_id = t.credit_id AND e.amount = t.amount) <> 1""",
    ),
    Law(
        "L3",
        "A wallet holds what its last entry says, and each entry begins where the one before it ended.",
        """SELECT 'wallet ' || w.id FROM credits_wallet w LEFT JOIN (
               SELECT wallet_id, count(*) AS lines, max(version) AS newest, sum(amount) AS sum,
                   bool_and(running = balance) AS chained
               FROM (SELECT wallet_id, version, amount, balance,
                         sum(amount) OVER (PARTITION BY wallet_id ORDER BY version) AS running
                     FROM credits_entry WHERE tenant_id = %(tenant)s) AS line GROUP BY wallet_id
           ) AS lines ON lines.wallet_id = w.id
           WHERE w.tenant_id = %(tenant)s AND (
               w.version <> coalesce(lines.lines, 0) OR w.version <> coalesce(lines.newest, 0)
               OR w.balance <> coalesce(lines.sum, 0) OR NOT coalesce(lines.chained, true))""",
    ),
    Law(
        "L4",
        "No wallet but the tenant's own is below 0, now or ever.",
        """SELECT 'wallet ' || w.id FROM credits_wallet w WHERE w.tenant_id = %(tenant)s AND w.kind <> 'issuance'
           AND (w.balance < 0 OR EXISTS (SELECT FROM credits_entry e
               WHERE e.tenant_id = w.tenant_id AND e.wallet_id = w.id AND e.balance < 0))""",
    ),
    Law(
        "L5",
        "A hold was opened once, and has ended as its transfers say.",
        """SELECT 'hold ' || h.id FROM credits_hold h JOIN credits_wallet own
               ON own.tenant_id = h.tenant_id AND own.owner_id = h.member_id AND own.kind = 'held'
           LEFT JOIN credits_transfer t ON t.tenant_id = h.tenant_id AND t.hold_id = h.id
           LEFT JOIN credits_wallet c ON c.tenant_id = t.tenant_id AND c.id = t.credit_id
           WHERE h.tenant_id = %(tenant)s GROUP BY h.tenant_id, h.id
           HAVING coalesce(sum(t.amount) FILTER (WHERE c.kind = 'earned'), 0) <> h.earned
               OR coalesce(sum(t.amount) FILTER (WHERE c.kind IN ('earned', 'issuance')), 0) <> h.charged
               OR coalesce(sum(t.amount) FILTER (WHERE c.kind = 'available'), 0)
                  <> CASE WHEN h.state = 'blocked' THEN 0 ELSE h.amount - h.charged END""",
    ),
    Law(
        "L6",
        "A hold puts exactly its amount aside, and ends with exactly its amount.",
        """SELECT 'hold ' || h.id FROM credits_hold h
           LEFT JOIN credits_transfer t ON t.tenant_id = h.tenant_id AND t.hold_id = h.id
           LEFT JOIN credits_wallet own
               ON own.tenant_id = h.tenant_id AND own.owner_id = h.member_id AND own.kind = 'held'
           WHERE h.tenant_id = %(tenant)s GROUP BY h.tenant_id, h.id
           HAVING coalesce(sum(t.amount) FILTER (WHERE t.credit_id = own.id), 0) <> h.amount
               OR coalesce(sum(t.amount) FILTER (WHERE t.debit_id = own.id), 0)
                  <> CASE WHEN h.state = 'blocked' THEN 0 ELSE h.amount END""",
    ),
    Law(
        "L7",
        "What a member has held is the sum of the member's open holds.",
        """SELECT 'member ' || w.owner_id FROM credits_wallet w
           WHERE w.tenant_id = %(tenant)s AND w.kind = 'held' AND w.balance <> (
               SELECT coalesce(sum(h.amount), 0) FROM credits_hold h
               WHERE h.tenant_id = w.tenant_id AND h.member_id = w.owner_id AND h.state = 'blocked')""",
    ),
    Law(
        "L8",
        "There is one open hold at most for one thing.",
        """SELECT reference FROM credits_hold WHERE tenant_id = %(tenant)s AND state = 'blocked'
           GROUP BY reference HAVING count(*) > 1""",
    ),
    Law(
        "L9",
        "Nobody who serves may change or delete a line.",
        """SELECT name || ' ' || privilege FROM unnest(ARRAY['credits_transfer', 'credits_entry']) AS name,
               unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
           WHERE has_table_privilege('parley_app', name, privilege)""",
    ),
    Law(
        "L10",
        "What staff gave or took names who and why; above the limit of that day, two different people.",
        """SELECT 'transfer ' || t.id FROM credits_transfer t
           WHERE t.tenant_id = %(tenant)s AND t.kind IN ('grant', 'correction') AND (
               t.by_id IS NULL OR t.reason = '' OR t.second_id = t.by_id
               OR (t.second_id IS NULL AND t.amount > coalesce((
                   SELECT (p.settings ->> 'adjust_alone_limit')::bigint FROM accounts_policyversion p
                   WHERE p.tenant_id = t.tenant_id AND p.created_at <= t.at ORDER BY p.number DESC LIMIT 1), 100)))""",
    ),
    Law(
        "P1",
        "What was bought came once, as much as was paid for, to who paid.",
        """SELECT 'purchase ' || p.code FROM credits_purchase p
           LEFT JOIN credits_transfer t ON t.tenant_id = p.tenant_id AND t.id = p.arrival_id
           LEFT JOIN credits_wallet w ON w.tenant_id = t.tenant_id AND w.id = t.credit_id
           WHERE p.tenant_id = %(tenant)s AND p.state = 'paid' AND (t.kind IS DISTINCT FROM 'purchase'
               OR t.amount <> p.credits OR w.owner_id <> p.member_id OR w.kind <> 'available')
           UNION ALL SELECT 'transfer ' || t.id FROM credits_transfer t
           WHERE t.tenant_id = %(tenant)s AND t.kind = 'purchase' AND NOT EXISTS (
               SELECT FROM credits_purchase p WHERE p.tenant_id = t.tenant_id AND p.arrival_id = t.id)""",
    ),
    Law(
        "P2",
        "What was paid back left once, and of no purchase more than was bought.",
        """SELECT 'purchase ' || p.code FROM credits_purchase p LEFT JOIN credits_refund r
               ON r.tenant_id = p.tenant_id AND r.purchase_id = p.id AND r.state <> 'withdrawn'
           WHERE p.tenant_id = %(tenant)s GROUP BY p.tenant_id, p.id
           HAVING p.refunded <> coalesce(sum(r.credits), 0) OR p.refunded_price <> coalesce(sum(r.price), 0)
           UNION ALL SELECT 'refund ' || r.id FROM credits_refund r
           JOIN credits_transfer t ON t.tenant_id = r.tenant_id AND t.id IN (r.departure_id, r.comeback_id)
           WHERE r.tenant_id = %(tenant)s AND (t.amount <> r.credits
               OR t.kind <> CASE WHEN t.id = r.departure_id THEN 'refund' ELSE 'unrefund' END)
           UNION ALL SELECT 'transfer ' || t.id FROM credits_transfer t
           WHERE t.tenant_id = %(tenant)s AND t.kind IN ('refund', 'unrefund') AND NOT EXISTS (
               SELECT FROM credits_refund r WHERE r.tenant_id = t.tenant_id AND t.id IN (r.departure_id, r.comeback_id))""",
    ),
)


def verify(laws: Iterable[Law], *, now: datetime) -> list[Finding]:
    """Ask each law of the tenant in scope; what does not hold. Changes nothing."""
    findings = []
    for law in laws:
        with connection.cursor() as cursor:
            cursor.execute(law.breaches, {"tenant": active_tenant_id(), "now": now})
            rows = [row[0] for row in cursor.fetchall()]
        if rows:
            findings.append(Finding(law.name, law.says, len(rows), [str(row) for row in rows[:EXAMPLES]]))
    return findings


def keep(findings: Iterable[Finding], *, now: datetime) -> Verification:
    """Put the result down, for the front page of the staff's admin."""
    told: list[dict[str, Any]] = [vars(finding) for finding in findings]
    return Verification.objects.create(at=now, findings=told)
