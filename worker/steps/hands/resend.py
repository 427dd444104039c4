"""Send texts again by hand: each as a notification of its own, through everything that a text goes through."""

from collections import Counter
from collections.abc import Sequence

from worker.core.audit.action import texts_of
from worker.core.hands.resend import LONGER, Terms
from worker.core.lanes import lane_for
from worker.core.sending.notification_states import WAITING
from worker.core.sending.nudge import NotificationId, text_id
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection, clock
from worker.store.hands import resends
from worker.store.sending import unconfirmed

RESENT, BEFORE, UNFIT = "resent", "resent_before", "unfit"


def resend(
    connection: Connection,
    account: str,
    notification_ids: Sequence[NotificationId],
    *,
    terms: Terms,
) -> Counter[str]:
    """Send those again that are in one of these states; count them, and why not the others.

    A text is sent again once: whoever wants it a third time sends the second one again. `unfit` has no phone any more,
    or lacks a value.
    """
    return resend_counts(connection, account, notification_ids, terms=terms)[0]


def resend_counts(
    connection: Connection,
    account: str,
    notification_ids: Sequence[NotificationId],
    *,
    terms: Terms,
) -> tuple[Counter[str], list[NotificationId]]:
    """As `resend`, with the new texts."""
    now = clock(connection)
    locked = unconfirmed.lock(connection, notification_ids)
    wanted = [row.notification_id for row in locked if row.state in terms.states.difference(WAITING)]
    known = resends.resent_as(connection, wanted)
    fresh = [notification_id for notification_id in wanted if notification_id not in known]
    resent = resends.resend(
        connection, fresh, lane=lane_for(terms.texts), longer=LONGER, actor=f"operator/{terms.by}", now=now
    )
    if resent:
        resends.close_letters(connection, resent, by=terms.by, now=now)
        after = {"texts": [f"{text_id(item.first)} as {text_id(item.new)}" for item in resent]}
        note(
            connection,
            terms.by,
            "resend",
            texts_of([item.first for item in resent]),
            account=account,
            after=after,
            now=now,
        )
    counts = Counter({RESENT: len(resent), BEFORE: len(known), UNFIT: len(fresh) - len(resent)})
    counts += Counter(row.state for row in locked if row.notification_id not in set(wanted))
    return counts, [item.new for item in resent]
