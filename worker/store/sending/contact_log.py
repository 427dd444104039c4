"""What went to whom in the last fortnight: for the limits of a person and for the habit of a phone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg.rows import TupleRow

from worker.core.sending.frequency_cap import Contact
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids

#: Contacts that are read of one person: a phone that got more must not make everybody wait.
EACH = 1_000

# Hours and not days: a day of the session's time zone may have 23 or 25 of them.

#: The primary key's order, so that a person's newest are read from it and not from everybody's by age. Where one person
#: has more than are read, those of the oldest notifications are left out.
NEWEST: LiteralString = """
CROSS JOIN LATERAL (
    SELECT month, notification, text_hash, at
    FROM contact_log
    WHERE
        account = w.account AND recipient_key = w.recipient_key
        AND at > %(now)s::timestamptz - interval '336 hours'
    ORDER BY month DESC, notification DESC
    LIMIT %(each)s
) AS t
ORDER BY t.at DESC, t.month DESC, t.notification DESC
"""

COLUMNS: LiteralString = "w.recipient_key, t.at, t.text_hash, t.month, t.notification"

RECENT_CONTACTS = f"""
SELECT {COLUMNS}
FROM (
    SELECT %(account)s::text AS account, decode(key, 'hex') AS recipient_key
    FROM unnest(string_to_array(%(keys)s, ',')) AS key
) AS w
{NEWEST}
"""

#: Of the people of these rows, whatever account they are of.
CONTACTS_OF_ROWS = f"""
SELECT w.account, {COLUMNS}
FROM (
    SELECT DISTINCT n.account, n.recipient_key
    FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
    INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
) AS w
{NEWEST}
"""

#: A person who was let go on counts anew, and keeps the habit.
RESET_DAY = """
DELETE FROM contact_log
WHERE
    account = %(account)s AND recipient_key = %(key)s
    AND at > %(now)s::timestamptz - interval '24 hours'
"""


def recent_contacts(
    connection: Connection, account: str, keys: Iterable[bytes], *, now: datetime
) -> dict[bytes, list[Contact]]:
    """Contacts of these people in the last 14 days, the newest first, at most EACH; only of who had any."""
    wanted = set(keys)
    return contacts_of(ask_recent(connection, account, wanted, now=now)) if wanted else {}


def ask_recent(
    connection: Connection, account: str, keys: Iterable[bytes], *, now: datetime
) -> psycopg.Cursor[TupleRow]:
    """As `recent_contacts`, for whoever asks more before anything is answered; `contacts_of` reads the answer."""
    values = {"account": account, "keys": ",".join(map(bytes.hex, sorted(set(keys)))), "now": now, "each": EACH}
    return connection.execute(RECENT_CONTACTS, values)


def ask_of_rows(
    connection: Connection, notification_ids: Iterable[NotificationId], *, now: datetime
) -> psycopg.Cursor[TupleRow]:
    """As `ask_recent`, of the people of these rows; each answer begins with the account."""
    values = {"notification_ids": as_notification_ids(notification_ids), "now": now, "each": EACH}
    return connection.execute(CONTACTS_OF_ROWS, values)


def contacts_of(rows: Iterable[Sequence[Any]]) -> dict[bytes, list[Contact]]:
    contacts: dict[bytes, list[Contact]] = defaultdict(list)
    for key, at, hash_, month, number in rows:
        contacts[key].append(Contact(at, hash_, (month, number)))
    return dict(contacts)


def reset_day(connection: Connection, account: str, key: bytes, *, now: datetime) -> int:
    return connection.execute(RESET_DAY, {"account": account, "key": key, "now": now}).rowcount
