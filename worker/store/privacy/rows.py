"""Texts, attempts and lists that speak of a person by the key of their phone or by their id in the CRM."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from worker.core.lanes import LANES
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows
from worker.store.privacy.windows import Table, look_through
from worker.store.transitions import TO_SEND, changed

NOTIFICATIONS = Table("notifications", ("month", "id"), ("date", "bigint"))

#: A person's own: to their phone, or to their id.
OWN = """
(
    recipient_key = ANY(%(keys)s::bytea []) OR phone = ANY(%(phones)s::text [])
    OR recipient_kind || ' ' || account || ' ' || recipient_id = ANY(%(people)s::text [])
)
"""
SPEAKING = f"""
(%(account)s::text IS NULL OR account = %(account)s) AND created_at <= %(until)s
AND (
    {OWN}
    OR event = ANY(%(events)s::bigint [])
    OR record_kind || ' ' || account || ' ' || record_id = ANY(%(records)s::text [])
    OR (%(plain)s::text <> '' AND text ~ %(plain)s)
)
"""
#: An erased row still says what it was about.
OWN_UNTIL = f"(%(account)s::text IS NULL OR account = %(account)s) AND created_at <= %(until)s AND {OWN}"
COLUMNS = f"month, id, {OWN}, text, phone"

THESE = f"""
SELECT n.month, n.id, {OWN}
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
"""

#: Whoever claims a row just now holds it, and sends it or has seen this.
CANCEL = (
    f"""
WITH wanted AS (
    SELECT n.month, n.id, n.state AS before, 'cancelled' AS after, 'erased' AS reason, NULL::timestamptz AS due_at
    FROM notifications AS n
    WHERE
        n.lane = ANY(%(lanes)s) AND n.waits_until IS NOT NULL
        AND (%(account)s::text IS NULL OR n.account = %(account)s)
        AND {OWN}
    FOR UPDATE SKIP LOCKED
),
"""
    + changed(", nudges = 0", is_locked=True)
    + "SELECT month, notification FROM remembered"
)

#: What is on its way may come back and wait: it is too late then, and neither claimed nor repeated.
WITHDRAW = f"""
WITH wanted AS (
    SELECT n.month, n.id
    FROM (
        SELECT unnest(row_months) AS month, unnest(row_ids) AS id
        FROM attempts
        WHERE lane = ANY(%(lanes)s) AND settled_at IS NULL
    ) AS r
    INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
    WHERE
        n.state = 'sending' AND n.expires_at > %(now)s
        AND (%(account)s::text IS NULL OR n.account = %(account)s) AND {OWN}
    FOR UPDATE OF n SKIP LOCKED
)

UPDATE notifications AS n SET expires_at = %(now)s
FROM wanted AS w
WHERE n.month = w.month AND n.id = w.id
"""

#: Attempts of these rows, by the transition that began each.
ATTEMPTS = """
SELECT r.month AS row_month, r.id AS row_id, a.month, a.key, a.settled_at
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
INNER JOIN transitions AS t ON r.month = t.month AND r.id = t.notification
INNER JOIN attempts AS a ON a.month = date_trunc('month', t.at AT TIME ZONE 'UTC')::date AND t.attempt = a.key
WHERE t.to_state = 'sending'
"""
UNSETTLED = f"SELECT row_month, row_id, key FROM ({ATTEMPTS}) AS a WHERE settled_at IS NULL"

#: Of the bytes of a settled attempt only a hash was left, by which a guess of them could be confirmed.
FORGET_ATTEMPTS = f"""
UPDATE attempts AS a SET body_hash = ''
FROM ({ATTEMPTS}) AS w
WHERE a.month = w.month AND a.key = w.key AND a.settled_at IS NOT NULL AND a.body_hash <> ''
"""

#: A finished row stays, and its keys: what was announced is not announced again.
ERASE = f"""
UPDATE notifications AS n SET
    phone = CASE WHEN r.own THEN NULL ELSE n.phone END,
    text = '',
    viber = CASE WHEN n.viber IS NOT NULL THEN '{{}}'::jsonb END,
    recipient_id = CASE WHEN %(plain)s <> '' AND n.recipient_id ~ %(plain)s THEN '' ELSE n.recipient_id END,
    dedupe_key = CASE WHEN %(plain)s <> '' AND n.dedupe_key ~ %(plain)s THEN '' ELSE n.dedupe_key END
