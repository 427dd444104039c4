"""Alerts about an account."""
