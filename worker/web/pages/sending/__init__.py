"""Sending by hand: to one person or to a table of them, and pausing."""
