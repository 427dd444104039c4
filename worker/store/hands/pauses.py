"""What people paused by hand."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.core.hands.pause_scope import BY_HAND, Ends
from worker.store.db.postgres import Connection
from worker.store.sending.pauses import lasts

#: An account's, and under None those of every account.
Paused = Mapping[str | None, Ends]

READ = f"""
SELECT account, scope, until, clock_timestamp() FROM pauses
WHERE split_part(scope, '/', 1) = 'hand' AND {lasts()}
"""

LIST = f"""
SELECT account, scope, since, until, paused_by, note FROM pauses
WHERE
    split_part(scope, '/', 1) = 'hand' AND {lasts("%(now)s")}
    AND (%(account)s::text IS NULL OR account IS NULL OR account = %(account)s)
ORDER BY account NULLS FIRST, scope
"""

#: Nobody asks for them any more.
END_OVER = "DELETE FROM pauses WHERE until <= %(now)s"

#: The newest word counts; since when it stands still is kept.
PAUSE = """
INSERT INTO pauses AS known (account, scope, reason, since, paused_by, until, note)
VALUES (%(account)s, %(scope)s, %(reason)s, %(now)s, %(by)s, %(until)s, %(note)s)
ON CONFLICT (account, scope) DO UPDATE SET
    paused_by = excluded.paused_by, until = excluded.until, note = excluded.note
"""

RESUME = """
DELETE FROM pauses
WHERE account IS NOT DISTINCT FROM %(account)s AND scope = %(scope)s
RETURNING account, scope, since, until, paused_by, note
"""

#: Whoever was resumed meanwhile is woken from then on anew.
NOTE_RESUME = """
INSERT INTO resumes (account, at) VALUES (%(account)s, clock_timestamp())
ON CONFLICT (account) DO UPDATE SET at = excluded.at
"""

RESUMES = "SELECT account, at FROM resumes WHERE at < %(before)s ORDER BY at"

FORGET_RESUME = "DELETE FROM resumes WHERE account IS NOT DISTINCT FROM %(account)s AND at = %(at)s"

#: What waited for the pause is due now, and so is what nudges in vain had put off. Rows that a claim holds are its own.
WAKE = """
UPDATE notifications AS n SET due_at = %(now)s
FROM (
    SELECT month, id FROM notifications
    WHERE
        lane = ANY(%(lanes)s) AND (%(account)s::text IS NULL OR account = %(account)s)
        AND (state = 'planned' OR reason = 'paused') AND waits_until > %(now)s
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
) AS held
WHERE n.month = held.month AND n.id = held.id
"""


@dataclass(frozen=True, slots=True)
class HandPause:
    """A pause of an account's scope, or of every account's."""

    account: str | None
    scope: str
    since: datetime
    until: datetime | None
    by: str
    note: str | None


def read(connection: Connection) -> tuple[Paused, datetime | None]:
    """Read what holds now, and when that is where there is anything."""
    paused: dict[str | None, dict[str, datetime | None]] = defaultdict(dict)
    now = None
    for account, scope, until, now in connection.execute(READ):  # noqa: B007 (the same in every row)
        paused[account][scope] = until
    return paused, now


def list_pauses(connection: Connection, account: str | None = None, *, now: datetime) -> list[HandPause]:
    """What people paused, or of it what holds an account's texts."""
    return [HandPause(*row) for row in connection.execute(LIST, {"account": account, "now": now})]


def pause(connection: Connection, wanted: HandPause) -> None:
    """Pause a scope, or change the end and the note of one that is paused."""
    end_over(connection, now=wanted.since)
    values = {
        "account": wanted.account,
        "scope": wanted.scope,
        "reason": BY_HAND,
        "now": wanted.since,
        "by": wanted.by,
        "until": wanted.until,
        "note": wanted.note,
    }
    connection.execute(PAUSE, values)


def end_over(connection: Connection, *, now: datetime) -> None:
    """Forget those that have ended by themselves."""
    connection.execute(END_OVER, {"now": now})


def resume(connection: Connection, account: str | None, scope: str) -> HandPause | None:
    """End a pause and note that what waited for it is to be woken; None where there was none."""
    row = connection.execute(RESUME, {"account": account, "scope": scope}).fetchone()
    if row:
        connection.execute(NOTE_RESUME, {"account": account})
    return HandPause(*row) if row else None


def resumes(connection: Connection, *, before: datetime) -> list[tuple[str | None, datetime]]:
    """Whose texts are to be woken since when; None: everybody's."""
    return [(account, at) for account, at in connection.execute(RESUMES, {"before": before})]


def forget_resume(connection: Connection, account: str | None, at: datetime) -> None:
    """All is woken, unless it was resumed again meanwhile."""
    connection.execute(FORGET_RESUME, {"account": account, "at": at})


def wake(connection: Connection, account: str | None, lanes: list[str], *, most: int, now: datetime) -> int:
    """Let what waited for a person be looked at now; return how many rows, `most` at once."""
    return connection.execute(WAKE, {"account": account, "lanes": lanes, "most": most, "now": now}).rowcount
