"""What is kept of a person, as rows to be shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows

TEXTS = """
SELECT
    n.account, to_char(n.month, 'YYYY-MM') || '/' || n.id AS id, n.created_at, n.trigger, n.recipient_kind,
    n.recipient_id, n.channel, n.phone, n.text, n.state, n.reason, n.consent,
    (
        SELECT jsonb_agg(
            jsonb_build_object('at', t.at, 'state', t.to_state, 'reason', t.reason)
            ORDER BY t.id
        )
        FROM transitions AS t
        WHERE t.month = n.month AND t.notification = n.id
    ) AS transitions,
    (
        SELECT jsonb_agg(p.message_id) FROM provider_messages AS p
        WHERE p.month = n.month AND p.notification = n.id
    ) AS turbosms_ids
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
ORDER BY n.created_at, n.id
"""

EVENTS = """
SELECT account, event_id AS id, type, received_at FROM events
WHERE month = %(month)s AND id = %(id)s
"""

CONSENTS = """
SELECT c.account, c.kind, c.id, c.given, c.changed_at, c.event_id, c.agreed_at, c.agreed_event_id
FROM consents AS c
INNER JOIN json_to_recordset(%(people)s::json) AS p(account text, kind text, id text)
    ON c.account = p.account AND c.kind = p.kind AND c.id = p.id
ORDER BY 1, 2, 3
"""

STOPS = """
SELECT account, phone, scope, reason, source, since, added_by FROM suppressions
WHERE recipient_key = %(key)s AND (%(account)s::text IS NULL OR account = %(account)s)
ORDER BY account
"""

Row = Mapping[str, Any]


def texts(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[Row]:
    return rows(connection.execute(TEXTS, {"notification_ids": as_notification_ids(notification_ids)}))


def event(connection: Connection, key: tuple[Any, ...]) -> list[Row]:
    return rows(connection.execute(EVENTS, {"month": key[0], "id": key[1]}))


def consents(connection: Connection, people: Iterable[tuple[str, str, str]]) -> list[Row]:
    named = as_rows({"account": account, "kind": kind, "id": id_} for account, kind, id_ in people)
    return rows(connection.execute(CONSENTS, {"people": named}))


def stops(connection: Connection, account: str | None, key: bytes) -> list[Row]:
    return rows(connection.execute(STOPS, {"account": account, "key": key}))


def rows(cursor: Any) -> list[Row]:  # noqa: ANN401 (any cursor)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]
