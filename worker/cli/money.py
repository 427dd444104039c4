"""Money in people's words."""

from __future__ import annotations

from decimal import Decimal

from worker.core.accounts.price import Price


def format_price(price: Decimal) -> str:
    """`0.95`, and no more figures than it needs."""
    return f"{price.normalize():f}"


def price_with_source(price: Price) -> str | None:
    """`0.95 (set)`; None where nobody knows."""
    return None if price.amount is None else f"{format_price(price.amount)} ({price.source})"
