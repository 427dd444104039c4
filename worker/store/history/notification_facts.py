"""Notifications as a story needs them: each with its transitions, attempts, receipts and letters."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

from worker.core.clock.months import month_of
from worker.core.contract.phone_mask import masked
from worker.core.history.story import (
    AttemptFacts,
    DeadLetterFacts,
    NotificationFacts,
    PauseFacts,
    ReceiptFacts,
    Suppressed,
    TemplateFacts,
    TransitionFacts,
)
from worker.core.receipts.channel_status import ChannelStatus, reason_of
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import NONE, Connection, as_notification_ids, as_rows
from worker.store.sending.pauses import lasts

COLUMNS: LiteralString = """
SELECT
    n.month, n.id, n.account, n.trigger, n.channel, n.recipient_kind, n.recipient_id, n.recipient_key, n.phone, n.lane,
    n.locale, n.zone, n.segments, n.state, n.reason,
    CASE
        WHEN n.state IN ('accepted', 'sent') THEN (
            SELECT min(p.ask_at) FROM provider_messages AS p WHERE p.month = n.month AND p.notification = n.id
        )
        ELSE n.due_at
    END AS due_at,
    n.expires_at, n.created_at, n.viber_fallback, n.event_month, n.event, n.resend_of_month, n.resend_of,
    v.version, v.author, v.created_at
FROM notifications AS n
LEFT JOIN template_versions AS v ON n.template = v.template AND n.template_version = v.version
"""

OF_EVENT = (
    COLUMNS
    + """
WHERE n.account = %(account)s AND n.event_month = %(month)s AND n.event = %(event)s
ORDER BY n.month DESC, n.id DESC
LIMIT %(limit)s
"""
)

BY_IDS = (
    COLUMNS
    + """
INNER JOIN json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
    ON r.month = n.month AND r.id = n.id
ORDER BY n.month, n.id
"""
)

#: By phone and by key: an erasure leaves the key alone, and without the secret key there is none.
OF_PHONE = """
SELECT n.month, n.id, n.event_month, n.event FROM notifications AS n
WHERE
    n.account = %(account)s AND (n.phone = %(phone)s OR n.recipient_key = %(key)s)
    AND n.month >= %(month)s AND n.created_at >= %(since)s AND n.created_at < %(until)s
ORDER BY n.month DESC, n.id DESC
LIMIT %(limit)s
"""

#: The one place where a story reads how states changed.
TRANSITIONS = """
SELECT t.month, t.notification, t.at, t.from_state, t.to_state, t.reason, t.actor, t.attempt
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
INNER JOIN transitions AS t ON r.month = t.month AND r.id = t.notification
ORDER BY t.month, t.notification, t.id
"""

ATTEMPTS = """
SELECT a.key, a.created_at, a.lease, a.settled_at, a.row_segments, a.row_cost
FROM json_to_recordset(%(attempts)s::json) AS r(month date, key text)
INNER JOIN attempts AS a ON r.month = a.month AND r.key = a.key
ORDER BY a.created_at, a.key
"""

RECEIPTS = """
SELECT
    p.month, p.notification, p.message_id, l.channel, l.status, l.rejected, l.updated_at, l.price, l.segments
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
INNER JOIN provider_messages AS p ON r.month = p.month AND r.id = p.notification
INNER JOIN channel_statuses AS l ON p.account = l.account AND p.message_id = l.message_id
ORDER BY l.updated_at, l.channel DESC
"""

LETTERS = """
SELECT
    l.notification_month, l.notification,
    l.id, l.reason, l.detail, l.created_at, l.times, l.state, l.closed_at, l.closed_by, l.close_reason
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
INNER JOIN dead_letters AS l ON l.kind = 'job' AND r.month = l.notification_month AND r.id = l.notification
ORDER BY l.id
"""

#: Of the account and of all of them. Who paused every account and why they wrote is the operator's own.
PAUSES = f"""
SELECT
    scope, reason, since, CASE WHEN account IS NOT NULL OR %(nobodys)s THEN paused_by END, until,
    CASE WHEN account IS NOT NULL OR %(nobodys)s THEN note END
