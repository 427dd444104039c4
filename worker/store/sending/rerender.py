"""Texts whose record got newer before they were sent: what they were made of, and their new text."""

from collections.abc import Iterable

from worker.core.accounts.account import Text
from worker.core.sending.nudge import NotificationId
from worker.core.sending.rerender import Origin
from worker.store.db.postgres import NONE, Connection, as_notification_ids, as_rows

ORIGINS = """
SELECT
    n.month, n.id, e.body, e.routing_key, n.dedupe_key, n.recipient_kind, n.recipient_id, n.locale,
    n.channel, coalesce(t.id, 0), coalesce(v.version, 0), coalesce(v.text, ''), coalesce(t.missing = 'fail', FALSE)
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
INNER JOIN events AS e ON n.event_month = e.month AND n.event = e.id
LEFT JOIN templates AS t ON n.template = t.id
LEFT JOIN template_versions AS v ON n.template = v.template AND n.template_version = v.version
"""

RENEW = """
UPDATE notifications AS n
SET
    text = r.text, segments = r.segments, expires_at = r.expires_at,
    record_version = k.version, record_changed_at = k.changed_at
FROM json_to_recordset(%(rows)s::json) AS r(
    month date, id bigint, text text, segments smallint, expires_at timestamptz
), records AS k
WHERE
    n.month = r.month AND n.id = r.id
    AND k.account = n.account AND k.kind = n.record_kind AND k.id = n.record_id
"""


def origins(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[Origin]:
    rows = as_notification_ids(notification_ids)
    if rows == NONE:
        return []
    return [
        Origin((row[0], row[1]), bytes(row[2]), row[3], row[4], row[5], row[6], row[7], row[8], Text(*row[9:]))
        for row in connection.execute(ORIGINS, {"notification_ids": rows})
    ]


def write(connection: Connection, rows: Iterable[dict[str, object]]) -> None:
    texts = as_rows(rows)
    if texts != NONE:
        connection.execute(RENEW, {"rows": texts})
