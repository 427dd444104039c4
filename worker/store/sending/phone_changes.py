"""Rows that wait get the phone of the newest record, under a key of their own there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from worker.core.reminders.newest_phone import Person, PersonId
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows, columns_of

PEOPLE = """
SELECT r.account, r.kind, r.id, r.facts ->> 'phonenumber', r.deleted, r.changed_at
FROM json_to_recordset(%(people)s::json) AS p(account text, kind text, id text)
INNER JOIN records AS r ON p.account = r.account AND p.kind = r.kind AND p.id = r.id
"""


def known(connection: Connection, wanted: Collection[PersonId]) -> dict[PersonId, Person]:
    if not wanted:
        return {}
    rows = as_rows({"account": account, "kind": record_kind, "id": id_} for account, record_kind, id_ in wanted)
    return {(row[0], row[1], row[2]): Person(*row[3:]) for row in connection.execute(PEOPLE, {"people": rows})}


DEDUPE = """
SELECT n.month, n.id, n.dedupe_key
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
"""

#: Where the key is another row's that one tells the new phone, or did; a phone that comes back finds
#: the key that this row took for it before.
READDRESS = """
WITH wanted AS (
    SELECT r.month, r.id, r.phone, decode(r.person, 'hex') AS person, decode(r.key, 'hex') AS key
    FROM json_to_recordset(%(rows)s::json) AS r(month date, id bigint, phone text, person text, key text)
),
taken AS (
    INSERT INTO notification_keys (key, month, id)
    SELECT key, month, id FROM wanted
    ORDER BY 1
    ON CONFLICT (key) DO NOTHING
    RETURNING month, id
),
own AS (
    SELECT month, id FROM taken
    UNION ALL
    SELECT w.month, w.id FROM wanted AS w
    INNER JOIN notification_keys AS k ON w.key = k.key AND w.month = k.month AND w.id = k.id
)
UPDATE notifications AS n SET phone = w.phone, recipient_key = w.person
FROM wanted AS w
INNER JOIN own AS o ON w.month = o.month AND w.id = o.id
WHERE n.month = w.month AND n.id = w.id
RETURNING n.month, n.id
"""

#: Rows that have these keys, if they were withdrawn before an attempt, or wait for somebody who was deleted since.
HOLDERS = """
SELECT decode(w.key, 'hex'), h.month, h.id, h.waits_until IS NOT NULL
FROM json_to_recordset(%(rows)s::json) AS w(key text)
INNER JOIN notification_keys AS k ON k.key = decode(w.key, 'hex')
INNER JOIN notifications AS h ON k.month = h.month AND k.id = h.id
LEFT JOIN records AS o ON h.account = o.account AND h.recipient_kind = o.kind AND h.recipient_id = o.id
WHERE
    h.attempt IS NULL
    AND (
        h.state IN ('cancelled', 'expired', 'skipped')
        OR (h.waits_until IS NOT NULL AND o.deleted AND o.changed_at > h.record_changed_at)
    )
FOR UPDATE OF h
"""

TAKE_OVER = """
UPDATE notification_keys AS k SET month = r.month, id = r.id
FROM json_to_recordset(%(rows)s::json) AS r(month date, id bigint, key text)
WHERE k.key = decode(r.key, 'hex')
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """A row that holds a key and sends nothing; one that `waits` ends once it is claimed."""

    key: bytes
    notification_id: NotificationId
    waits: bool


@dataclass(frozen=True, slots=True)
class Readdressed:
    """A row with its new phone, and the keys of recipient and fact there."""

    notification_id: NotificationId
    phone: str
    person: bytes
    key: bytes


def dedupe_keys(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[tuple[NotificationId, str]]:
    rows = connection.execute(DEDUPE, {"notification_ids": as_notification_ids(notification_ids)})
    return [((month, number), dedupe) for month, number, dedupe in rows]


def readdress(connection: Connection, wanted: Sequence[Readdressed]) -> set[NotificationId]:
    return {(month, number) for month, number in connection.execute(READDRESS, {"rows": as_rows(map(columns, wanted))})}


def holders(connection: Connection, wanted: Iterable[Readdressed]) -> list[Holder]:
    rows = connection.execute(HOLDERS, {"rows": as_rows({"key": readdressed.key} for readdressed in wanted)})
    return [Holder(key, (month, number), waits) for key, month, number, waits in rows]


def take_over(connection: Connection, wanted: Iterable[Readdressed]) -> None:
    connection.execute(TAKE_OVER, {"rows": as_rows(map(columns, wanted))})


NEW_KEYS = columns_of("phone", "person", "key")


def columns(readdressed: Readdressed) -> dict[str, object]:
    month, number = readdressed.notification_id
    return {"month": month, "id": number, **NEW_KEYS(readdressed)}
