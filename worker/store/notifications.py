"""Notifications being born: keys taken once, rows planned, skipped or revived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from worker.core.draft import Draft
from worker.core.nudge import Place
from worker.core.viber import as_json
from worker.store.postgres import Connection, as_rows

TAKE_KEYS = """
INSERT INTO notification_keys (key, month)
SELECT decode(r.key, 'hex'), %(month)s
FROM json_to_recordset(%(rows)s::json) AS r(key text)
ORDER BY 1
ON CONFLICT (key) DO NOTHING
RETURNING key, id
"""

INSERT = """
INSERT INTO notifications (
    month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, client_id,
    phone, class, lane, locale, zone, sender, template, template_version, text, segments, event_month, event,
    record_kind, record_id, record_version, record_changed_at, state, reason, due_at, expires_at, created_at, viber
)
SELECT
    %(month)s, r.id, r.account, r.trigger, r.dedupe_key, r.channel, decode(r.recipient_key, 'hex'),
    r.recipient_kind, r.recipient_id, r.client_id, r.phone, r.kind, r.lane, r.locale, r.zone, r.sender,
    r.template, r.template_version, r.text, r.segments, %(month)s, r.event,
    r.record_kind, r.record_id, r.record_version, r.record_changed_at, r.state, r.reason, r.due_at,
    r.expires_at, %(now)s, r.viber
FROM json_to_recordset(%(rows)s::json) AS r(
    id bigint, account text, trigger text, dedupe_key text, channel text, recipient_key text,
    recipient_kind text, recipient_id text, client_id text, phone text, kind text, lane text, locale text,
    zone text, sender text, template bigint, template_version integer, text text, segments smallint, event bigint,
    record_kind text, record_id text, record_version bigint, record_changed_at timestamptz,
    state text, reason text, due_at timestamptz, expires_at timestamptz, viber jsonb
)
"""

#: A row cancelled or expired before its first attempt, or one that lacked a value, does not block the same fact when it
#: comes back.
REVIVE = """
UPDATE notifications AS n
SET
    state = r.state, reason = r.reason, due_at = r.due_at, expires_at = r.expires_at, text = r.text,
    segments = r.segments, channel = r.channel, sender = r.sender, viber = r.viber, phone = r.phone,
    template = r.template, template_version = r.template_version,
    event_month = %(month)s, event = r.event, record_version = r.record_version,
    record_changed_at = r.record_changed_at, tries = 0, nudges = 0
FROM json_to_recordset(%(rows)s::json) AS r(
    key text, state text, reason text, due_at timestamptz, expires_at timestamptz, text text,
    segments smallint, channel text, sender text, viber jsonb, phone text, template bigint, template_version integer,
    event bigint, record_version bigint, record_changed_at timestamptz
)
INNER JOIN notification_keys AS k ON k.key = decode(r.key, 'hex')
INNER JOIN LATERAL (
    SELECT w.state FROM notifications AS w
    WHERE
        w.month = k.month AND w.id = k.id AND w.attempt IS NULL
        AND (w.state IN ('cancelled', 'expired') OR (w.state = 'failed' AND w.reason = 'missing_value'))
    FOR UPDATE
) AS withdrawn ON TRUE
WHERE n.month = k.month AND n.id = k.id AND r.state IN ('planned', 'postponed')
RETURNING k.key, n.month, n.id, withdrawn.state, n.state, n.reason
"""

BIRTHS = """
INSERT INTO moves (month, notification, at, from_state, to_state, reason, actor)
SELECT r.month, r.id, %(now)s, r.before, r.state, r.reason, 'accept'
FROM json_to_recordset(%(rows)s::json) AS r(month date, id bigint, before text, state text, reason text)
"""


@dataclass(frozen=True, slots=True)
class Born:
    """A draft of a stored event that is to become a row."""

    event: int
    draft: Draft


def plan(connection: Connection, born: Iterable[Born], *, month: date, now: datetime) -> dict[bytes, Place]:
    """Write these rows, each fact once; the answer tells where the new and the revived ones stand, by key."""
    unique = {item.draft.key: item for item in reversed(list(born))}
    if not unique:
        return {}
    taken = take_keys(connection, unique, month=month)
    fresh = {key: item for key, item in unique.items() if key in taken}
    known = [item for key, item in unique.items() if key not in taken]
    rows = [{**columns(item), "id": taken[key]} for key, item in fresh.items()]
    connection.execute(INSERT, {"rows": as_rows(rows), "month": month, "now": now})
    births: list[Mapping[str, object]] = [{"month": month, "before": None, **item} for item in rows]
    places = {key: (month, taken[key]) for key in fresh}
    if known:
        for key, own_month, number, before, state, reason in revive(connection, known, month=month):
            places[key] = (own_month, number)
            births.append({"month": own_month, "id": number, "before": before, "state": state, "reason": reason})
    connection.execute(BIRTHS, {"rows": as_rows(map(birth, births)), "now": now})
    return places


def take_keys(connection: Connection, keys: Iterable[bytes], *, month: date) -> dict[bytes, int]:
    """Take the keys that nobody took before; the answer holds their new ids."""
    rows = as_rows({"key": key} for key in keys)
    return dict(connection.execute(TAKE_KEYS, {"rows": rows, "month": month}).fetchall())


def revive(connection: Connection, known: list[Born], *, month: date) -> list[tuple[bytes, date, int, str, str, str]]:
    """Give rows that were withdrawn before their first attempt another life."""
    rows = as_rows(columns(item) for item in known)
    found = connection.execute(REVIVE, {"rows": rows, "month": month})
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in found]


def birth(row: Mapping[str, object]) -> dict[str, object]:
    """The columns of a row's first move."""
    return {name: row[name] for name in ("month", "id", "before", "state", "reason")}


def columns(born: Born) -> dict[str, object]:
    """A draft as columns of the table."""
    draft = born.draft
    return {
        "key": draft.key,
        "event": born.event,
        "account": draft.account,
        "trigger": draft.trigger,
        "dedupe_key": draft.dedupe_key,
        "channel": draft.channel,
        "recipient_key": draft.recipient_key,
        "recipient_kind": draft.recipient_kind,
        "recipient_id": draft.recipient_id,
        "client_id": draft.client_id,
        "phone": draft.phone,
        "kind": draft.kind,
        "lane": draft.lane,
        "locale": draft.locale,
        "zone": draft.zone,
        "sender": draft.sender,
        "viber": draft.viber and as_json(draft.viber),
        "template": draft.template,
        "template_version": draft.template_version,
        "text": draft.text,
        "segments": draft.segments,
        "record_kind": draft.record.kind,
        "record_id": draft.record.id,
        "record_version": draft.record.version,
        "record_changed_at": draft.record.changed_at,
        "state": draft.state,
        "reason": draft.reason,
        "due_at": draft.due_at,
        "expires_at": draft.expires_at,
    }
