"""The file of an account's whole configuration: what it may hold, and what it changes."""
