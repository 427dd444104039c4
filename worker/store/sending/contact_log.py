"""What went to whom in the last fortnight: for the limits of a person and for the habit of a phone."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import psycopg
from psycopg.rows import TupleRow

from worker.core.sending.frequency_cap import Contact
from worker.store.db.postgres import Connection

#: Contacts that are read of one person: a phone that got more must not make everybody wait.
EACH = 1_000

# Hours and not days: a day of the session's time zone may have 23 or 25 of them.

#: The primary key's order, so that a person's newest are read from it and not from everybody's by age. Where one person
#: has more than are read, those of the oldest notifications are left out.
RECENT_CONTACTS = """
SELECT w.recipient_key, t.at, t.text_hash, t.month, t.notification
FROM (
    SELECT decode(key, 'hex') AS recipient_key FROM unnest(string_to_array(%(keys)s, ',')) AS key
) AS w
CROSS JOIN LATERAL (
    SELECT month, notification, text_hash, at
    FROM contact_log
    WHERE
        account = %(account)s AND recipient_key = w.recipient_key
        AND at > %(now)s::timestamptz - interval '336 hours'
    ORDER BY month DESC, notification DESC
    LIMIT %(each)s
) AS t
ORDER BY t.at DESC, t.month DESC, t.notification DESC
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


def contacts_of(rows: Iterable[TupleRow]) -> dict[bytes, list[Contact]]:
    contacts: dict[bytes, list[Contact]] = defaultdict(list)
    for key, at, hash_, month, number in rows:
        contacts[key].append(Contact(at, hash_, (month, number)))
    return dict(contacts)


def reset_day(connection: Connection, account: str, key: bytes, *, now: datetime) -> int:
    return connection.execute(RESET_DAY, {"account": account, "key": key, "now": now}).rowcount
