"""Commands by which an operator checks and mends."""
