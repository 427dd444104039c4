"""Outcomes leave the outbox."""
