"""Receipts by callback and by poll."""
