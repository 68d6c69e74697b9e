"""Tenants, people, memberships, policies, and the two walls between tenants."""
