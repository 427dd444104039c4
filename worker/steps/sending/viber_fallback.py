"""Claimed texts that Viber cannot take now go as the SMS that they would have ended as."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.sending.eligibility import Claimed, obstacle
from worker.core.sending.nudge import Place
from worker.core.sending.pause import VIBER_SENDER
from worker.store.db.postgres import Connection
from worker.store.sending import claims


def detoured(
    connection: Connection, rows: Sequence[Claimed], account: Account, stopped: Collection[str], *, now: datetime
) -> list[Claimed]:
    """The rows as they can go: a hybrid has another way, where Viber is stopped or cannot be used for it."""
    away: dict[str, list[Place]] = defaultdict(list)
    for row in rows:
        why = (VIBER_SENDER if VIBER in stopped else obstacle(row, account, now=now)) if row.channel == HYBRID else None
        if why:
            away[why].append(row.place)
    for why, places in away.items():
        claims.as_sms(connection, places, why=why)
    gone = {place for places in away.values() for place in places}
    return [replace(row, channel=SMS, viber=None) if row.place in gone else row for row in rows]
