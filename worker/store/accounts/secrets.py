"""What is kept sealed: TurboSMS tokens and the salt of recipient keys."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from worker.store.accounts.wrong_secret import WrongSecretError
from worker.store.db.postgres import Connection, query_row

KEEP = "INSERT INTO secrets (name, sealed) VALUES (%(name)s, %(sealed)s) ON CONFLICT (name) DO NOTHING"
#: Whoever seals something holds it until the commit, so that no rotation passes by unseen.
READ = "SELECT sealed FROM secrets WHERE name = %(name)s FOR SHARE"
SALT = "recipient_salt"
#: Secrets that are held open.
OPENED_AT_MOST = 1_000


class Seal:
    """Seals with the first key and opens with any (AES-128-CBC and HMAC-SHA256, the Fernet format)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)
        self._each = [fernet(key) for key in keys]
        self._fernet = MultiFernet(self._each)
        # The same few tokens are opened for every POST.
        self._decrypt = lru_cache(OPENED_AT_MOST)(self._fernet.decrypt)

    def close(self, secret: bytes) -> bytes:
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> str:
        """Open a sealed text.

        Raises:
            WrongSecretError: none of the keys fits.
        """
        return self.open_bytes(sealed).decode()

    def open_bytes(self, sealed: bytes) -> bytes:
        """Open sealed bytes; raises as `open`."""
        try:
            return self._decrypt(sealed)
        except InvalidToken:
            raise WrongSecretError from None

    def opens(self, sealed: bytes) -> bool:
        try:
            self.open_bytes(sealed)
        except WrongSecretError:
            return False
        return True

    def opened_or_none(self, sealed: bytes) -> str | None:
        try:
            return self.open(sealed)
        except WrongSecretError:
            return None

    def opener(self, sealed: bytes) -> int | None:
        """Index of the key that opens these bytes, the newest being 0; None: none of them."""
        for nth, key in enumerate(self._each):
            try:
                key.decrypt(sealed)
            except InvalidToken:
                continue
            return nth
        return None

    def led_by(self, nth: int) -> Seal:
        """A seal that opens the same and closes with the nth key."""
        return Seal([self._keys[nth], *self._keys[:nth], *self._keys[nth + 1 :]])

    def renew(self, sealed: bytes) -> bytes:
        """Reseal with the first key; raises as `open`."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise WrongSecretError from None


def fernet(key: str) -> Fernet:
    """A Fernet key from any long text (HKDF, RFC 5869)."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"perfectum-sms seal 1").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def salt(connection: Connection, seal: Seal) -> bytes:
    """Return the installation's salt, made at first need.

    Raises:
        WrongSecretError: it was sealed with a key that is not given.
    """
    return seal.open_bytes(sealed_salt(connection, seal))


def current(connection: Connection, seal: Seal) -> Seal:
    """A seal that closes with the key in use until it is rotated, which processes without the newest key open.

    Raises:
        WrongSecretError: it was sealed with a key that is not given.
    """
    nth = seal.opener(sealed_salt(connection, seal))
    if nth is None:
        raise WrongSecretError
    return seal.led_by(nth)


def sealed_salt(connection: Connection, seal: Seal) -> bytes:
    connection.execute(KEEP, {"name": SALT, "sealed": seal.close(secrets.token_bytes(32))})
    return bytes(query_row(connection, READ, {"name": SALT})[0])
