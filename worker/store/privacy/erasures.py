"""Requests to forget a person, and how far each is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg.rows import TupleRow

from worker.core.privacy.person import Traces, as_json, of_json
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, query_row

#: Whoever asks for the same again gets the one that is open.
ADD = """
INSERT INTO erasures (account, recipient_key, requested_by, requested_at, traces)
VALUES (%(account)s, %(key)s, %(by)s, %(now)s, %(traces)s::jsonb)
ON CONFLICT (coalesce(account, ''), recipient_key) WHERE finished_at IS NULL AND recipient_key IS NOT NULL
DO UPDATE SET requested_at = excluded.requested_at, searched_at = NULL
RETURNING id
"""

#: Contacts that the CRM of an account deleted which wants them forgotten.
ADD_DELETED = """
INSERT INTO erasures (account, contact, deleted_at, requested_by, requested_at, traces)
SELECT
    r.account, r.id, r.changed_at, 'contact.deleted', %(now)s,
    jsonb_build_object(
        'phones', '{}'::text [], 'words', '{}'::text [], 'people', ARRAY[ARRAY[r.account, 'contact', r.id]]
    )
FROM records AS r
INNER JOIN accounts AS a ON r.account = a.id
WHERE
    r.deleted AND r.kind = 'contact' AND a.erase_deleted
    AND NOT EXISTS (
        SELECT FROM erasures AS e
        WHERE e.account = r.account AND e.contact = r.id AND e.deleted_at = r.changed_at
    )
ORDER BY 1, 2
LIMIT %(limit)s
ON CONFLICT (account, contact, deleted_at) WHERE contact IS NOT NULL DO NOTHING
RETURNING id, account, contact
"""

LOAD = """
SELECT
    id, account, recipient_key, contact, requested_by, requested_at, traces, searched_at, row_months, row_ids, erased
FROM erasures
WHERE id = %(id)s
"""
#: One that takes long, or fails, does not stand before the same others every time.
OPEN = "SELECT id FROM erasures WHERE finished_at IS NULL ORDER BY random()"
LIST = """
SELECT
    id, account, recipient_key, contact, requested_by, requested_at, finished_at, cardinality(row_ids), erased
FROM erasures
WHERE finished_at IS NULL OR %(finished)s
ORDER BY id DESC
LIMIT %(limit)s
"""
#: One at a time works on an erasure.
LOCK = "SELECT pg_try_advisory_lock(7032028, %(id)s::integer)"
UNLOCK = "SELECT pg_advisory_unlock(7032028, %(id)s::integer)"

REMEMBER = "UPDATE erasures SET traces = %(traces)s::jsonb WHERE id = %(id)s"
REMEMBER_EVENT = """
UPDATE erasures
SET traces = jsonb_set(traces, '{events}', coalesce(traces -> 'events', '[]') || to_jsonb(%(event)s::bigint))
WHERE id = %(id)s
"""
SEARCHED = """
UPDATE erasures
SET searched_at = %(now)s, row_months = %(months)s, row_ids = %(ids)s, erased = %(erased)s::jsonb
WHERE id = %(id)s
"""
FINISH = """
UPDATE erasures
SET finished_at = %(now)s, traces = NULL, row_months = '{}', row_ids = '{}', erased = %(erased)s::jsonb
WHERE id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class Erasure:
    """An open request: whose, by what they are found, and which of their texts are not settled."""

    id: int
    account: str | None
    key: bytes | None
    contact: str | None
    by: str
    requested_at: datetime
    traces: Traces
    searched_at: datetime | None
    waits_for: tuple[NotificationId, ...]
    erased: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ErasureSummary:
    id: int
    account: str | None
    key: str | None
    contact: str | None
    by: str
    requested_at: datetime
    finished_at: datetime | None
    waits_for: int
    erased: Mapping[str, int]


def add(connection: Connection, account: str | None, key: bytes, traces: Traces, *, by: str, now: datetime) -> int:
    values = {"account": account, "key": key, "by": by, "now": now, "traces": dumped(as_json(traces))}
    return query_row(connection, ADD, values)[0]


def add_deleted(connection: Connection, *, limit: int, now: datetime) -> list[tuple[int, str, str]]:
    """Begin erasures for some contacts that were deleted and are to be forgotten: id, account and contact of each."""
    return [(row[0], row[1], row[2]) for row in connection.execute(ADD_DELETED, {"limit": limit, "now": now})]


def load(connection: Connection, number: int) -> Erasure | None:
    """None where there is none of that number, or it is finished."""
    row = connection.execute(LOAD, {"id": number}).fetchone()
    return erasure_of(row) if row and row[6] is not None else None


def erasure_of(row: TupleRow) -> Erasure:
    *head, traces, searched_at, months, ids, erased = row
    number, account, key, contact, by, requested_at = head
    rows = tuple(zip(months, ids, strict=True))
    key = None if key is None else bytes(key)
    return Erasure(number, account, key, contact, by, requested_at, of_json(traces), searched_at, rows, erased)


def open_ones(connection: Connection) -> list[int]:
    return [row[0] for row in connection.execute(OPEN)]


def list_erasures(connection: Connection, *, finished: bool, limit: int) -> list[ErasureSummary]:
    return [
        ErasureSummary(row[0], row[1], row[2] and bytes(row[2]).hex(), *row[3:])
        for row in connection.execute(LIST, {"finished": finished, "limit": limit})
    ]


def take(connection: Connection, number: int) -> bool:
    """Take an erasure until `give_back`, or until the session ends; False if another has it."""
    return query_row(connection, LOCK, {"id": number})[0]


def give_back(connection: Connection, number: int) -> None:
    connection.execute(UNLOCK, {"id": number})


def remember(connection: Connection, number: int, traces: Traces) -> None:
    connection.execute(REMEMBER, {"id": number, "traces": dumped(as_json(traces))})


def remember_event(connection: Connection, number: int, event: int) -> None:
    """Remember an event that spoke of the person, in the transaction that takes them out of it."""
    connection.execute(REMEMBER_EVENT, {"id": number, "event": event})


def searched(
    connection: Connection, number: int, rows: Collection[NotificationId], erased: Mapping[str, int], *, now: datetime
) -> None:
    """Note that everything was looked through, and what is waited for."""
    months, ids = [month for month, _ in rows], [number_ for _, number_ in rows]
    values = {"id": number, "months": months, "ids": ids, "erased": dumped(erased), "now": now}
    connection.execute(SEARCHED, values)


def finish(connection: Connection, number: int, erased: Mapping[str, int], *, now: datetime) -> None:
    connection.execute(FINISH, {"id": number, "erased": dumped(erased), "now": now})


def dumped(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()
