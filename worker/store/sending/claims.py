"""Claiming rows: locked, with the newest facts beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, NamedTuple, TypedDict

import psycopg
from psycopg.rows import TupleRow

from worker.core.contract.data import Record, load
from worker.core.sending.eligibility import Claimed
from worker.core.sending.nudge import NotificationId
from worker.core.texts.viber_message import viber_of
from worker.core.triggers.catalogue import TRIGGERS
from worker.store.db.postgres import Connection, as_notification_ids, as_rows

ACCOUNTS = """
SELECT n.account, n.lane, n.month, n.id
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
ORDER BY n.account, n.id
"""

#: The newest facts about rows `n`, in the order that `newest_of` reads. Consent counts as core.planning.consent says: a
#: word that is newer than the event's, or any if the text goes by a recorded one.
NEWEST: LiteralString = """
    s.recipient_key IS NOT NULL AND (s.scope = 'all' OR n.message_class = 'marketing'),
    CASE
        WHEN coalesce(r.version > n.record_version, r.changed_at > n.record_changed_at, FALSE) THEN r.facts
        ELSE (SELECT jsonb_object_agg(f, r.facts -> f) FROM unnest(%(asked)s::text []) AS f)
    END, coalesce(r.deleted, FALSE),
    coalesce(r.version > n.record_version, r.changed_at > n.record_changed_at, FALSE), v.refused_at,
    CASE
        WHEN n.message_class <> 'marketing' OR coalesce(c.given, FALSE) THEN FALSE
        WHEN n.consent = 'recorded' THEN TRUE
        ELSE
            coalesce(
                c.version > CASE WHEN n.record_kind = c.kind AND n.record_id = c.id THEN n.record_version END,
                c.changed_at > n.record_changed_at,
                FALSE
            )
    END,
    CASE WHEN o.changed_at > n.record_changed_at THEN o.facts ->> 'phonenumber' END,
    coalesce(o.deleted AND o.changed_at > n.record_changed_at, FALSE)
"""

#: Where they stand. A CASE in a join keeps what is no advertising, or no Viber, from looking into an index.
BESIDE: LiteralString = """
LEFT JOIN records AS r ON n.account = r.account AND n.record_kind = r.kind AND n.record_id = r.id
LEFT JOIN records AS o ON n.account = o.account AND n.recipient_kind = o.kind AND n.recipient_id = o.id
LEFT JOIN suppressions AS s ON n.account = s.account AND n.recipient_key = s.recipient_key
LEFT JOIN viber_reach AS v
    ON n.account = v.account AND v.recipient_key = CASE WHEN n.channel <> 'sms' THEN n.recipient_key END
LEFT JOIN consents AS c
    ON n.account = c.account AND n.recipient_kind = c.kind
    AND c.id = CASE WHEN n.message_class = 'marketing' THEN n.recipient_id END
"""

FACTS = (
    """
SELECT
    n.account, n.month, n.id, n.trigger, n.phone, n.recipient_key, n.text, n.segments, n.sender, n.lane, n.zone,
    n.state, n.reason, n.expires_at, n.created_at, n.channel, n.viber,
"""
    + NEWEST
    + """
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
"""
    + BESIDE
)

#: What rules ask of a record before its text goes. The rest of its facts, which may be many, is for a new text only.
ASKED = sorted(frozenset[str]().union(*(trigger.asked for trigger in TRIGGERS)))

#: A CASE, for no index but the key's shall be looked into: a plan that was made while a month's partition was empty
#: would take any.
CLAIM = (
    FACTS
    + """
WHERE
    CASE
        WHEN n.account = ANY(%(accounts)s::text [])
            THEN n.state = 'planned' OR (n.state = 'postponed' AND n.due_at <= %(now)s)
    END
