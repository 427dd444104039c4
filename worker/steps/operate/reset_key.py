"""The key is lost: a new salt under the new key. What is stored with its phone is keyed anew, the rest is deleted."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from worker.core.planning.channel import dedupe_channel
from worker.core.planning.draft import key_of as row_key
from worker.core.triggers.recipient_key import key_of
from worker.store.accounts import salt_reset, sealed_values
from worker.store.accounts.salt_reset import Waiting
from worker.store.accounts.sealed_places import SALT
from worker.store.accounts.sealed_values import Kept
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Connection

SALT_BYTES = 32


def reset_key(connection: Connection, seal: Seal, *, now: datetime) -> None:
    """Seal a new salt with the newest key; accounts are paused until each has a token again."""
    salt = secrets.token_bytes(SALT_BYTES)
    sealed_values.replace(connection, [Kept("salt", None, seal.close(salt, SALT))])
    sealed_values.clear(connection, now=now)
    waiting = salt_reset.waiting(connection)
    salt_reset.purge(connection)
    phones = salt_reset.stopped_phones(connection)
    salt_reset.rekey_stopped(connection, {phone: key_of(phone, salt=salt) for phone in phones})
    salt_reset.rekey_waiting(connection, (rekeyed(item, salt) for item in waiting))


def rekeyed(waiting: Waiting, salt: bytes) -> Mapping[str, object]:
    person = key_of(waiting.phone, salt=salt)
    before, after = (
        row_key(waiting.account, waiting.trigger, waiting.dedupe_key, key, dedupe_channel(waiting.channel))
        for key in (waiting.recipient_key, person)
    )
    return {"month": waiting.month, "id": waiting.id, "person": person, "before": before, "after": after}
