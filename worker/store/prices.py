"""What each channel of an account lately cost, learned from what TurboSMS told of single messages."""

from __future__ import annotations

from decimal import Decimal

from worker.store.postgres import Connection

LEARNED = "SELECT channel, price FROM prices WHERE account = %(account)s"


def learned(connection: Connection, account: str) -> dict[str, Decimal]:
    """Hryvnias for a segment of an SMS and for a Viber message, as far as they were learned."""
    return dict(connection.execute(LEARNED, {"account": account}).fetchall())
