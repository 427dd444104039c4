"""The stop-list."""

from __future__ import annotations

from collections.abc import Iterable

from worker.store.postgres import Connection

AMONG = """
SELECT account, recipient_key FROM suppressions WHERE recipient_key = ANY(%(keys)s)
"""


def among(connection: Connection, keys: Iterable[bytes]) -> set[tuple[str, bytes]]:
    """Which of these recipient keys are on whose stop-list."""
    wanted = list(keys)
    if not wanted:
        return set()
    return {(row[0], row[1]) for row in connection.execute(AMONG, {"keys": wanted})}
