"""The sweeper's questions: whose moment has come, and which attempts were left behind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.clock.timeouts import NUDGE_WAIT, NUDGE_WAIT_MAX
from worker.core.lanes import LANES
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection
from worker.store.sending.pauses import CLOSED, held_by_hand
from worker.store.transitions import changed

#: Rows of one statement, whatever the accounts: a thousand crowded ones at nine o'clock must not make it time out.
TOTAL = 2_000
#: Seconds of an account's pace that are released at once; the sweeper comes twice a second.
AHEAD_S = 1

#: A slice of every account that is not paused, so that 50,000 rows of one do not delay another's one; the more accounts
#: wait, the thinner their slices, and where even one row of each is too much, chance picks accounts. No more texts than
#: the account's pace takes soon, for the others would lie in everybody's way; a single row where a probe is due.
RELEASE = (
    f"""
WITH crowd AS MATERIALIZED (
    SELECT
        a.id, still.account IS NOT NULL AS is_probed,
        %(ahead_s)s * a.requests_per_s * CASE a.post_mode WHEN 'sendmulti' THEN a.multi_max ELSE 1 END AS texts
    FROM accounts AS a
    LEFT JOIN (
        SELECT account, bool_and(coalesce(probe_at <= %(now)s, FALSE)) AS is_due
        FROM pauses
        WHERE scope IN ('account', 'provider')
        GROUP BY account
    ) AS still ON a.id = still.account
    WHERE
        coalesce(still.is_due, TRUE)
        AND NOT {held_by_hand("a.id")}
        AND EXISTS (
            SELECT FROM notifications AS n
            WHERE
                n.lane = %(lane)s AND n.account = a.id AND n.waits_until <= %(now)s
        )
    ORDER BY random()
    LIMIT %(total)s
),
slices AS (
    SELECT a.id AS account, a.texts, w.*, min(w.due_at) OVER (PARTITION BY a.id, w.text) AS first_due_at
    FROM crowd AS a
    CROSS JOIN LATERAL (
        SELECT n.month, n.id, n.state, n.reason, n.due_at, n.nudges, n.text
        FROM notifications AS n
        WHERE
            n.lane = %(lane)s AND n.account = a.id AND n.waits_until <= %(now)s
        ORDER BY n.waits_until
        LIMIT CASE WHEN a.is_probed THEN 1 ELSE least(%(slice)s, (SELECT %(total)s / count(*) FROM crowd)) END
        FOR UPDATE SKIP LOCKED
    ) AS w
),
due AS (
    SELECT
        account, month, id, state, reason,
        %(now)s + least(%(wait)s * power(2, least(nudges, 8)), %(wait_max)s) AS due_at
    FROM (
        SELECT slices.*, dense_rank() OVER (PARTITION BY account ORDER BY first_due_at, text) AS nth
        FROM slices
    ) AS ranked
    WHERE nth <= greatest(texts, 1)
),
nudged AS (
    UPDATE notifications AS n
    SET nudges = n.nudges + 1, due_at = due.due_at
    FROM due
    WHERE n.month = due.month AND n.id = due.id AND due.state = 'planned'
),
wanted AS (
    SELECT month, id, state AS before, 'planned' AS after, reason, due_at FROM due WHERE state <> 'planned'
),
"""
    + changed(", nudges = n.nudges + 1", is_locked=True)
    + "SELECT account, month, id, state <> 'planned' FROM due ORDER BY month, id"
)

#: What others' claims would find too late is found by them; nobody claims rows of a paused account.
EXPIRE = (
    f"""
WITH wanted AS (
    SELECT n.month, n.id, n.state AS before, 'expired' AS after, 'too_late' AS reason, NULL::timestamptz AS due_at
    FROM notifications AS n
    WHERE
        n.lane = ANY(%(lanes)s)
        AND n.account IN ({CLOSED})
        AND n.waits_until IS NOT NULL AND n.expires_at <= %(now)s
    LIMIT %(total)s
    FOR UPDATE SKIP LOCKED
),
"""
    + changed(is_locked=True)
    + "SELECT lane, month, id FROM moved"
)


@dataclass(frozen=True, slots=True)
class Released:
    account: str
    notification_id: NotificationId
    was_postponed: bool


def release(connection: Connection, lane: str, *, slice_: int, now: datetime, total: int = TOTAL) -> list[Released]:
    """Plan due rows of a lane, at most `slice_` of each account, and look again later if nobody claims them.

    Of all accounts together at most `total`; what is released is not due for a while and makes room for the rest.
    """
    values: dict[str, object] = {
        "lane": lane,
        "slice": slice_,
        "total": total,
        "now": now,
        "ahead_s": AHEAD_S,
        "actor": "release",
    }
    waits: dict[str, timedelta] = {"wait": NUDGE_WAIT, "wait_max": NUDGE_WAIT_MAX}
    return [Released(row[0], (row[1], row[2]), row[3]) for row in connection.execute(RELEASE, {**values, **waits})]


def expire(connection: Connection, *, now: datetime, total: int = TOTAL) -> list[tuple[str, NotificationId]]:
    """Expire overdue rows of paused accounts, at most `total`; return each with its lane."""
    values = {"now": now, "total": total, "lanes": list(LANES), "actor": "expire"}
    return [(lane, (month, number)) for lane, month, number in connection.execute(EXPIRE, values)]
