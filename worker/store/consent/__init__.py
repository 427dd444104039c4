"""Consent, the stop-list, and whom Viber does not reach."""
