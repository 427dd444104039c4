"""Who may see a client's page: whoever holds an address that the account's key has signed, for as long as it says."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from worker.core.access.api_key import EMBED, SECRET_BYTES, ApiKey, written
from worker.core.access.signed_address import Address, Presented
from worker.store.access import api_keys
from worker.store.access.api_keys import KnownKey
from worker.store.accounts.sealed_places import signing_key_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Connection

#: By which no address is signed.
NOBODYS = written(1, secrets.token_urlsafe(SECRET_BYTES))


@dataclass(frozen=True, slots=True)
class Admitted:
    """An address that is right, and by whose key."""

    address: Address
    key: ApiKey

    @property
    def sees_phones(self) -> bool:
        return "phones" in self.address.rights


def admitted(connection: Connection, seal: Seal, given: Presented, now: datetime) -> Admitted | None:
    """Prove an address; None alike for one that is forged, has expired, or asks for what its key may not give."""
    if not given.address.is_timely(now):
        return None
    known = api_keys.find(connection, given.address.key, now=now)
    key = (known and signing_key(seal, known)) or NOBODYS
    if not given.is_signed_with(key) or known is None or not is_for(known.key, given):
        return None
    if known.is_unnoted:
        api_keys.note_use(connection, known.key.id, now=now)
    return Admitted(given.address, known.key)


def signing_key(seal: Seal, known: KnownKey) -> str | None:
    """The key as it was shown, where it signs."""
    if not known.key.may(EMBED):
        return None
    secret = seal.opened_or_none(known.kept, signing_key_of(known.key.account, known.key.id))
    return None if secret is None else written(known.key.id, secret)


def is_for(key: ApiKey, given: Presented) -> bool:
    address = given.address
    return address.account == key.account and (key.sees_phones or "phones" not in address.rights)
