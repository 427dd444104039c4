"""Claimed texts that Viber cannot take now go as the SMS that they would have ended as."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.sending.eligibility import Claimed, obstacle
from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import VIBER_SENDER
from worker.store.db.postgres import Connection
from worker.store.sending import claims


def detoured(
    connection: Connection, rows: Sequence[Claimed], account: Account, stopped: Collection[str], *, now: datetime
) -> list[Claimed]:
    by_reason: dict[str, list[NotificationId]] = defaultdict(list)
    for row in rows:
        why = (VIBER_SENDER if VIBER in stopped else obstacle(row, account, now=now)) if row.channel == HYBRID else None
        if why:
            by_reason[why].append(row.notification_id)
    for why, notification_ids in by_reason.items():
        claims.as_sms(connection, notification_ids, why=why)
    as_sms = {notification_id for ids in by_reason.values() for notification_id in ids}
    return [replace(row, channel=SMS, viber=None) if row.notification_id in as_sms else row for row in rows]
