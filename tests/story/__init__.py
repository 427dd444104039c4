"""A small world in which anything may happen to the ledger: what stands on its stage and what must hold there."""