FROM json_to_recordset(%(rows)s::json) AS r(month date, id bigint, own boolean)
WHERE n.month = r.month AND n.id = r.id AND n.state NOT IN ({TO_SEND})
RETURNING n.month, n.id
"""

#: As the trigger of notifications does when a word of theirs changes: those without an entry get one just now, perhaps.
ENTER_ANEW = """
WITH named AS (
    SELECT n.month, n.account, n.id
    FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
    INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
),

gone AS (
    DELETE FROM search_entries AS s
    USING named AS n
    WHERE s.month = n.month AND s.account = n.account AND s.notification = n.id
)

INSERT INTO search_changes (month, account, notification)
SELECT month, account, id FROM named
"""

FORGET_TEXTS = """
UPDATE contact_log SET text_hash = decode(repeat('00', 16), 'hex')
WHERE recipient_key = ANY(%(keys)s::bytea []) AND (%(account)s::text IS NULL OR account = %(account)s)
"""

STOPS = """
SELECT account, recipient_key, reason FROM suppressions
WHERE recipient_key = ANY(%(keys)s::bytea []) AND (%(account)s::text IS NULL OR account = %(account)s)
FOR UPDATE
"""
FORGET_STOP = """
UPDATE suppressions SET phone = NULL, reason = %(reason)s
WHERE account = %(account)s AND recipient_key = %(key)s AND (phone IS NOT NULL OR reason <> %(reason)s)
"""

PHONES = """
SELECT DISTINCT phone FROM notifications
WHERE account = %(account)s AND recipient_kind = 'contact' AND recipient_id = %(contact)s AND phone IS NOT NULL
"""
KEYS = """
SELECT DISTINCT recipient_key FROM notifications
WHERE account = %(account)s AND phone = ANY(%(phones)s::text [])
"""
#: Phones that somebody else has as well: another person, for what an order or a booking carries is somebody's phone.
SHARED = """
SELECT DISTINCT phone FROM notifications
WHERE
    account = %(account)s AND phone = ANY(%(phones)s::text [])
    AND recipient_kind IN ('contact', 'lead', 'staff')
    AND (recipient_kind, recipient_id) <> ('contact', %(contact)s)
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose rows: of phones by their keys or as they are written, of people by account, kind and id."""

    account: str | None
    keys: Collection[bytes] = ()
    phones: Collection[str] = ()
    people: Collection[tuple[str, str, str]] = ()

    def values(self) -> Mapping[str, object]:
        return {
            "account": self.account,
            "keys": list(self.keys),
            "phones": list(self.phones),
            "people": joined(self.people),
        }


@dataclass(frozen=True, slots=True)
class About:
    """What the person was written to about: events, and records by account, kind and id."""

    events: frozenset[int] = frozenset()
    records: frozenset[tuple[str, str, str]] = frozenset()

    def __or__(self, other: Self) -> Self:
        return replace(self, events=self.events | other.events, records=self.records | other.records)


def joined(ids: Iterable[tuple[str, str, str]]) -> list[str]:
    return [f"{kind} {account} {id_}" for account, kind, id_ in ids]


@dataclass(frozen=True, slots=True)
class Speaking:
    """A text that is the person's own, or may speak of them."""

    notification_id: NotificationId
    is_own: bool
    text: str
    phone: str | None

    @property
    def is_cleared(self) -> bool:
        return not self.text and self.phone is None


def subjects_of(connection: Connection, person: Person, *, until: datetime) -> About:
    """What their own texts were about, though the bodies of its events may be cleared by now."""
    columns = "event, account, record_kind, record_id"
    values = {**person.values(), "until": until}
    texts = [tuple(row) for row in look_through(connection, NOTIFICATIONS, columns, OWN_UNTIL, values)]
    return About(
        frozenset(event for event, *_ in texts),
        frozenset((account, kind, id_) for _, account, kind, id_ in texts if kind and id_),
    )


