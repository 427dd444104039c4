"""Events, records and dead letters."""
