"""Conversations between client and provider (they land with their own issue)."""
