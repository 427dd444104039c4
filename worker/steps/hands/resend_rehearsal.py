"""What would become of texts that were sent again now."""

from collections import Counter
from collections.abc import Sequence

from worker.core.hands.resend import Terms
from worker.core.sending.nudge import NotificationId
from worker.steps.hands.rehearse import rehearse
from worker.steps.hands.resend import RESENT, resend_counts
from worker.steps.sending.post import Sender
from worker.store.db.postgres import Connection


def rehearse_resend(
    connection: Connection,
    account: str,
    notification_ids: Sequence[NotificationId],
    *,
    sender: Sender,
    terms: Terms,
) -> Counter[str]:
    """Send them again and claim them, for the caller to take back; count those by `state/reason`, and the others."""
    counts, new = resend_counts(connection, account, notification_ids, terms=terms)
    outcomes = rehearse(sender, connection, account, new)
    del counts[RESENT]
    return counts + Counter(f"{outcome.state}/{outcome.reason or ''}" for outcome in outcomes)
