"""Jobs as they lie in PostgreSQL: proposed, agreed to, carried on part by part, and stopped."""

from collections.abc import Mapping
from datetime import datetime

import orjson

from worker.core.hands.job import Job, NewJob, Part
from worker.store.db.postgres import Connection, query_row

COLUMNS = """
    id, account, action, asked_by, asked_at, terms, facts, cardinality(items), done, counts, state, settled_at
"""

PROPOSE = """
INSERT INTO jobs (account, action, asked_by, asked_at, terms, items, facts)
VALUES (%(account)s, %(action)s, %(by)s, %(now)s, %(terms)s::jsonb, %(items)s, %(facts)s::jsonb)
RETURNING id
"""

LOAD = f"SELECT {COLUMNS} FROM jobs WHERE account = %(account)s AND id = %(id)s"

LIST = f"""
SELECT {COLUMNS} FROM jobs
WHERE account = %(account)s AND state <> 'proposed'
ORDER BY id DESC
LIMIT %(limit)s
"""

#: Who proposed it agrees to it.
BEGIN = """
UPDATE jobs SET state = 'running'
WHERE account = %(account)s AND id = %(id)s AND state = 'proposed' AND asked_by = %(by)s
"""

STOP = """
UPDATE jobs SET state = 'stopped', settled_at = %(now)s
WHERE account = %(account)s AND id = %(id)s AND state = 'running'
"""

#: The one of which least is done, so that a long one keeps no short one waiting.
NEXT_PART = """
SELECT id, account, action, asked_by, terms, items[done + 1:done + %(size)s], cardinality(items)
FROM jobs
WHERE state = 'running'
ORDER BY done, id
LIMIT 1
FOR UPDATE SKIP LOCKED
"""

#: Counts are added up, whatever outcomes there are.
ADVANCE = """
UPDATE jobs AS j
SET
    done = j.done + %(items)s,
    counts = (
        SELECT coalesce(jsonb_object_agg(c.outcome, c.texts), '{}')
        FROM (
            SELECT key AS outcome, sum(value::integer) AS texts
            FROM (
                SELECT * FROM jsonb_each_text(j.counts)
                UNION ALL
                SELECT * FROM jsonb_each_text(%(counts)s::jsonb)
            ) AS e
            GROUP BY key
        ) AS c
    ),
    state = CASE WHEN j.done + %(items)s = cardinality(j.items) THEN 'finished' ELSE j.state END,
    settled_at = CASE WHEN j.done + %(items)s = cardinality(j.items) THEN %(now)s::timestamptz END
WHERE j.id = %(id)s
"""


def propose(connection: Connection, job: NewJob, *, now: datetime) -> int:
    values = {
        "account": job.account,
        "action": job.action,
        "by": job.by,
        "now": now,
        "terms": orjson.dumps(job.terms).decode(),
        "items": list(job.items),
        "facts": orjson.dumps(job.facts, default=str).decode(),
    }
    return query_row(connection, PROPOSE, values)[0]


def load(connection: Connection, account: str, number: int) -> Job | None:
    row = connection.execute(LOAD, {"account": account, "id": number}).fetchone()
    return Job(*row) if row else None


def list_jobs(connection: Connection, account: str, *, limit: int) -> list[Job]:
    """Those that somebody agreed to, the newest first."""
    return [Job(*row) for row in connection.execute(LIST, {"account": account, "limit": limit})]


def begin(connection: Connection, account: str, number: int, *, by: str) -> bool:
    """Agree to a job; False: it is somebody else's, or is no proposal any more."""
    return connection.execute(BEGIN, {"account": account, "id": number, "by": by}).rowcount == 1


def stop(connection: Connection, account: str, number: int, *, now: datetime) -> bool:
    """Stop a job after the part that is in hand; False: it does not run."""
    return connection.execute(STOP, {"account": account, "id": number, "now": now}).rowcount == 1


def next_part(connection: Connection, *, size: int) -> Part | None:
    """Hold a job that runs until the transaction ends, and name its next items."""
    row = connection.execute(NEXT_PART, {"size": size}).fetchone()
    return Part(*row) if row else None


def advance(connection: Connection, part: Part, counts: Mapping[str, int], *, now: datetime) -> None:
    """Note that a part is done, and what became of it."""
    values = {"id": part.id, "items": len(part.items), "counts": orjson.dumps(dict(counts)).decode(), "now": now}
    connection.execute(ADVANCE, values)
