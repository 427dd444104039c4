"""Moments of records, and the events that the clock makes of them."""
