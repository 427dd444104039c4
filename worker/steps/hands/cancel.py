"""Cancel texts that wait; what is under way nobody can stop, and what is finished stays as it is."""

from collections import Counter
from collections.abc import Sequence

from worker.core.audit.action import texts_of
from worker.core.sending.notification_states import WAITING
from worker.core.sending.nudge import NotificationId, text_id
from worker.store import transitions
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock
from worker.store.sending import unconfirmed
from worker.store.transitions import Move

CANCELLED = "cancelled"
BY_HAND = "by_hand"


def cancel(
    connection: Connection, account: str, notification_ids: Sequence[NotificationId], *, by: str
) -> Counter[str]:
    """Cancel those that still wait; count them, and the others by the state that they are in by now."""
    now = clock(connection)
    locked = unconfirmed.lock(connection, notification_ids)
    wanted = [Move(row.notification_id, row.state, CANCELLED, BY_HAND) for row in locked if row.state in WAITING]
    moved = transitions.apply(connection, wanted, actor=f"operator/{by}", now=now)
    if moved:
        after = {"texts": [text_id(notification_id) for notification_id in sorted(moved)]}
        note(connection, by, "cancel", texts_of(moved), account=account, after=after, now=now)
    others = Counter(row.state for row in locked if row.notification_id not in moved)
    return Counter({CANCELLED: len(moved)}) + others
