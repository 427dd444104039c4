"""Prices, balances, daily spending and alerts."""
