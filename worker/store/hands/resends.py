"""Texts sent again: a notification of its own each, which names the first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.core.clock.months import month_of
from worker.core.hands.resend import key_of_resend
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids, as_rows
from worker.store.transitions import remembered

#: Of what the first was refused for, the sender may have been changed since. Advertising that was skipped for want of a
#: consent goes by a recorded one or not at all. A text that lacked a value is written anew from its dead letter.
RESEND = (
    """
WITH wanted AS (
    SELECT decode(r.key, 'hex') AS key, n.*, a.sms_sender AS newest_sender, a.viber_sender AS newest_viber_sender
    FROM json_to_recordset(%(firsts)s::json) AS r(key text, month date, id bigint)
    INNER JOIN notifications AS n ON r.month = n.month AND r.id = n.id
    INNER JOIN accounts AS a ON n.account = a.id
    WHERE n.phone IS NOT NULL AND n.text <> '' AND n.reason IS DISTINCT FROM 'missing_value'
    ORDER BY n.id
    FOR UPDATE OF n
),
taken AS (
    INSERT INTO notification_keys (key, month)
    SELECT key, %(month)s::date FROM wanted
    ORDER BY 1
    ON CONFLICT (key) DO NOTHING
    RETURNING key, id
),
inserted AS (
    INSERT INTO notifications (
        month, id, account, trigger, dedupe_key, channel, recipient_key, recipient_kind, recipient_id, client_id,
        phone, message_class, lane, locale, zone, sender, template, template_version, text, segments, event_month,
        event, record_kind, record_id, record_version, record_changed_at, state, due_at, expires_at, created_at,
        viber, consent, viber_fallback, resend_of_month, resend_of
    )
    SELECT
        %(month)s::date, t.id, w.account, w.trigger, w.dedupe_key, w.channel, w.recipient_key, w.recipient_kind,
        w.recipient_id, w.client_id, w.phone, w.message_class, coalesce(%(lane)s::text, w.lane), w.locale, w.zone,
        CASE WHEN w.channel = 'viber' THEN coalesce(w.newest_viber_sender, w.sender) ELSE w.newest_sender END,
        w.template, w.template_version, w.text, w.segments, w.event_month, w.event, w.record_kind, w.record_id,
        w.record_version, w.record_changed_at, 'planned', %(now)s::timestamptz,
        CASE WHEN w.expires_at > %(now)s THEN w.expires_at ELSE %(longer)s::timestamptz END, %(now)s,
        w.viber || jsonb_build_object('sender', coalesce(w.newest_viber_sender, w.viber ->> 'sender')),
        CASE WHEN w.message_class = 'marketing' THEN coalesce(w.consent, 'recorded') END, w.viber_fallback,
        w.month, w.id
    FROM taken AS t
    INNER JOIN wanted AS w ON t.key = w.key
    RETURNING
        month, id, NULL AS before, state AS after, 'by_hand' AS reason, NULL AS attempt, resend_of_month, resend_of
),
remembered AS ("""
    + remembered("inserted")
    + """)
SELECT resend_of_month, resend_of, month, id FROM inserted
"""
)

#: Nothing that a person sends again is refused for being the same as the first; it still counts as one of the hour.
FORGIVE = """
UPDATE contact_log AS c SET text_hash = decode(repeat('00', 16), 'hex')
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
WHERE
    c.account = n.account AND c.recipient_key = n.recipient_key
    AND c.month = n.resend_of_month AND c.notification = n.resend_of
"""

RESENT_AS = """
SELECT r.month, r.id, k.month, k.id
FROM json_to_recordset(%(firsts)s::json) AS r(key text, month date, id bigint)
INNER JOIN notification_keys AS k ON k.key = decode(r.key, 'hex')
"""


#: A failed text has a letter, from which it could be replayed.
CLOSE_LETTERS = """
UPDATE dead_letters AS d
SET
    state = 'dropped', closed_at = %(now)s, closed_by = %(by)s,
    close_reason = 'sent again as ' || to_char(n.month, 'YYYY-MM/') || n.id
FROM json_to_recordset(%(notification_ids)s::json) AS p(month date, id bigint)
INNER JOIN notifications AS n ON p.month = n.month AND p.id = n.id
WHERE
    d.state = 'open' AND d.kind = 'job' AND coalesce(d.account, '') = n.account
    AND d.notification_month = n.resend_of_month AND d.notification = n.resend_of
"""


@dataclass(frozen=True, slots=True)
class Resent:
    first: NotificationId
    new: NotificationId


def resend(
    connection: Connection,
    firsts: Iterable[NotificationId],
    *,
    lane: str | None,
    longer: timedelta,
    actor: str,
    now: datetime,
) -> list[Resent]:
    """Plan each of these anew, as another text, unless it was before; `lane` where it is not the first's."""
    values = {"firsts": as_firsts(firsts), "month": month_of(now), "now": now, "longer": now + longer}
    rows = connection.execute(RESEND, {**values, "lane": lane, "actor": actor}).fetchall()
    resent = [Resent((row[0], row[1]), (row[2], row[3])) for row in rows]
    connection.execute(FORGIVE, {"notification_ids": as_notification_ids(item.new for item in resent)})
    return resent


def close_letters(connection: Connection, resent: Iterable[Resent], *, by: str, now: datetime) -> int:
    """Close the letters of texts that were sent again; count them."""
    values = {"notification_ids": as_notification_ids(item.new for item in resent), "by": by, "now": now}
    return connection.execute(CLOSE_LETTERS, values).rowcount


def resent_as(connection: Connection, firsts: Iterable[NotificationId]) -> dict[NotificationId, NotificationId]:
    """Find what took the place of these."""
    rows = connection.execute(RESENT_AS, {"firsts": as_firsts(firsts)})
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def as_firsts(firsts: Iterable[NotificationId]) -> bytes:
    return as_rows(
        {"key": key_of_resend((month, number)), "month": month, "id": number} for month, number in sorted(firsts)
    )
