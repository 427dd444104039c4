"""What is kept sealed: TurboSMS tokens and the salt of recipient keys."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from worker.store.postgres import Connection, one

KEEP = "INSERT INTO secrets (name, sealed) VALUES (%(name)s, %(sealed)s) ON CONFLICT (name) DO NOTHING"
READ = "SELECT sealed FROM secrets WHERE name = %(name)s FOR UPDATE"
RESEAL = "UPDATE secrets SET sealed = %(sealed)s WHERE name = %(name)s"
SALT = "recipient_salt"
#: Secrets that are held open.
OPENED_AT_MOST = 1_000


class WrongSecretError(Exception):
    """SMS_SECRET_KEY does not open what this database keeps sealed."""

    def __init__(self) -> None:
        super().__init__(
            "SMS_SECRET_KEY does not open this database's secrets. Give the key they were sealed with; to change it, "
            "write the new key, a comma and the old one."
        )


class Seal:
    """Seals with the first key and opens with any (AES-128-CBC and HMAC-SHA256, the Fernet format)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._newest = fernet(keys[0])
        self._fernet = MultiFernet([fernet(key) for key in keys])
        # The same few tokens are opened for every POST.
        self._decrypt = lru_cache(OPENED_AT_MOST)(self._fernet.decrypt)

    def close(self, secret: bytes) -> bytes:
        """Seal these bytes."""
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> str:
        """The text that was sealed.

        Raises:
            WrongSecretError: none of the keys fits.
        """
        return self.open_bytes(sealed).decode()

    def open_bytes(self, sealed: bytes) -> bytes:
        """The bytes that were sealed; raises as `open`."""
        try:
            return self._decrypt(sealed)
        except InvalidToken:
            raise WrongSecretError from None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the first key opens these bytes."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def renew(self, sealed: bytes) -> bytes:
        """The same secret under the first key; raises as `open`."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise WrongSecretError from None


def fernet(key: str) -> Fernet:
    """A Fernet key from any long text (HKDF, RFC 5869)."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"perfectum-sms seal 1").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def salt(connection: Connection, seal: Seal) -> bytes:
    """The installation's salt, made at first need; a changed key seals it anew and never replaces it."""
    connection.execute(KEEP, {"name": SALT, "sealed": seal.close(secrets.token_bytes(32))})
    sealed = bytes(one(connection, READ, {"name": SALT})[0])
    found = seal.open_bytes(sealed)
    if not seal.is_newest(sealed):
        connection.execute(RESEAL, {"name": SALT, "sealed": seal.renew(sealed)})
    return found
