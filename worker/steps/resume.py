"""A person lets something that stood still go on, and what spoke against it is forgotten."""

from __future__ import annotations

from collections.abc import Collection

from worker.core.sending.pause import PROVIDER
from worker.store import pauses, rates, tellings, volumes
from worker.store.postgres import Connection, clock


def resume(connection: Connection, account: str, scopes: Collection[str] | None = None) -> list[str]:
    """Let an account, or these scopes of it, go on; the answer tells what stood still.

    A provider's failures weigh nothing any more; a trigger's running hour and a person's running day count anew, or
    the next text would stop them again.
    """
    now = clock(connection)
    resumed = pauses.resume(connection, account, scopes, now=now)
    for scope in resumed:
        match scope.partition("/"):
            case ("trigger", _, trigger):
                volumes.forget_hour(connection, account, trigger, now=now)
            case ("person", _, key):
                tellings.forget_day(connection, account, bytes.fromhex(key), now=now)
            case _ if scope == PROVIDER:
                rates.forgive(connection, account)
            case _:
                pass
    return resumed
