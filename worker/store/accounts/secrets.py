"""What is kept sealed: TurboSMS tokens, callback keys and the salt of recipient keys, each in its own place only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import LiteralString

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from worker.store.accounts.sealed_places import PURPOSES, SALT, Place, Purpose
from worker.store.accounts.wrong_secret import WrongSecretError
from worker.store.db.postgres import Connection, query_row

KEEP = "INSERT INTO secrets (name, sealed) VALUES (%(name)s, %(sealed)s) ON CONFLICT (name) DO NOTHING"
READ = "SELECT sealed FROM secrets WHERE name = %(name)s"
#: Whoever seals something holds it until the commit, so that no rotation passes by unseen.
HOLD = f"{READ} FOR SHARE"
#: Secrets that are held open.
OPENED_AT_MOST = 1_000
#: The first byte of what is sealed, then come nonce, ciphertext and tag.
VERSION = b"\x01"
NONCE_BYTES, KEY_BYTES = 12, 32

DerivedKeys = Mapping[Purpose, bytes]


class Seal:
    """Seals with the first key and opens with any (AES-256-GCM, the place as associated data)."""

    def __init__(self, keys: Sequence[str | DerivedKeys]) -> None:
        self._keys = [derived_keys(key) if isinstance(key, str) else key for key in keys]
        self._each = [{purpose: AESGCM(key) for purpose, key in keys.items()} for keys in self._keys]
        # The same few tokens are opened for every POST.
        self._opened: Callable[[bytes, Place], tuple[int, bytes]] = lru_cache(OPENED_AT_MOST)(self._try_each)

    def close(self, secret: bytes, place: Place) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._each[0][place.purpose].encrypt(nonce, secret, VERSION + place.associated_data)

    def open(self, sealed: bytes, place: Place) -> str:
        """Open a sealed text.

        Raises:
            WrongSecretError: none of the keys fits, or it was sealed in another place.
        """
        return self.open_bytes(sealed, place).decode()

    def open_bytes(self, sealed: bytes, place: Place) -> bytes:
        """Open sealed bytes; raises as `open`."""
        return self._opened(sealed, place)[1]

    def opens(self, sealed: bytes, place: Place) -> bool:
        return self.opener(sealed, place) is not None

    def opened_or_none(self, sealed: bytes, place: Place) -> str | None:
        try:
            return self.open(sealed, place)
        except WrongSecretError:
            return None

    def opener(self, sealed: bytes, place: Place) -> int | None:
        """Index of the key that opens these bytes, the newest being 0; None: none of them."""
        try:
            return self._opened(sealed, place)[0]
        except WrongSecretError:
            return None

    def led_by(self, nth: int) -> Seal:
        """A seal that opens the same and closes with the nth key."""
        return Seal([self._keys[nth], *self._keys[:nth], *self._keys[nth + 1 :]])

    def renew(self, sealed: bytes, place: Place) -> bytes:
        """Reseal with the first key; raises as `open`."""
        return self.close(self.open_bytes(sealed, place), place)

    def _try_each(self, sealed: bytes, place: Place) -> tuple[int, bytes]:
        """Index of the key that opens it, and what was in it."""
        nonce, closed = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        for nth, ciphers in enumerate(self._each if sealed.startswith(VERSION) else ()):
            cipher = ciphers.get(place.purpose)
            try:
                if cipher is not None:
                    return nth, cipher.decrypt(nonce, closed, VERSION + place.associated_data)
            except (InvalidTag, ValueError):  # the latter where it is too short to have been sealed
                continue
        raise WrongSecretError


def derived_keys(key: str) -> DerivedKeys:
    """A key for each purpose, from any long text: none leads to another, nor back."""
    return {purpose: derived(key, purpose) for purpose in PURPOSES}


def derived(key: str, purpose: Purpose) -> bytes:
    """HKDF (RFC 5869)."""
    info = f"perfectum-sms {purpose} 1".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key.encode())


def salt(connection: Connection, seal: Seal) -> bytes:
    """Return the installation's salt, made at first need; to read it waits for no rotation.

    Raises:
        WrongSecretError: it was sealed with a key that is not given.
    """
    return seal.open_bytes(sealed_salt(connection, seal, READ), SALT)


def current(connection: Connection, seal: Seal) -> Seal:
    """A seal that closes with the key in use until it is rotated, which processes without the newest key open.

    Raises:
        WrongSecretError: it was sealed with a key that is not given.
    """
    nth = seal.opener(sealed_salt(connection, seal, HOLD), SALT)
    if nth is None:
        raise WrongSecretError
    return seal.led_by(nth)


def sealed_salt(connection: Connection, seal: Seal, statement: LiteralString) -> bytes:
    row = connection.execute(statement, {"name": SALT.owner}).fetchone()
    if row is None:
        connection.execute(KEEP, {"name": SALT.owner, "sealed": seal.close(secrets.token_bytes(32), SALT)})
        row = query_row(connection, statement, {"name": SALT.owner})
    return bytes(row[0])