FROM pauses
WHERE (account = %(account)s OR account IS NULL) AND {lasts()}
ORDER BY since, scope
"""

SUPPRESSED = """
SELECT since, scope, reason FROM suppressions WHERE account = %(account)s AND recipient_key = %(key)s
"""

#: Notifications of one event, or one person, that are told whole.
SHOWN_MAX = 50

Row = Sequence[Any]


def of_event(connection: Connection, account: str, number: NotificationId) -> list[NotificationFacts]:
    """The newest notifications of an event, in order."""
    values = {"account": account, "month": number[0], "event": number[1], "limit": SHOWN_MAX}
    return with_facts(connection, connection.execute(OF_EVENT, values).fetchall()[::-1])


def by_ids(connection: Connection, notification_ids: Iterable[NotificationId]) -> list[NotificationFacts]:
    wanted = as_notification_ids(notification_ids)
    return with_facts(connection, connection.execute(BY_IDS, {"notification_ids": wanted}).fetchall())


def numbers_of_phone(
    connection: Connection, account: str, phone: str, key: bytes | None, *, since: datetime, until: datetime
) -> list[tuple[NotificationId, NotificationId]]:
    """The newest notifications of a phone, each with the number of its event."""
    values = {
        "account": account,
        "phone": phone,
        "key": key,
        # A row that is planned anew keeps its month.
        "month": month_of(since),
        "since": since,
        "until": until,
        "limit": SHOWN_MAX,
    }
    return [((row[0], row[1]), (row[2], row[3])) for row in connection.execute(OF_PHONE, values)]


def with_facts(connection: Connection, rows: Sequence[Row]) -> list[NotificationFacts]:
    wanted = {"notification_ids": as_notification_ids((row[0], row[1]) for row in rows)}
    if wanted["notification_ids"] == NONE:
        return []
    transitions = grouped(connection.execute(TRANSITIONS, wanted), TransitionFacts)
    attempts = attempts_of(connection, transitions)
    receipts = grouped(connection.execute(RECEIPTS, wanted), receipt_of)
    letters = grouped(connection.execute(LETTERS, wanted), DeadLetterFacts)
    return [
        notification_of(
            row,
            transitions=transitions.get((row[0], row[1]), ()),
            attempts=[
                attempts[key]
                for key in dict.fromkeys(each.attempt for each in transitions.get((row[0], row[1]), ()))
                if key in attempts
            ],
            receipts=receipts.get((row[0], row[1]), ()),
            dead_letters=letters.get((row[0], row[1]), ()),
        )
        for row in rows
    ]


def grouped(rows: Iterable[Row], make: Any) -> Mapping[NotificationId, list[Any]]:  # noqa: ANN401 (a class of facts)
    groups: dict[NotificationId, list[Any]] = defaultdict(list)
    for month, number, *facts in rows:
        groups[month, number].append(make(*facts))
    return groups


def attempts_of(
    connection: Connection, transitions: Mapping[NotificationId, Collection[TransitionFacts]]
) -> Mapping[str | None, AttemptFacts]:
    """Attempts by key: an attempt is kept in the month in which its rows began to be sent."""
    begun = {
        (month_of(each.at), each.attempt)
        for moves in transitions.values()
        for each in moves
        if each.after == "sending" and each.attempt
    }
    wanted = as_rows({"month": month, "key": key} for month, key in sorted(begun))
    if wanted == NONE:
        return {}
    return {row[0]: AttemptFacts(*row) for row in connection.execute(ATTEMPTS, {"attempts": wanted})}


def receipt_of(message_id: str, channel: str, status: str, rejected: str | None, *facts: Any) -> ReceiptFacts:  # noqa: ANN401
    reason = reason_of(ChannelStatus(channel, status, rejected))
    return ReceiptFacts(message_id, channel, status, reason, *facts)


def notification_of(row: Row, **facts: Any) -> NotificationFacts:  # noqa: ANN401 (what was read beside it)
    month, number, account, trigger, channel, kind, id_, key, phone, *rest = row
    lane, locale, zone, segments, state, reason, due_at, expires_at, created_at, fallback, *others = rest
    event_month, event, first_month, first, version, author, written_at = others
    return NotificationFacts(
        notification_id=(month, number),
        event=(event_month, event),
        account=account,
        trigger=trigger,
        channel=channel,
        recipient_kind=kind,
        recipient_id=id_,
        recipient_key=bytes(key).hex(),
        phone=phone and masked(phone),
        lane=lane,
        locale=locale,
        zone=zone,
        segments=segments,
        state=state,
        reason=reason,
        due_at=due_at,
        expires_at=expires_at,
        created_at=created_at,
        viber_fallback=fallback,
        resend_of=None if first is None else (first_month, first),
        template=None if version is None else TemplateFacts(version, author, written_at),
        **facts,
    )


def pauses_of(connection: Connection, account: str, *, nobodys: bool) -> list[PauseFacts]:
    """What holds an account's texts; `nobodys`: whether it is told who paused every account, and their note."""
    return [PauseFacts(*row) for row in connection.execute(PAUSES, {"account": account, "nobodys": nobodys})]


def suppressed(connection: Connection, account: str, key: bytes) -> Suppressed | None:
    row = connection.execute(SUPPRESSED, {"account": account, "key": key}).fetchone()
    return Suppressed(*row) if row else None
