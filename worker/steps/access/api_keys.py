"""Keys of the API: made and shown once, revoked at once, and checked at each call."""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from worker.core.access.api_key import EMBED, RATE, SECRET_BYTES, ApiKey, Scope, digest, presented, written
from worker.store.access import api_keys
from worker.store.access.api_keys import NewKey
from worker.store.accounts.sealed_places import signing_key_of
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection

if TYPE_CHECKING:
    from worker.store.accounts.secrets import Seal

#: What a key that does not exist is compared with, so that it takes as long.
NOBODYS = digest(secrets.token_urlsafe(SECRET_BYTES))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key that somebody asks for; without an end it is valid until it is revoked."""

    account: str
    name: str
    scopes: Collection[Scope]
    sees_phones: bool = False
    rate: int = RATE
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A new key; its text is shown now and never again."""

    id: int
    text: str


def make(connection: Connection, seal: "Seal", wanted: Wanted, *, by: str, now: datetime) -> Made:
    """Make a key whose `api_key.fault` is None."""
    key_id, secret = api_keys.next_id(connection), secrets.token_urlsafe(SECRET_BYTES)
    signs = EMBED in wanted.scopes
    sealed = seal.close(secret.encode(), signing_key_of(wanted.account, key_id)) if signs else None
    kept = (None, sealed) if signs else (digest(secret), None)
    api_keys.add(
        connection,
        NewKey(
            key_id,
            wanted.account,
            wanted.name,
            wanted.scopes,
            wanted.sees_phones,
            wanted.rate,
            now,
            wanted.expires_at,
            *kept,
        ),
    )
    after = {
        "name": wanted.name,
        "scopes": sorted(wanted.scopes),
        "sees_phones": wanted.sees_phones,
        "rate": wanted.rate,
        "expires_at": wanted.expires_at,
    }
    note(connection, by, "api_key", f"key/{key_id}", account=wanted.account, after=after, now=now)
    return Made(key_id, written(key_id, secret))


def revoke(connection: Connection, key_id: int, *, by: str, now: datetime) -> ApiKey | None:
    """End a key at once; None where there is no valid one."""
    key = api_keys.revoke(connection, key_id, now=now)
    if key is not None:
        before, after = {"name": key.name, "is_revoked": False}, {"is_revoked": True}
        note(connection, by, "api_key", f"key/{key_id}", account=key.account, before=before, after=after, now=now)
    return key


def authenticate(connection: Connection, authorization: str | None, now: datetime) -> ApiKey | None:
    """Whose key a header holds; None alike for a wrong one, one that has expired and one that was revoked."""
    given = presented(authorization)
    known = api_keys.find(connection, given.id if given else 0, now=now)
    is_right = hmac.compare_digest(digest(given.secret if given else ""), known.kept if known else NOBODYS)
    if known is None or not is_right:
        return None
    if known.is_unnoted:
        api_keys.note_use(connection, known.key.id, now=now)
    return known.key
