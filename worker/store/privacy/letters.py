"""Dead letters that speak of a person: what of them stays, if others are in them too, and what is forgotten."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from worker.core.contract.inbound_message import HEAD
from worker.core.sending.nudge import NotificationId
from worker.store.db.postgres import Connection, as_notification_ids
from worker.store.privacy.documents import Sought, holds
from worker.store.privacy.windows import Table, look_through

LETTERS = Table("dead_letters", ("id",), ("bigint",))
#: What else is written of a letter, and stays when its body is written again.
TEXTS: tuple[LiteralString, ...] = ("event_id", "routing_key", "detail", "close_reason")
#: Everything of a letter that may speak of somebody. One without an account is of any.
CONTENT = """
coalesce(body, head) || coalesce(edited_body, '')
|| convert_to(concat_ws(' ', event_id, routing_key, detail, traceback, close_reason), 'UTF8')
"""
OF_ACCOUNT = "(%(account)s::text IS NULL OR account IS NULL OR account = %(account)s)"

#: What a letter was about stays; nobody can replay it.
FORGET = """
UPDATE dead_letters SET
    body = NULL, head = '', edited_body = NULL, edited_at = NULL, edited_by = NULL, traceback = NULL,
    detail = 'erased', event_id = NULL, routing_key = NULL,
    hash = sha256(dead_letters.id::text::bytea), body_hash = NULL,
    closed_at = coalesce(closed_at, %(now)s), closed_by = coalesce(closed_by, 'erasure'), close_reason = 'erased',
    state = CASE state WHEN 'open' THEN 'dropped' ELSE state END
"""
FORGET_LETTER = FORGET + "WHERE id = %(id)s"
FORGET_JOBS = (
    FORGET
    + """
FROM json_to_recordset(%(notification_ids)s::json) AS r(month date, id bigint)
WHERE dead_letters.notification_month = r.month AND notification = r.id AND detail <> 'erased'
"""
)

REWRITE = """
UPDATE dead_letters SET
    body = %(body)s, head = substring(%(body)s::bytea FROM 1 FOR %(head)s), edited_body = NULL, edited_at = NULL,
    edited_by = NULL, traceback = NULL,
    hash = sha256(dead_letters.id::text::bytea || %(hash)s::bytea), body_hash = %(hash)s,
    size = octet_length(%(body)s::bytea),
    event_id = CASE WHEN 'event_id' <> ALL(%(gone)s::text []) THEN event_id END,
    routing_key = CASE WHEN 'routing_key' <> ALL(%(gone)s::text []) THEN routing_key END,
    detail = CASE WHEN 'detail' = ANY(%(gone)s::text []) THEN 'erased' ELSE detail END,
    close_reason = CASE WHEN 'close_reason' = ANY(%(gone)s::text []) THEN 'erased' ELSE close_reason END
WHERE id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: its body, if it is there whole, as a person edited it, and what else is written of it."""

    id: int
    account: str
    kind: str
    body: bytes | None
    edited_body: bytes | None
    texts: Mapping[str, str]

    @property
    def bodies(self) -> list[bytes | None]:
        """As it arrived, and as it was edited, if it was."""
        return [self.body] if self.edited_body is None else [self.body, self.edited_body]


def find(connection: Connection, sought: Sought) -> Iterator[Letter]:
    columns = f"id, coalesce(account, ''), kind, body, edited_body, {', '.join(TEXTS)}"
    for row in look_through(connection, LETTERS, columns, f"{OF_ACCOUNT} AND {holds(CONTENT)}", sought.values()):
        body, edited_body = (None if content is None else bytes(content) for content in row[3:5])
        texts = {name: text for name, text in zip(TEXTS, row[5:], strict=True) if text is not None}
        yield Letter(row[0], row[1], row[2], body, edited_body, texts)


def forget(connection: Connection, letter: int, *, now: datetime) -> None:
    connection.execute(FORGET_LETTER, {"id": letter, "now": now})


def forget_jobs(connection: Connection, notification_ids: Iterable[NotificationId], *, now: datetime) -> int:
    """Forget the letters of these texts, and count them."""
    values = {"notification_ids": as_notification_ids(notification_ids), "now": now}
    return connection.execute(FORGET_JOBS, values).rowcount


def rewrite(connection: Connection, letter: int, body: bytes, *, emptied: Collection[str]) -> None:
    """Keep this body of a letter alone, and none of its texts of these names."""
    hash_ = hashlib.sha256(body).digest()
    values = {"id": letter, "body": body, "head": HEAD, "hash": hash_, "gone": list(emptied)}
    connection.execute(REWRITE, values)
