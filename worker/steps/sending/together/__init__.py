"""Rows of several accounts, claimed in one transaction: a nudge names few rows of each of many accounts."""
