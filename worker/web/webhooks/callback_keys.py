"""The security keys with which accounts' callbacks are signed, read anew now and then."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor

from worker.store.accounts import callback_keys
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction
from worker.turbosms.callback import Callback, signed_by


class OpenedKeys:
    """Reads them; what one account's key is sealed with is no matter of the others."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal

    def read(self) -> Mapping[str, str | None]:
        """The keys by account; None where SMS_SECRET_KEY does not open it, which is this process's state.

        Raises:
            psycopg.Error: nobody can tell.
        """
        with transaction(self._pool) as connection:
            sealed = callback_keys.sealed(connection)
        return {account: self._seal.opened_or_none(secret) for account, secret in sealed.items()}


#: Keys older than this are read again.
FRESH_S = 10.0
#: A signature that does not fit may be of a key that was set a moment ago; but a flood of forgeries shall not become a
#: flood of questions to PostgreSQL.
DOUBTED_S = 1.0


class KeysAwayError(Exception):
    """No key has been read yet and PostgreSQL does not tell any, or ours does not open the account's."""


class Keys:
    """Asked in an event loop; PostgreSQL is asked in a thread.

    Args:
        read: every account's key, by account, None where it does not open; it may raise.
        threads: where it runs.
    """

    def __init__(self, read: Callable[[], Mapping[str, str | None]], threads: Executor) -> None:
        self._read = read
        self._threads = threads
        self._keys: Mapping[str, str | None] | None = None
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()
        # Whose account there is not is told apart by nothing, not even by time.
        self._nobodys = secrets.token_hex(32)

    async def order(self, account: str, callback: Callback) -> str | None:
        """In which order an account's key and the event's id were signed; None if with another key, or it has none.

        Raises:
            KeysAwayError: nobody can tell.
        """
        key: str | None = None
        for age in (FRESH_S, DOUBTED_S):
            keys = await self._younger_than(age)
            key = keys.get(account, self._nobodys)
            if key is not None and (text := signed_by(callback, key)):
                return text
        if key is None:
            raise KeysAwayError
        return None

    async def _younger_than(self, age: float) -> Mapping[str, str | None]:
        """The keys; older ones where PostgreSQL does not answer, for then nothing can be written down either."""
        async with self._asking:
            if time.monotonic() - self._asked_at > age:
                self._asked_at = time.monotonic()
                try:
                    self._keys = await asyncio.get_running_loop().run_in_executor(self._threads, self._read)
                except Exception as error:
                    if self._keys is None:
                        raise KeysAwayError from error
        if self._keys is None:
            raise KeysAwayError
        return self._keys
