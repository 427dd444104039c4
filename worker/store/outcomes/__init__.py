"""The outbox: what CRMs are still to hear."""