ORDER BY n.id
LIMIT %(limit)s
FOR UPDATE OF n SKIP LOCKED
"""
)

#: Rows that wait for others' POSTs stay planned and keep their turn: the sweeper finds the oldest first, at once.
GIVE_BACK = """
UPDATE notifications AS n SET due_at = coalesce(%(until)s, n.created_at)
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
WHERE p.month = n.month AND p.id = n.id AND n.state = 'planned' AND n.account = %(account)s
"""

LOOK = FACTS + "ORDER BY n.id"

#: It keeps its sender, which is the SMS's.
AS_SMS = """
UPDATE notifications AS n SET channel = 'sms', viber = NULL, viber_fallback = p.why
FROM json_to_recordset(%(rows)s::json) AS p(month date, id bigint, why text)
WHERE p.month = n.month AND p.id = n.id AND n.channel = 'viber_then_sms'
"""


LOCK = """
SELECT account, lane, state, tries
FROM notifications
WHERE month = %(month)s AND id = %(id)s AND waits_until IS NOT NULL
FOR UPDATE
"""


class Newest(TypedDict):
    """The newest facts about a row: fields of a claimed one."""

    is_suppressed: bool
    record: Record | None
    is_deleted: bool
    is_outdated: bool
    unreached_at: datetime | None
    is_unagreed: bool
    phone_now: str | None
    is_recipient_deleted: bool


class Whose(NamedTuple):
    account: str
    lane: str
    notification_id: NotificationId


@dataclass(frozen=True, slots=True)
class WaitingRow:
    account: str
    lane: str
    state: str
    tries: int


def whose(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[Whose]:
    """Say of which account and lane these rows are."""
    rows = connection.execute(ACCOUNTS, {"notification_ids": as_notification_ids(notification_ids)})
    return [Whose(account, lane, (month, number)) for account, lane, month, number in rows]


def by_account(rows: Iterable[Whose]) -> dict[str, list[NotificationId]]:
    parts: dict[str, list[NotificationId]] = {}
    for row in rows:
        parts.setdefault(row.account, []).append(row.notification_id)
    return parts


def claim(
    connection: Connection, account: str, notification_ids: Iterable[NotificationId], *, limit: int, now: datetime
) -> list[Claimed]:
    """Lock those rows of one account that may be sent and that nobody else holds."""
    rows = ask_for(connection, [account], notification_ids, limit=limit, now=now)
    return [claimed(row) for _, *row in rows]


def ask_for(
    connection: Connection,
    accounts: Sequence[str],
    notification_ids: Iterable[NotificationId],
    *,
    limit: int,
    now: datetime,
) -> psycopg.Cursor[TupleRow]:
    """As `claim`, of several accounts, for whoever asks more before anything is answered.

    Each row begins with its account; `claimed` reads the rest.
    """
    values = {
        "accounts": accounts,
        "notification_ids": as_notification_ids(notification_ids),
        "limit": limit,
        "now": now,
        "asked": ASKED,
    }
    return connection.execute(CLAIM, values, binary=True)


def give_back(
    connection: Connection, account: str, notification_ids: Iterable[NotificationId], *, until: datetime | None = None
) -> None:
    """Leave those of these rows that are still planned to the sweeper: at once, or at this moment."""
    connection.execute(
        GIVE_BACK, {"account": account, "notification_ids": as_notification_ids(notification_ids), "until": until}
    )


def look(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[Claimed]:
    """Read the same facts about rows that an attempt holds already, in whatever state."""
    values = {"notification_ids": as_notification_ids(notification_ids), "asked": ASKED}
    return [claimed(row) for _, *row in connection.execute(LOOK, values)]


def as_sms(connection: Connection, reasons: Mapping[NotificationId, str]) -> None:
    """Let these go as SMS; the reason why not by Viber stays with each."""
    if reasons:
        rows = as_rows({"month": month, "id": number, "why": why} for (month, number), why in reasons.items())
        connection.execute(AS_SMS, {"rows": rows})


def waiting(connection: Connection, notification_id: NotificationId) -> WaitingRow | None:
    """Lock a row, if it still waits to be sent."""
    row = connection.execute(LOCK, {"month": notification_id[0], "id": notification_id[1]}).fetchone()
    return WaitingRow(*row) if row else None


def claimed(row: Sequence[Any]) -> Claimed:
    """Read a row of CLAIM or LOOK without its account."""
    month, number, trigger, phone, key, text, segments, sender, lane, zone, state, reason, *others = row[:16]
    expires_at, created_at, channel, viber = others
    return Claimed(
        notification_id=(month, number),
        trigger=trigger,
        phone=phone,
        recipient_key=key,
        text=text,
        segments=segments,
        sender=sender,
        lane=lane,
        zone=zone,
        state=state,
        reason=reason,
        expires_at=expires_at,
        created_at=created_at,
        channel=channel,
        viber=viber_of(viber) if viber else None,
        **newest_of(tuple(row[16:])),
    )


def newest_of(columns: TupleRow) -> Newest:
    """Read the columns of NEWEST."""
    is_suppressed, record, is_deleted, is_outdated, unreached_at, is_unagreed, phone_now, is_recipient_deleted = columns
    return {
        "is_suppressed": is_suppressed,
        "record": None if record is None else load(None, record),
        "is_deleted": is_deleted,
        "is_outdated": is_outdated,
        "unreached_at": unreached_at,
        "is_unagreed": is_unagreed,
        "phone_now": phone_now,
        "is_recipient_deleted": is_recipient_deleted,
    }
