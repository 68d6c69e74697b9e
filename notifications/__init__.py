"""Everything that leaves later: outbox, relay, mail."""
