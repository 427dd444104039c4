"""Everything that is kept sealed with SMS_SECRET_KEY, read as one and sealed anew as one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from worker.store.accounts.sealed_places import SALT, Place, callback_key_of, signing_key_of, token_of
from worker.store.db.postgres import NONE, Asked, Connection, as_rows, query_row

SealedKind = Literal["salt", "token", "callback key", "signing key"]

#: What is looked at: a console that takes callbacks alone may read no more than their keys.
Extent = Literal["everything", "callbacks"]

CALLBACK_KEYS = """
SELECT 'callback key', id, NULL, callback_secret FROM accounts WHERE callback_secret IS NOT NULL
"""

#: An account whose token is empty has none.
KEPT = f"""
SELECT 'salt', NULL, NULL::bigint, sealed FROM secrets WHERE name = 'recipient_salt'
UNION ALL
SELECT 'token', id, NULL, token FROM accounts WHERE token <> ''
UNION ALL
{CALLBACK_KEYS}
UNION ALL
SELECT 'signing key', account, id, sealed_secret FROM api_keys WHERE sealed_secret IS NOT NULL
ORDER BY 1 DESC, 2, 3
"""

#: Changes whenever anything sealed does.
MARK = """
SELECT
    version, (SELECT sealed FROM secrets WHERE name = 'recipient_salt'),
    (SELECT max(id) FROM api_keys WHERE sealed_secret IS NOT NULL)
FROM configuration
"""

MARK_OF_CALLBACKS = "SELECT version FROM configuration"

#: Whoever seals something holds the salt's row until the commit.
HOLD = "SELECT FROM secrets WHERE name = 'recipient_salt' FOR UPDATE"

REPLACE_SALT = """
INSERT INTO secrets (name, sealed) VALUES ('recipient_salt', %(sealed)s)
ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed
"""

REPLACE = """
UPDATE accounts AS a
SET
    token = coalesce(decode(r.token, 'hex'), a.token),
    callback_secret = coalesce(decode(r.callback_key, 'hex'), a.callback_secret)
FROM json_to_recordset(%(rows)s::json) AS r(account text, token text, callback_key text)
WHERE a.id = r.account
"""

REPLACE_SIGNING_KEY = "UPDATE api_keys SET sealed_secret = %(sealed)s WHERE id = %(number)s"

EMPTY = "SELECT id FROM accounts WHERE token = '' ORDER BY id"

CLEAR = "UPDATE accounts SET token = '', callback_secret = NULL"

#: What a key signs cannot be checked any more.
REVOKE_SIGNING_KEYS = "UPDATE api_keys SET revoked_at = %(now)s, sealed_secret = NULL WHERE sealed_secret IS NOT NULL"

#: No probe goes without a token, so that a person resumes it.
STOP = """
INSERT INTO pauses AS known (account, scope, reason, since, paused_by)
SELECT id, 'account', 'no_token', %(now)s, 'key reset' FROM accounts
ON CONFLICT (account, scope) DO UPDATE SET
    reason = excluded.reason, code = NULL, since = excluded.since, paused_by = excluded.paused_by, probe_at = NULL
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A sealed value; the salt is the installation's, the rest an account's, which may have several signing keys."""

    sealed_kind: SealedKind
    account: str | None
    sealed: bytes
    number: int | None = None

    @property
    def place(self) -> Place:
        if self.account is None:
            return SALT
        if self.number is not None:
            return signing_key_of(self.account, self.number)
        return token_of(self.account) if self.sealed_kind == "token" else callback_key_of(self.account)

    def __str__(self) -> str:
        if self.number is not None:
            return f"{self.sealed_kind} {self.number} of {self.account}"
        return f"{self.sealed_kind} of {self.account}" if self.account else self.sealed_kind


def mark(connection: Connection, of: Extent) -> Asked:
    """Return a mark that changes whenever a sealed value does."""
    return query_row(connection, MARK if of == "everything" else MARK_OF_CALLBACKS)


def load(connection: Connection, of: Extent = "everything") -> list[Kept]:
    return [
        Kept(sealed_kind, account, bytes(sealed), number)
        for sealed_kind, account, number, sealed in connection.execute(KEPT if of == "everything" else CALLBACK_KEYS)
    ]


def hold(connection: Connection) -> None:
    connection.execute(HOLD)


def replace(connection: Connection, kept: Iterable[Kept]) -> None:
    rows: Mapping[str, dict[str, str]] = defaultdict(dict)
    for value in kept:
        if value.account is None:
            connection.execute(REPLACE_SALT, {"sealed": value.sealed})
        elif value.number is not None:
            connection.execute(REPLACE_SIGNING_KEY, {"number": value.number, "sealed": value.sealed})
        else:
            rows[value.account][value.sealed_kind.replace(" ", "_")] = value.sealed.hex()
    changed = as_rows({"account": account, **columns} for account, columns in rows.items())
    if changed != NONE:
        connection.execute(REPLACE, {"rows": changed})


def without_token(connection: Connection) -> list[str]:
    return [account for (account,) in connection.execute(EMPTY)]


def clear(connection: Connection, *, now: datetime) -> None:
    """Delete tokens, callback keys and signing keys of all accounts, and pause them until each has a token again."""
    connection.execute(CLEAR)
    connection.execute(REVOKE_SIGNING_KEYS, {"now": now})
    connection.execute(STOP, {"now": now})