def speaking(
    connection: Connection, person: Person, about: About, *, plain: str, until: datetime
) -> Iterator[Speaking]:
    """Yield texts to the person, of what they were written to about, and that match the pattern of their phone."""
    asked = {"events": list(about.events), "records": joined(about.records)}
    values = {**person.values(), **asked, "plain": plain, "until": until}
    for row in look_through(connection, NOTIFICATIONS, COLUMNS, SPEAKING, values):
        yield Speaking((row[0], row[1]), bool(row[2]), row[3], row[4])


def which_are_own(
    connection: Connection, person: Person, notification_ids: Iterable[NotificationId]
) -> list[tuple[NotificationId, bool]]:
    """Name those of the texts that are still there, and whether each is the person's own."""
    values = {**person.values(), "notification_ids": as_notification_ids(notification_ids)}
    return [((row[0], row[1]), bool(row[2])) for row in connection.execute(THESE, values)]


def cancel(connection: Connection, person: Person, *, actor: str, now: datetime) -> list[NotificationId]:
    """Cancel what waits for them, and name it; what is on its way goes no more if it comes back."""
    values = {**person.values(), "lanes": list(LANES), "actor": actor, "now": now}
    connection.execute(WITHDRAW, values)
    return [(row[0], row[1]) for row in connection.execute(CANCEL, values)]


def unsettled(connection: Connection, notification_ids: Iterable[NotificationId]) -> dict[NotificationId, list[str]]:
    """Name the attempts of these rows that are not settled."""
    keys: dict[NotificationId, list[str]] = {}
    for month, number, key in connection.execute(
        UNSETTLED, {"notification_ids": as_notification_ids(notification_ids)}
    ):
        keys.setdefault((month, number), []).append(key)
    return keys


def erase(connection: Connection, rows: Iterable[tuple[NotificationId, bool]], *, plain: str) -> list[NotificationId]:
    """Erase texts that are finished, and phones where they are the person's own; return what was."""
    wanted = as_rows({"month": month, "id": number, "own": is_own} for (month, number), is_own in rows)
    return [(row[0], row[1]) for row in connection.execute(ERASE, {"rows": wanted, "plain": plain})]


def forget_attempts(connection: Connection, notification_ids: Iterable[NotificationId]) -> int:
    return connection.execute(FORGET_ATTEMPTS, {"notification_ids": as_notification_ids(notification_ids)}).rowcount


def enter_anew(connection: Connection, notification_ids: Iterable[NotificationId]) -> None:
    """Have a search forget what it knows of these texts, and learn it from what their events say by now."""
    connection.execute(ENTER_ANEW, {"notification_ids": as_notification_ids(notification_ids)})


def forget_texts(connection: Connection, person: Person) -> int:
    return connection.execute(FORGET_TEXTS, person.values()).rowcount


def stops(connection: Connection, person: Person) -> list[tuple[str, bytes, str]]:
    """Accounts whose stop-list the person is on, by which key, and why."""
    return [(row[0], bytes(row[1]), row[2]) for row in connection.execute(STOPS, person.values())]


def forget_stop(connection: Connection, account: str, key: bytes, *, reason: str) -> int:
    """Forget how a phone on a stop-list is written; its key still stops."""
    return connection.execute(FORGET_STOP, {"account": account, "key": key, "reason": reason}).rowcount


def phones_of(connection: Connection, account: str, contact: str) -> set[str]:
    """The phones of a contact that nobody else of the account has."""
    values = {"account": account, "contact": contact}
    phones = {row[0] for row in connection.execute(PHONES, values)}
    shared = (
        {row[0] for row in connection.execute(SHARED, {**values, "phones": list(phones)})} if phones else set[str]()
    )
    return phones - shared


def keys_of(connection: Connection, account: str, phones: Collection[str]) -> set[bytes]:
    """The recipient keys of these phones, as texts have them."""
    values = {"account": account, "phones": list(phones)}
    return {bytes(row[0]) for row in connection.execute(KEYS, values)}
