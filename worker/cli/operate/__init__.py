"""Commands by which an operator checks and repairs."""
