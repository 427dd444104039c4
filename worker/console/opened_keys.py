"""Every account's security key, opened."""

from __future__ import annotations

from collections.abc import Mapping

from worker.logs import log
from worker.store import callback_keys
from worker.store.postgres import Pool, transaction
from worker.store.secrets import Seal, WrongSecretError


class OpenedKeys:
    """Reads them; what one account's key is sealed with is no matter of the others, nor of keys that were taken back.

    One thread reads at a time.
    """

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal
        self._unopened: set[str] = set()

    def read(self) -> Mapping[str, str]:
        """The keys by account; one that SMS_SECRET_KEY does not open is left out, with one warning.

        Raises:
            psycopg.Error: nobody can tell.
        """
        with transaction(self._pool) as connection:
            sealed = callback_keys.sealed(connection)
        found: dict[str, str] = {}
        unopened: set[str] = set()
        for account, secret in sealed.items():
            try:
                found[account] = self._seal.open(secret)
            except WrongSecretError:
                unopened.add(account)
        for account in sorted(unopened - self._unopened):
            log.warning("callback_key.unopened", account=account)
        self._unopened = unopened
        return found
