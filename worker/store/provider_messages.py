"""Which notification a provider's message id speaks of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from worker.core.settlement import Attempt, Verdict
from worker.store.postgres import NONE, Connection, as_rows

NAME = """
INSERT INTO provider_messages (account, message_id, month, notification, attempt, accepted_at)
SELECT r.account, r.message_id, r.month, r.id, r.attempt, %(now)s
FROM json_to_recordset(%(rows)s::json) AS r(account text, message_id text, month date, id bigint, attempt text)
ON CONFLICT (account, message_id) DO NOTHING
RETURNING attempt
"""


def name(connection: Connection, told: Iterable[tuple[Attempt, Verdict]], *, now: datetime) -> list[Attempt]:
    """Remember the provider's ids; the answer holds attempts with an id that speaks of another notification already."""
    named = [(attempt, verdict) for attempt, verdict in told if verdict.message_id]
    rows = as_rows(
        {
            "account": attempt.account,
            "message_id": verdict.message_id,
            "month": verdict.row.place[0],
            "id": verdict.row.place[1],
            "attempt": attempt.key,
        }
        for attempt, verdict in named
    )
    if rows == NONE:
        return []
    new = Counter(row[0] for row in connection.execute(NAME, {"rows": rows, "now": now}))
    known = Counter(attempt.key for attempt, _ in named) - new
    return list({attempt.key: attempt for attempt, _ in named if attempt.key in known}.values())
