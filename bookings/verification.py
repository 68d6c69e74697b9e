"""The laws between bookings and credits, as queries that must find nothing (reliability.md, B2, L8, L11)."""

from credits.verification import Law

LAWS = (
    Law(
        "B2",
        "What a booking says of its credits is the state of its hold.",
        """SELECT 'booking ' || b.code FROM bookings_booking b
           LEFT JOIN credits_hold h ON h.tenant_id = b.tenant_id AND h.id = b.hold_id
           WHERE b.tenant_id = %(tenant)s AND b.credit_status <> coalesce(h.state, 'none')""",
    ),
    Law(
        "L8",
        "A booking that goes on holds exactly its price; nothing is held for one that does not.",
        """SELECT 'booking ' || b.code FROM bookings_booking b
           LEFT JOIN credits_hold h ON h.tenant_id = b.tenant_id AND h.state = 'blocked'
               AND h.reference = 'booking:' || b.code
           WHERE b.tenant_id = %(tenant)s AND (
               (h.id IS NULL) <> (b.credit_status <> 'blocked')
               OR (h.id IS NOT NULL AND (h.amount <> b.price OR h.member_id <> b.client_id OR h.id <> b.hold_id))
               OR (h.id IS NOT NULL AND b.status NOT IN ('pending', 'confirming', 'confirmed')))""",
    ),
    Law(
        "L11",
        "Nothing stays held for more than two days after its session was due to be completed.",
        """SELECT 'booking ' || b.code FROM bookings_booking b
           JOIN accounts_policyversion p ON p.tenant_id = b.tenant_id AND p.id = b.policy_version_id
           WHERE b.tenant_id = %(tenant)s AND b.credit_status = 'blocked' AND b.starts_at IS NOT NULL
               AND p.settings ->> 'completion' <> 'provider'
               AND b.starts_at + b.minutes * interval '1 minute' + interval '2 days'
                   + coalesce((p.settings ->> 'complete_after_hours')::int, 24) * interval '1 hour' < %(now)s""",
    ),
)
