"""Every account's security key, opened."""

from __future__ import annotations

from collections.abc import Mapping

from worker.store.accounts import callback_keys
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, transaction


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
