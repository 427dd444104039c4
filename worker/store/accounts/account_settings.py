"""The columns of an account's settings: read under a lock, written as a whole."""

from collections.abc import Sequence
from typing import Any, LiteralString

from worker.core.accounts.settings import SETTINGS, AccountSettings
from worker.store.db.postgres import Connection

NAMES: list[LiteralString] = [column for setting in SETTINGS for column in setting.columns]
COLUMNS = ", ".join(NAMES)
VALUES = "%(" + ")s, %(".join(NAMES) + ")s"

READ = f"SELECT {COLUMNS} FROM accounts WHERE id = %(account)s"

LOCK = READ + " FOR UPDATE"

SAVE = f"UPDATE accounts SET ({COLUMNS}) = ROW({VALUES}) WHERE id = %(account)s"


def read(connection: Connection, account: str, *, statement: LiteralString = READ) -> AccountSettings | None:
    row = connection.execute(statement, {"account": account}).fetchone()
    return None if row is None else AccountSettings(**fields_of(row))


def lock(connection: Connection, account: str) -> AccountSettings | None:
    """Read an account's settings and lock them until the transaction ends."""
    return read(connection, account, statement=LOCK)


def save(connection: Connection, account: str, settings: AccountSettings) -> None:
    """Write an account's settings; workers read them at their next look.

    Raises:
        psycopg.errors.CheckViolation: one of them is out of its range.
    """
    connection.execute(SAVE, {"account": account, **values_of(settings)})


def values_of(settings: AccountSettings) -> dict[str, object]:
    values = [
        value for setting in SETTINGS for value in setting.setting_kind.to_columns(getattr(settings, setting.attribute))
    ]
    return dict(zip(NAMES, values, strict=True))


def fields_of(row: Sequence[Any]) -> dict[str, Any]:
    """Read fields of settings from a row that begins with COLUMNS."""
    fields: dict[str, Any] = {}
    start = 0
    for setting in SETTINGS:
        end = start + len(setting.columns)
        fields[setting.attribute] = setting.setting_kind.from_columns(row[start:end])
        start = end
    return fields
