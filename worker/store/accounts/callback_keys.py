"""The security keys of accounts' callbacks, sealed as tokens are."""

from datetime import datetime

from worker.store.db.postgres import Connection, query_row

SEALED = "SELECT id, callback_secret FROM accounts WHERE callback_secret IS NOT NULL"

SEALED_OF = "SELECT callback_secret FROM accounts WHERE id = %(account)s AND callback_secret IS NOT NULL"

IS_SET = "SELECT callback_secret IS NOT NULL FROM accounts WHERE id = %(account)s"

REPLACE = "UPDATE accounts SET callback_secret = %(secret)s WHERE id = %(account)s"

LAST = "SELECT max(last_at) FROM callbacks WHERE account = %(account)s"


def sealed(connection: Connection) -> dict[str, bytes]:
    return {account: bytes(secret) for account, secret in connection.execute(SEALED)}


def sealed_of(connection: Connection, account: str) -> bytes | None:
    row = connection.execute(SEALED_OF, {"account": account}).fetchone()
    return bytes(row[0]) if row else None


def is_set(connection: Connection, account: str) -> bool:
    return connection.execute(IS_SET, {"account": account}).fetchone() == (True,)


def replace(connection: Connection, account: str, secret: bytes | None) -> bool:
    """Replace a sealed key; without one callbacks are refused. False if there is no such account."""
    return connection.execute(REPLACE, {"account": account, "secret": secret}).rowcount == 1


def last_callback(connection: Connection, account: str) -> datetime | None:
    """When TurboSMS posted a report of this account last."""
    return query_row(connection, LAST, {"account": account})[0]
