"""Showing a person what is kept of them, and forgetting it."""
