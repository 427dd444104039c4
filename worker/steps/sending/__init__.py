"""Claim, POST, record the answer."""
