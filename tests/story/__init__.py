"""A small world in which anything may happen to the ledger, and what must hold in it."""
