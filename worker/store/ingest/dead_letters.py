"""What people must look at: refused events, jobs that kept failing, messages RabbitMQ gave up on."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from worker.core.contract.event import UNSTORABLE
from worker.core.contract.inbound_message import BODY_MAX, HEAD
from worker.store.db.postgres import NONE, Connection, as_rows, columns_of

DETAIL_MAX = 2000
TRACEBACK_MAX = 16_000
#: Open letters of one account; what comes beyond them is one letter that counts.
DEAD_LETTERS_MAX = 20_000
TOO_MANY = "too_many"
#: How many of them have bodies beyond their heads.
BODIES_MAX = 200
#: What no replay reads: the head shows what it was.
UNREADABLE = frozenset({"not_json", "not_utf8", "too_large"})

#: Bodies travel beside the rows, one after another: as text of a JSON they took PostgreSQL many times as long.
BURY = """
INSERT INTO dead_letters AS known (
    kind, reason, detail, account, queue, routing_key, event_id, event_type,
    notification_month, notification, traceback, size, hash, body_hash, head, body, times, created_at, last_at
)
SELECT
    r.kind, r.reason, r.detail, r.account, r.queue, r.routing_key, r.event_id, r.event_type,
    r.notification_month, r.notification, r.traceback, r.size, decode(r.hash, 'hex'), decode(r.body_hash, 'hex'),
    decode(r.head, 'hex'),
    substring(%(bodies)s::bytea FROM r.body_at FOR r.size::integer), r.times, %(now)s, %(now)s
FROM json_to_recordset(%(rows)s::json) AS r(
    kind text, reason text, detail text, account text, queue text, routing_key text, event_id text,
    event_type text, notification_month date, notification bigint, traceback text, size bigint,
    hash text, body_hash text, head text, body_at integer, times integer
)
ORDER BY decode(r.hash, 'hex')
ON CONFLICT (kind, hash, reason) WHERE state = 'open'
DO UPDATE SET times = known.times + excluded.times, last_at = excluded.last_at
"""

#: Counted as far as it matters.
ROOM = """
SELECT
    w.account,
    %(letters)s - (
        SELECT count(*)
        FROM (
            SELECT FROM dead_letters WHERE coalesce(account, '') = w.account AND state = 'open' LIMIT %(letters)s
        ) AS l
    ),
    %(bodies)s - (
        SELECT count(*)
        FROM (
            SELECT FROM dead_letters
            WHERE coalesce(account, '') = w.account AND state = 'open' AND body IS NOT NULL AND size > 4096
            LIMIT %(bodies)s
        ) AS b
    )
