"""Decide by hand on texts whose outcome is unknown: send them again, or count them as sent.

To send one again may write to somebody twice: that is for a person to decide.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.audit.action import Action, texts_of
from worker.core.hands.resend import LONGER
from worker.core.sending.nudge import NotificationId, text_id
from worker.store import transitions
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock
from worker.store.hands import resends
from worker.store.sending import unconfirmed
from worker.store.sending.unconfirmed import LockedNotification
from worker.store.transitions import Move

UNCONFIRMED = "unconfirmed"
BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision about one row; one that was no longer unconfirmed, but `state`, is left alone.

    Attributes:
        resent_as: what was sent in its place, so that it is not sent once more.
    """

    notification_id: NotificationId
    state: str
    is_done: bool
    resent_as: NotificationId | None = None


def resend(connection: Connection, notification_ids: Collection[NotificationId], *, by: str) -> list[Decided]:
    """Plan these texts anew: each goes under a fresh key, within its hours and limits. `by` is who asked.

    One that was sent again as another text is left alone.
    """
    now = clock(connection)
    locked = unconfirmed.lock(connection, notification_ids)
    resent = resends.resent_as(connection, [row.notification_id for row in locked])
    wanted = [row for row in locked if row.notification_id not in resent]
    late = [row.notification_id for row in wanted if row.state == UNCONFIRMED and row.expires_at <= now]
    unconfirmed.prolong(connection, late, until=now + LONGER)
    decided = decide(connection, wanted, "planned", due_at=now, by=by, now=now)
    done = {item.notification_id for item in decided if item.is_done}
    return [Decided(key, row.state, key in done, resent.get(key)) for row in locked for key in [row.notification_id]]


def declare_sent(connection: Connection, notification_ids: Collection[NotificationId], *, by: str) -> list[Decided]:
    """Mark these texts as sent: a person has seen them at the provider. `by` is who asked."""
    locked = unconfirmed.lock(connection, notification_ids)
    return decide(connection, locked, "sent", due_at=None, by=by, now=clock(connection))


def decide(
    connection: Connection,
    locked: Sequence[LockedNotification],
    after: str,
    *,
    due_at: datetime | None,
    by: str,
    now: datetime,
) -> list[Decided]:
    wanted = [
        Move(row.notification_id, row.state, after, BY_HAND, due_at) for row in locked if row.state == UNCONFIRMED
    ]
    moved = transitions.apply(connection, wanted, actor=f"operator/{by}", now=now)
    action: Action = "resend" if after == "planned" else "unconfirmed"
    for account in sorted({row.account for row in locked if row.notification_id in moved}):
        its = sorted(row.notification_id for row in locked if row.notification_id in moved and row.account == account)
        texts = {"texts": [text_id(notification_id) for notification_id in its], "state": after}
        note(connection, by, action, texts_of(its), account=account, after=texts, now=now)
    return [Decided(row.notification_id, row.state, row.notification_id in moved) for row in locked]
