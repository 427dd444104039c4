"""The sweeper's questions: whose moment has come, and which attempts were left behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.nudge import Place
from worker.core.waits import NUDGE_WAIT, NUDGE_WAIT_MAX
from worker.store.postgres import Connection

#: Rows of one statement, whatever the accounts: a thousand crowded ones at nine o'clock must not make it time out.
TOTAL = 2_000

#: A slice of every account that is not paused, so that 50,000 rows of one do not delay another's one; the more accounts
#: wait, the thinner their slices, and where even one row of each is too much, chance picks accounts.
RELEASE = """
WITH crowd AS MATERIALIZED (
    SELECT a.id
    FROM accounts AS a
    WHERE
        a.id NOT IN (SELECT account FROM pauses WHERE scope = 'account')
        AND EXISTS (
            SELECT FROM notifications AS n
            WHERE
                n.lane = %(lane)s AND n.account = a.id AND n.due_at <= %(now)s
                AND n.state IN ('planned', 'postponed')
        )
    ORDER BY random()
    LIMIT %(total)s
),
due AS (
    SELECT w.month, w.id, w.state, w.reason
    FROM crowd AS a
    CROSS JOIN LATERAL (
        SELECT n.month, n.id, n.state, n.reason
        FROM notifications AS n
        WHERE
            n.lane = %(lane)s AND n.account = a.id AND n.due_at <= %(now)s
            AND n.state IN ('planned', 'postponed')
        ORDER BY n.due_at
        LIMIT least(%(slice)s, (SELECT %(total)s / count(*) FROM crowd))
        FOR UPDATE SKIP LOCKED
    ) AS w
),
released AS (
    UPDATE notifications AS n
    SET
        state = 'planned', nudges = n.nudges + 1,
        due_at = %(now)s + least(%(wait)s * power(2, least(n.nudges, 8)), %(wait_max)s)
    FROM due
    WHERE n.month = due.month AND n.id = due.id
    RETURNING n.account, n.month, n.id, due.state AS before, due.reason
),
remembered AS (
    INSERT INTO moves (month, notification, at, from_state, to_state, reason, actor)
    SELECT month, id, %(now)s, before, 'planned', reason, 'release' FROM released WHERE before = 'postponed'
)
SELECT account, month, id FROM released ORDER BY month, id
"""


@dataclass(frozen=True, slots=True)
class Released:
    """A row that is claimable and about to be nudged."""

    account: str
    place: Place


def release(connection: Connection, lane: str, *, slice_: int, now: datetime, total: int = TOTAL) -> list[Released]:
    """Plan the due rows of a lane, at most `slice_` of each account, and look again later if nobody claims them.

    Of all accounts together at most `total`; what is released is not due for a while and makes room for the rest.
    """
    values: dict[str, object] = {"lane": lane, "slice": slice_, "total": total, "now": now}
    waits: dict[str, timedelta] = {"wait": NUDGE_WAIT, "wait_max": NUDGE_WAIT_MAX}
    return [Released(row[0], (row[1], row[2])) for row in connection.execute(RELEASE, {**values, **waits})]
