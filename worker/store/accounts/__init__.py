"""Accounts, their settings, templates and secrets."""
