"""Claimed texts that Viber cannot take now go as the SMS that they would have ended as."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from worker.core.accounts.account import Account
from worker.core.planning.channel import HYBRID, SMS, VIBER
from worker.core.sending.eligibility import Claimed, obstacle
from worker.core.sending.nudge import NotificationId
from worker.core.sending.pause import VIBER_SENDER


def reasons_for_sms(
    rows: Sequence[Claimed], account: Account, stopped: Collection[str], *, now: datetime
) -> dict[NotificationId, str]:
    """Say why Viber cannot take what would go by it first; rows that it can take are left out."""
    hybrid = (row for row in rows if row.channel == HYBRID)
    return {
        row.notification_id: why
        for row in hybrid
        if (why := VIBER_SENDER if VIBER in stopped else obstacle(row, account, now=now))
    }


def as_sms(rows: Sequence[Claimed], reasons: Mapping[NotificationId, str]) -> list[Claimed]:
    return [replace(row, channel=SMS, viber=None) if row.notification_id in reasons else row for row in rows]
