"""Keys of the API, and keys that sign addresses of clients' pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from worker.core.access.api_key import ApiKey, Scope
from worker.store.db.postgres import Connection, query_row

NEXT_ID = "SELECT nextval('api_keys_id_seq')"

ADD = """
INSERT INTO api_keys (
    id, account, name, scopes, sees_phones, secret_hash, sealed_secret, rate, created_at, expires_at
)
VALUES (
    %(id)s, %(account)s, %(name)s, %(scopes)s, %(sees_phones)s, %(secret_hash)s, %(sealed_secret)s, %(rate)s,
    %(created_at)s, %(expires_at)s
)
"""

LIST = """
SELECT id, account, name, scopes, sees_phones, rate, created_at, expires_at, revoked_at, last_used_at
FROM api_keys
WHERE %(account)s::text IS NULL OR account = %(account)s
ORDER BY account, id
"""

REVOKE = """
UPDATE api_keys
SET revoked_at = %(now)s, secret_hash = NULL, sealed_secret = NULL
WHERE id = %(id)s AND revoked_at IS NULL
RETURNING account, name, scopes, sees_phones, rate
"""

#: A revoked key has no secret.
FIND = """
SELECT
    account, name, scopes, sees_phones, rate, coalesce(secret_hash, sealed_secret),
    last_used_at IS NULL OR last_used_at < %(now)s::timestamptz - interval '1 minute'
FROM api_keys
WHERE id = %(id)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)
"""

#: Whoever notes the same use just now holds the row: nobody waits for that.
NOTE_USE = """
UPDATE api_keys SET last_used_at = %(now)s
WHERE id = (
    SELECT id FROM api_keys
    WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at < %(now)s::timestamptz - interval '1 minute')
    FOR UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be added, with what is kept of its secret: a hash, or the sealed secret where it signs."""

    id: int
    account: str
    name: str
    scopes: Collection[Scope]
    sees_phones: bool
    rate: int
    created_at: datetime
    expires_at: datetime | None
    secret_hash: bytes | None
    sealed_secret: bytes | None


@dataclass(frozen=True, slots=True)
class KeySummary:
    """A key as it is listed."""

    id: int
    account: str
    name: str
    scopes: tuple[Scope, ...]
    sees_phones: bool
    rate: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def state(self, now: datetime) -> str:
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= now else "valid"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A valid key, with the hash of its secret (the sealed secret where it signs), and whether its use is unnoted."""

    key: ApiKey
    kept: bytes
    is_unnoted: bool


def next_id(connection: Connection) -> int:
    return query_row(connection, NEXT_ID)[0]


def add(connection: Connection, key: NewKey) -> None:
    values = {name: getattr(key, name) for name in NewKey.__slots__}
    connection.execute(ADD, {**values, "scopes": sorted(key.scopes)})


def list_keys(connection: Connection, account: str | None = None) -> list[KeySummary]:
    return [
        KeySummary(id_, whose, name, tuple(scopes), *rest)
        for id_, whose, name, scopes, *rest in connection.execute(LIST, {"account": account})
    ]


def revoke(connection: Connection, key_id: int, *, now: datetime) -> ApiKey | None:
    """Revoke a key, and forget its secret; None where there is no valid one."""
    row = connection.execute(REVOKE, {"id": key_id, "now": now}).fetchone()
    return None if row is None else as_key(key_id, *row)


def find(connection: Connection, key_id: int, *, now: datetime) -> KnownKey | None:
    row = connection.execute(FIND, {"id": key_id, "now": now}).fetchone()
    if row is None:
        return None
    *facts, kept, is_unnoted = row
    return KnownKey(as_key(key_id, *facts), bytes(kept), is_unnoted)


def note_use(connection: Connection, key_id: int, *, now: datetime) -> None:
    """Write down that a key was used, at most once a minute."""
    connection.execute(NOTE_USE, {"id": key_id, "now": now})


def as_key(key_id: int, account: str, name: str, scopes: list[Scope], sees_phones: bool, rate: int) -> ApiKey:  # noqa: FBT001 (a row's)
    return ApiKey(key_id, account, name, frozenset(scopes), sees_phones, rate)
