"""Phones that Viber does not reach, by TurboSMS's refusals."""

from collections.abc import Collection, Iterable
from datetime import datetime

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows, query_row

LEARN = """
INSERT INTO viber_reach AS known (account, recipient_key, refused_at)
SELECT DISTINCT %(account)s, decode(r.recipient_key, 'hex'), %(now)s::timestamptz
FROM json_to_recordset(%(keys)s::json) AS r(recipient_key text)
ORDER BY 2
ON CONFLICT (account, recipient_key) DO UPDATE SET refused_at = excluded.refused_at
WHERE known.refused_at < excluded.refused_at
"""

#: Somebody's list of whom Viber shall leave alone is none of SMS's business.
LEARN_OF = """
INSERT INTO viber_reach AS known (account, recipient_key, refused_at)
SELECT DISTINCT n.account, n.recipient_key, %(now)s::timestamptz
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
ORDER BY 1, 2
ON CONFLICT (account, recipient_key) DO UPDATE SET refused_at = excluded.refused_at
WHERE known.refused_at < excluded.refused_at
"""

DELETE = """
DELETE FROM viber_reach
WHERE
    account = %(account)s AND recipient_key IN (
        SELECT decode(r.recipient_key, 'hex') FROM json_to_recordset(%(keys)s::json) AS r(recipient_key text)
    )
"""

#: More are not counted.
UNREACHED_MAX = 100_000
UNREACHED = "SELECT count(*) FROM (SELECT FROM viber_reach WHERE account = %(account)s LIMIT %(most)s) AS known"


def learn(connection: Connection, account: str, recipient_keys: Collection[bytes], *, now: datetime) -> None:
    """Remember that nobody has Viber on these phones (`SRVC_NOT_VIBER_USER`): it is skipped for `viber_reach_days`."""
    if recipient_keys:
        connection.execute(LEARN, {"account": account, "keys": as_keys(recipient_keys), "now": now})


def learn_of(connection: Connection, notification_ids: Iterable[NotificationId], *, now: datetime) -> None:
    connection.execute(LEARN_OF, {"notification_ids": as_notification_ids(notification_ids), "now": now})


def delete(connection: Connection, account: str, recipient_keys: Collection[bytes]) -> None:
    """Forget it: something arrived by Viber on these phones."""
    if recipient_keys:
        connection.execute(DELETE, {"account": account, "keys": as_keys(recipient_keys)})


def as_keys(recipient_keys: Collection[bytes]) -> bytes:
    return as_rows({"recipient_key": key} for key in sorted(recipient_keys))


def unreached(connection: Connection, account: str) -> int:
    """How many phones Viber does not reach, as far as TurboSMS told and is still believed."""
    return query_row(connection, UNREACHED, {"account": account, "most": UNREACHED_MAX})[0]
