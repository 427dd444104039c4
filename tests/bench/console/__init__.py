"""The part `console`: every page in turn over many rows, and what it weighs."""
