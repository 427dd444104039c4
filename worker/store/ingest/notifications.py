"""New notifications: planned, skipped or revived."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from worker.core.planning.draft import Draft
from worker.core.sending.notification_states import WAITING, WITHDRAWN
from worker.core.sending.nudge import NotificationId
from worker.core.texts.viber_message import as_json
from worker.store.db.postgres import Connection, as_rows
from worker.store.hands.resends import resent_as
from worker.store.transitions import changed, states

INSERT = """
INSERT INTO notifications (
    month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, client_id,
    phone, message_class, lane, locale, zone, sender, template, template_version, text, segments, event_month, event,
    record_kind, record_id, record_version, record_changed_at, state, reason, due_at, expires_at, created_at, viber,
    consent, viber_fallback, attempt_month, attempt
)
SELECT
    %(month)s, r.id, r.account, r.trigger, r.dedupe_key, r.channel, decode(r.recipient_key, 'hex'),
    r.recipient_kind, r.recipient_id, r.client_id, r.phone, r.kind, r.lane, r.locale, r.zone, r.sender,
    r.template, r.template_version, r.text, r.segments, %(month)s, r.event,
    r.record_kind, r.record_id, r.record_version, r.record_changed_at, r.state, r.reason, r.due_at,
    r.expires_at, %(accepted_at)s, r.viber, r.consent, r.viber_fallback, r.attempt_month, r.attempt
FROM json_to_recordset(%(new_notifications)s::json) AS r(
    id bigint, account text, trigger text, dedupe_key text, channel text, recipient_key text,
    recipient_kind text, recipient_id text, client_id text, phone text, kind text, lane text, locale text,
    zone text, sender text, template bigint, template_version integer, text text, segments smallint, event bigint,
    record_kind text, record_id text, record_version bigint, record_changed_at timestamptz,
    state text, reason text, due_at timestamptz, expires_at timestamptz, viber jsonb, consent text, viber_fallback text,
    attempt_month date, attempt text
)
"""

#: A row cancelled or expired before its first attempt, or one that lacked a value, does not block the same fact when it
#: comes back.
LOCK_WITHDRAWN = f"""
SELECT k.key, k.month, k.id, n.state
FROM json_to_recordset(%(keys)s::json) AS r(key text)
INNER JOIN notification_keys AS k ON k.key = decode(r.key, 'hex')
INNER JOIN LATERAL (
    SELECT w.state FROM notifications AS w
    WHERE
        w.month = k.month AND w.id = k.id AND w.attempt IS NULL
        AND (w.state IN ({states(*WITHDRAWN)}) OR (w.state = 'failed' AND w.reason = 'missing_value'))
    FOR UPDATE
) AS n ON TRUE
"""

REVIVE = (
    """
WITH wanted AS (
    SELECT r.*, decode(r.key, 'hex') AS known_key, r.state AS after
    FROM json_to_recordset(%(rows)s::json) AS r(
        key text, month date, id bigint, before text, state text, reason text, due_at timestamptz,
        expires_at timestamptz, text text, segments smallint, channel text, sender text, viber jsonb, phone text,
        recipient_key text, recipient_kind text, recipient_id text, client_id text, template bigint,
        template_version integer, event bigint, record_version bigint, record_changed_at timestamptz, consent text,
        viber_fallback text
    )
),
"""
    + changed(
        """, expires_at = w.expires_at, text = w.text,
        segments = w.segments, channel = w.channel, sender = w.sender, viber = w.viber, phone = w.phone,
        recipient_key = decode(w.recipient_key, 'hex'), recipient_kind = w.recipient_kind,
        recipient_id = w.recipient_id, client_id = w.client_id, consent = w.consent, viber_fallback = w.viber_fallback,
        template = w.template, template_version = w.template_version,
        event_month = %(month)s, event = w.event, record_version = w.record_version,
        record_changed_at = w.record_changed_at, tries = 0, nudges = 0""",
        is_locked=True,
    )
    + """
SELECT w.known_key, w.month, w.id
FROM wanted AS w
INNER JOIN remembered AS r ON w.month = r.month AND w.id = r.notification
"""
)


@dataclass(frozen=True, slots=True)
class NewNotification:
    event: int
    draft: Draft


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A row that was never attempted, and what it was when it was locked."""

    key: bytes
    notification_id: NotificationId
    state: str


def revive(
    connection: Connection, known: Sequence[NewNotification], *, month: date, now: datetime
) -> dict[bytes, NotificationId]:
    """Plan again what was withdrawn before an attempt, unless a person has sent it again."""
    waiting = {new.draft.key: new for new in known if new.draft.state in WAITING}
    withdrawn = lock_withdrawn(connection, waiting)
    if not withdrawn:
        return {}
    # A statement after the one that locks: a resend that was faster is seen.
    resent = resent_as(connection, {row.notification_id for row in withdrawn})
    rows = [
        {
            **columns(waiting[row.key]),
            "month": row.notification_id[0],
            "id": row.notification_id[1],
            "before": row.state,
        }
        for row in withdrawn
        if row.notification_id not in resent
    ]
    values = {"rows": as_rows(rows), "month": month, "actor": "accept", "now": now}
    return {key: (kept_in, number) for key, kept_in, number in connection.execute(REVIVE, values)}


def lock_withdrawn(connection: Connection, keys: Iterable[bytes]) -> list[Withdrawn]:
    wanted = [{"key": key} for key in keys]
    if not wanted:
        return []
    rows = connection.execute(LOCK_WITHDRAWN, {"keys": as_rows(wanted)})
    return [Withdrawn(key, (kept_in, number), state) for key, kept_in, number, state in rows]


def columns(new: NewNotification) -> dict[str, object]:
    draft = new.draft
    return {
        "key": draft.key,
        "event": new.event,
        "account": draft.account,
        "trigger": draft.trigger,
        "dedupe_key": draft.dedupe_key,
        "channel": draft.channel,
        "recipient_key": draft.recipient_key,
        "recipient_kind": draft.recipient_kind,
        "recipient_id": draft.recipient_id,
        "client_id": draft.client_id,
        "phone": draft.phone,
        "kind": draft.message_class,
        "lane": draft.lane,
        "locale": draft.locale,
        "zone": draft.zone,
        "sender": draft.sender,
        "viber": draft.viber and as_json(draft.viber),
        "template": draft.template,
        "template_version": draft.template_version,
        "text": draft.text,
        "segments": draft.segments,
        "record_kind": draft.record.record_kind,
        "record_id": draft.record.id,
        "record_version": draft.record.version,
        "record_changed_at": draft.record.changed_at,
        "state": draft.state,
        "reason": draft.reason,
        "due_at": draft.due_at,
        "expires_at": draft.expires_at,
        "consent": draft.consent,
        "viber_fallback": draft.viber_fallback,
    }
