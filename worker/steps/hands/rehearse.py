"""What would become of new texts if workers claimed them now: the claim itself, in a transaction that is taken back."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.core.sending.nudge import NotificationId
from worker.steps.sending.claim import claim
from worker.steps.sending.post import Sender
from worker.store.db.postgres import Connection, only
from worker.store.hands import outcomes
from worker.store.sending import pauses

#: Rows of one claim.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a text would be: `sending` is on its way at once, `planned` waits for an account that is paused."""

    state: str
    reason: str | None
    due_at: datetime | None


def rehearse(
    sender: Sender, connection: Connection, account: str, notification_ids: Sequence[NotificationId]
) -> list[Outcome]:
    """Claim these as a worker would: stop-list, consent, record, hours, limits, budget, pace. The caller takes it back.

    Raises:
        OutdatedError: an admin has changed something meanwhile.
        WrongSecretError: our key does not open the account's token.
    """
    for first in range(0, len(notification_ids), AT_ONCE):
        asked = only(connection.execute(pauses.question(account)))
        claim(sender, account, notification_ids[first : first + AT_ONCE], time.monotonic(), asked, connection)
    return [Outcome(*row) for row in outcomes.outcomes(connection, notification_ids)]
