"""Prices, budgets, costs and the alerts about money."""
