"""The security keys with which accounts' callbacks are signed, read again every ten seconds."""

import asyncio
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import Executor

from worker.store.accounts import callback_keys
from worker.store.accounts.sealed_places import callback_key_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction
from worker.turbosms.callback import Callback, signed_by

#: Keys older than this are read again.
FRESH_S = 10.0
#: A signature that does not fit may be of a key that was set a moment ago; but a flood of forgeries shall not become a
#: flood of questions to PostgreSQL.
DOUBTED_S = 1.0


class KeysAwayError(Exception):
    """No key has been read yet and PostgreSQL does not answer, or ours does not open the account's."""


class Keys:
    """Asked in an event loop; PostgreSQL is read in a thread of `threads`."""

    def __init__(self, pool: Pool, seal: Seal, threads: Executor) -> None:
        self._pool = pool
        self._seal = seal
        self._threads = threads
        self._keys: Mapping[str, str | None] | None = None
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()
        # An account that does not exist differs by nothing, not even by time.
        self._nobodys = secrets.token_hex(32)

    async def order(self, account: str, callback: Callback) -> str | None:
        """In which order an account's key and the event's id were signed; None if with another key, or it has none.

        Raises:
            KeysAwayError: it cannot be judged now.
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

    def read(self) -> Mapping[str, str | None]:
        """The keys by account; None where SMS_SECRET_KEY does not open it, which concerns no other account.

        Raises:
            psycopg.Error: PostgreSQL does not answer.
        """
        with transaction(self._pool) as connection:
            sealed = callback_keys.sealed(connection)
        return {
            account: self._seal.opened_or_none(secret, callback_key_of(account)) for account, secret in sealed.items()
        }

    async def _younger_than(self, age: float) -> Mapping[str, str | None]:
        """The keys; older ones where PostgreSQL does not answer, for then nothing can be written down either."""
        async with self._asking:
            if time.monotonic() - self._asked_at > age:
                self._asked_at = time.monotonic()
                try:
                    self._keys = await asyncio.get_running_loop().run_in_executor(self._threads, self.read)
                except Exception as error:
                    if self._keys is None:
                        raise KeysAwayError from error
        if self._keys is None:
            raise KeysAwayError
        return self._keys
