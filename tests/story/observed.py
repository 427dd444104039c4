"""The whole ledger, beside the messages of the provider."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import LiteralString, TypeVar

from psycopg import Cursor
from psycopg.rows import class_row

from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, Pool, clock, transaction

T = TypeVar("T")

ROWS = """
SELECT month, id, account, phone, text, state, reason, due_at, expires_at, attempt, record_id, recipient_key
FROM notifications ORDER BY id
"""
ATTEMPTS = """
SELECT
    month, key, account, mode, row_months, row_ids, body, body_hash, unknown, lease, leased_until, key_expires_at,
    settled_at, created_at, is_probe
FROM attempts
"""
MOVES = "SELECT month, notification, from_state, to_state, reason, actor, attempt FROM transitions ORDER BY id"
NAMES = "SELECT account, message_id, month, notification, attempt FROM provider_messages"
OPTED_OUT = "SELECT account, recipient_key, since FROM suppressions"
UNDER_WAY = """
SELECT account, count(DISTINCT post) FROM attempts WHERE post_until > clock_timestamp() GROUP BY account
"""


@dataclass(frozen=True, slots=True)
class Row:
    month: date
    id: int
    account: str
    phone: str | None
    text: str
    state: str
    reason: str | None
    due_at: datetime | None
    expires_at: datetime
    attempt: str | None
    record_id: str | None
    recipient_key: bytes

    @property
    def notification_id(self) -> NotificationId:
        return (self.month, self.id)


@dataclass(frozen=True, slots=True)
class Attempt:
    month: date
    key: str
    account: str
    mode: str
    row_months: list[date]
    row_ids: list[int]
    body: bytes | None
    body_hash: bytes
    unknown: bool
    lease: int
    leased_until: datetime
    key_expires_at: datetime
    settled_at: datetime | None
    created_at: datetime
    is_probe: bool

    @property
    def notification_ids(self) -> list[NotificationId]:
        return list(zip(self.row_months, self.row_ids, strict=True))


@dataclass(frozen=True, slots=True)
class Step:
    month: date
    notification: int
    from_state: str | None
    to_state: str
    reason: str | None
    actor: str
    attempt: str | None

    @property
    def notification_id(self) -> NotificationId:
        return (self.month, self.notification)


@dataclass(frozen=True, slots=True)
class Name:
    account: str
    message_id: str
    month: date
    notification: int
    attempt: str

    @property
    def notification_id(self) -> NotificationId:
        return (self.month, self.notification)


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS at the provider."""

    message_id: str
    account: str
    recipient: str
    sender: str
    text: str
    sequence_id: str


@dataclass(frozen=True)
class Seen:
    """Everything at a moment; `messages` in the order in which the provider made them."""

    now: datetime
    rows: dict[NotificationId, Row]
    attempts: dict[str, Attempt]
    steps: dict[NotificationId, list[Step]]
    names: list[Name]
    under_way: dict[str, int]
    opted_out: dict[tuple[str, bytes], datetime]
    messages: Sequence[Message]

    @cached_property
    def messages_of(self) -> dict[NotificationId, list[Message]]:
        """The messages that each notification came to, by the attempts that asked for them."""
        results: dict[NotificationId, list[Message]] = defaultdict(list)
        for message in self.messages:
            for notification_id in self.attempts[message.sequence_id].notification_ids:
                if self.phone_of(notification_id) == message.recipient:
                    results[notification_id].append(message)
        return results

    @cached_property
    def holders(self) -> dict[NotificationId, list[Attempt]]:
        """The unsettled attempts that hold each notification."""
        results: dict[NotificationId, list[Attempt]] = defaultdict(list)
        for attempt in self.attempts.values():
            for notification_id in attempt.notification_ids if attempt.settled_at is None else ():
                results[notification_id].append(attempt)
        return results

    @property
    def is_anything_open(self) -> bool:
        """Whether somebody has still to do something about a notification."""
        waiting = any(row.state in {"planned", "postponed", "sending"} for row in self.rows.values())
        return waiting or any(attempt.settled_at is None for attempt in self.attempts.values())

    def phone_of(self, notification_id: NotificationId) -> str:
        return (self.rows[notification_id].phone or "").removeprefix("+")

    def story(self, notification_id: NotificationId) -> str:
        """One notification's way, for whoever reads a failure."""
        steps = (
            f"{step.from_state} -> {step.to_state} ({step.reason}) by {step.actor} {step.attempt}"
            for step in self.steps[notification_id]
        )
        made = (
            f"message {message.message_id} under {message.sequence_id}" for message in self.messages_of[notification_id]
        )
        return "\n".join([f"notification {notification_id[1]}: {self.rows[notification_id].state}", *steps, *made])


def look(pool: Pool, messages: Sequence[Message]) -> Seen:
    """Look at everything."""
    with transaction(pool) as connection:
        with connection.pipeline():
            rows = asked(connection, Row, ROWS)
            attempts = asked(connection, Attempt, ATTEMPTS)
            moves = asked(connection, Step, MOVES)
            names = asked(connection, Name, NAMES)
            opted_out = connection.execute(OPTED_OUT)
            under_way = connection.execute(UNDER_WAY)
        steps: dict[NotificationId, list[Step]] = defaultdict(list)
        for step in moves.fetchall():
            steps[step.notification_id].append(step)
        return Seen(
            now=clock(connection),
            rows={row.notification_id: row for row in rows.fetchall()},
            attempts={attempt.key: attempt for attempt in attempts.fetchall()},
            steps=steps,
            names=names.fetchall(),
            under_way=dict(under_way.fetchall()),
            opted_out={(account, key): since for account, key, since in opted_out.fetchall()},
            messages=messages,
        )


def asked(connection: Connection, row_type: type[T], sql: LiteralString) -> Cursor[T]:
    return connection.cursor(row_factory=class_row(row_type)).execute(sql)
