"""Claimed texts that Viber cannot take now go as the SMS that they would have ended as."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from worker.core.channel import HYBRID, SMS, VIBER
from worker.core.limit import Claimed
from worker.core.viber import TEXT_MAX
from worker.store import claims
from worker.store.postgres import Connection


def detoured(connection: Connection, rows: Sequence[Claimed], stopped: Collection[str]) -> list[Claimed]:
    """The rows as they can go: a hybrid has another way, where Viber is stopped or its text has grown too long."""
    away = {row.place for row in rows if row.channel == HYBRID and (VIBER in stopped or len(row.text) > TEXT_MAX)}
    if away:
        claims.as_sms(connection, away)
    return [replace(row, channel=SMS, viber=None) if row.place in away else row for row in rows]