FROM unnest(%(accounts)s::text []) AS w(account)
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something to look at; the body is kept whole where it may be replayed, its head always.

    `whole` is size and SHA-256 of the body, where `body` is only its head.
    """

    letter_kind: str
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


@dataclass(slots=True)
class Room:
    """How many more letters, and large bodies among them, an account may have."""

    dead_letters: int
    bodies: int


def bury(connection: Connection, dead_letters: Iterable[DeadLetter], *, now: datetime) -> None:
    """Keep letters; repeats of a fault of the same bytes, and what has no room, are only counted."""
    given = list(dead_letters)
    fitted = list(fit(given, room(connection, {dead_letter.account or "" for dead_letter in given})))
    counts = Counter(identity(dead_letter) for dead_letter in fitted)
    bodies, unlike = bytearray(), {identity(dead_letter): dead_letter for dead_letter in fitted}
    rows = as_rows({**row(dead_letter, bodies), "times": counts[key]} for key, dead_letter in unlike.items())
    if rows != NONE:
        connection.execute(BURY, {"rows": rows, "bodies": bytes(bodies), "now": now})


def room(connection: Connection, accounts: Collection[str]) -> dict[str, Room]:
    if not accounts:
        return {}
    values = {"accounts": sorted(accounts), "letters": DEAD_LETTERS_MAX, "bodies": BODIES_MAX}
    return {account: Room(left, large) for account, left, large in connection.execute(ROOM, values)}


def fit(dead_letters: Iterable[DeadLetter], rooms: Mapping[str, Room]) -> Iterator[DeadLetter]:
    """Yield letters as they are kept: whole, truncated, or as one more that is only counted."""
    for dead_letter in dead_letters:
        left = rooms[dead_letter.account or ""]
        if left.dead_letters <= 0 and dead_letter.letter_kind != "job":
            yield uncounted(dead_letter)
            continue
        left.dead_letters -= 1
        is_large = dead_letter.whole is None and len(dead_letter.body) > HEAD
        if is_large and (dead_letter.reason in UNREADABLE or left.bodies <= 0):
            yield truncated(dead_letter)
            continue
        left.bodies -= is_large
        yield dead_letter


def truncated(dead_letter: DeadLetter) -> DeadLetter:
    return replace(dead_letter, body=dead_letter.body[:HEAD], whole=(len(dead_letter.body), digest(dead_letter)))


def uncounted(dead_letter: DeadLetter) -> DeadLetter:
    detail = (
        f"There are {DEAD_LETTERS_MAX} open letters of this account: fix what publishes them, then replay or drop them."
    )
    whole = (0, hashlib.sha256(f"{TOO_MANY} of {dead_letter.account}".encode()).digest())
    return DeadLetter(dead_letter.letter_kind, TOO_MANY, detail, b"", whole, dead_letter.account, dead_letter.queue)


def identity(dead_letter: DeadLetter) -> tuple[str, str, bytes]:
    return dead_letter.letter_kind, dead_letter.reason, own_hash(dead_letter)


def own_hash(dead_letter: DeadLetter) -> bytes:
    """What a letter is known by: an event's is of its account too, for two accounts may publish the same bytes."""
    is_of_account = dead_letter.letter_kind == "event" and dead_letter.account is not None
    return hash_of(dead_letter.account if is_of_account else None, digest(dead_letter))


def hash_of(account: str | None, body_hash: bytes) -> bytes:
    return body_hash if account is None else hashlib.sha256(f"{account}\0".encode() + body_hash).digest()


def digest(dead_letter: DeadLetter) -> bytes:
    return dead_letter.whole[1] if dead_letter.whole else hashlib.sha256(dead_letter.body).digest()


def bare(dead_letter: DeadLetter, why: str) -> DeadLetter:
    """An event or a message without the details that its row does not take; its size, hash and head remain."""
    whole = dead_letter.whole or (len(dead_letter.body), digest(dead_letter))
    return DeadLetter(
        dead_letter.letter_kind,
        dead_letter.reason,
        f"Its details could not be kept: {why}.",
        dead_letter.body[:HEAD],
        whole,
    )


LETTER_COLUMNS = columns_of("reason", "account", "queue", kind="letter_kind")


def row(dead_letter: DeadLetter, bodies: bytearray) -> dict[str, object]:
    body_at = None if dead_letter.whole or len(dead_letter.body) > BODY_MAX else len(bodies) + 1
    bodies += dead_letter.body if body_at else b""
    month, notification = dead_letter.notification or (None, None)
    size = dead_letter.whole[0] if dead_letter.whole else len(dead_letter.body)
    return {
        **LETTER_COLUMNS(dead_letter),
        "detail": storable(dead_letter.detail[:DETAIL_MAX]),
        "routing_key": storable(dead_letter.routing_key),
        "event_id": storable(dead_letter.event_id),
        "event_type": storable(dead_letter.event_type),
        "notification_month": month,
        "notification": notification,
        "traceback": storable(dead_letter.traceback and dead_letter.traceback[-TRACEBACK_MAX:]),
        "size": size,
        "hash": own_hash(dead_letter),
        "body_hash": digest(dead_letter),
        "head": dead_letter.body[:HEAD],
        "body_at": body_at,
    }


def storable(text: str | None) -> str | None:
    """Remove what PostgreSQL or UTF-8 refuse."""
    return text and UNSTORABLE.sub("", text)
