"""What people must look at: refused events, jobs that kept failing, messages RabbitMQ gave up on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from worker.core.delivery import BODY_MAX, HEAD
from worker.core.event import UNSTORABLE
from worker.store.postgres import NONE, Connection, as_rows

DETAIL_MAX = 2000
TRACEBACK_MAX = 16_000

BURY = """
INSERT INTO dead_letters AS known (
    kind, reason, detail, account, queue, routing_key, event_id, event_type,
    notification_month, notification, traceback, size, hash, head, body, created_at, last_at
)
SELECT
    r.kind, r.reason, r.detail, r.account, r.queue, r.routing_key, r.event_id, r.event_type,
    r.notification_month, r.notification, r.traceback, r.size, decode(r.hash, 'hex'), decode(r.head, 'hex'),
    decode(r.body, 'hex'), %(now)s, %(now)s
FROM json_to_recordset(%(rows)s::json) AS r(
    kind text, reason text, detail text, account text, queue text, routing_key text, event_id text,
    event_type text, notification_month date, notification bigint, traceback text, size bigint,
    hash text, head text, body text
)
ORDER BY decode(r.hash, 'hex')
ON CONFLICT (kind, hash, reason) WHERE state = 'open'
DO UPDATE SET times = known.times + 1, last_at = excluded.last_at
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One thing to look at; the body is kept whole where it may be replayed, its head always.

    Attributes:
        whole: size and SHA-256 of the body, where `body` is only its head.
    """

    kind: str
    reason: str
    detail: str
    body: bytes
    whole: tuple[int, bytes] | None = None
    account: str | None = None
    queue: str | None = None
    routing_key: str | None = None
    event_id: str | None = None
    event_type: str | None = None
    notification: tuple[date, int] | None = None
    traceback: str | None = None


def bury(connection: Connection, letters: Iterable[DeadLetter], *, now: datetime) -> None:
    """Keep these; the same fault of the same bytes is counted, not kept twice."""
    found = map(row, letters)
    rows = as_rows({(one["kind"], one["reason"], one["hash"]): one for one in found}.values())
    if rows != NONE:
        connection.execute(BURY, {"rows": rows, "now": now})


def bare(letter: DeadLetter, why: str) -> DeadLetter:
    """An event or a message without the details that its row does not take; its size, hash and head remain."""
    whole = letter.whole or (len(letter.body), hashlib.sha256(letter.body).digest())
    return DeadLetter(letter.kind, letter.reason, f"Its details could not be kept: {why}.", letter.body[:HEAD], whole)


def row(letter: DeadLetter) -> dict[str, object]:
    """The columns of one dead letter."""
    month, notification = letter.notification or (None, None)
    size, digest = letter.whole or (len(letter.body), hashlib.sha256(letter.body).digest())
    return {
        "kind": letter.kind,
        "reason": letter.reason,
        "detail": storable(letter.detail[:DETAIL_MAX]),
        "account": letter.account,
        "queue": letter.queue,
        "routing_key": storable(letter.routing_key),
        "event_id": storable(letter.event_id),
        "event_type": storable(letter.event_type),
        "notification_month": month,
        "notification": notification,
        "traceback": storable(letter.traceback and letter.traceback[-TRACEBACK_MAX:]),
        "size": size,
        "hash": digest,
        "head": letter.body[:HEAD],
        "body": None if letter.whole or size > BODY_MAX else letter.body,
    }


def storable(text: str | None) -> str | None:
    """Text without what PostgreSQL or UTF-8 refuse."""
    return text and UNSTORABLE.sub("", text)
